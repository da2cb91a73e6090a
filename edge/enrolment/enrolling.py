"""One enrolment, from the voucher to the stored identity. It may be killed anywhere and run again with the voucher."""

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from edge.enrolment import asking
from edge.enrolment.errors import EnrolmentError
from edge.enrolment.identity import FILE, FOLDER, SiteIdentity
from edge.journal.errors import BadKeyFile, JournalError
from edge.journal.keys import KEY_BYTES, KeyRing
from edge.journal.planting import KeyRow, plant
from edge.journal.schema import FILE as JOURNAL
from sync.certificates import Request
from sync.enrolment import ESCROW_KID, RETURN_KID, Ask, Returned, Voucher, hashed
from sync.private_files import write_private
from sync.protocol import parts, record
from sync.protocol.parts import CannotOpen
from sync.protocol.record import BadRecord, Record

ASKED: Final = "asked.json"
_NONCE_BYTES: Final = 12


class Box(NamedTuple):
    """Where things lie on this box. `site_key`: file of 32 bytes, mode 0600."""

    data: Path
    site_key: Path

    @property
    def folder(self) -> Path:
        return self.data / FOLDER


class Done(NamedTuple):
    """`keys`: of people and cases that came back with a replacement."""

    identity: SiteIdentity
    keys: int


async def enrol(voucher: Voucher, box: Box, *, random_bytes: Callable[[int], bytes] = os.urandom) -> Done:
    """Raises EnrolmentError, OSError. The identity file is written last: what was done before it counts for nothing."""
    _check_box(voucher, box)
    authority = await asking.authority_of(voucher)
    waiting = _Waiting.of(box.folder, voucher, random_bytes)
    asked = Ask(
        site=voucher.site, secret=voucher.secret, request=waiting.request.pem, transport=waiting.transport_public
    )
    if not voucher.replaces:
        ring = _ring(box, create=True, random_bytes=random_bytes)
        escrow = (await asking.centre_keys(voucher.address, authority)).escrow
        wrapped = parts.wrap_key(ring.site_key, public=escrow.public, site=voucher.site, kid=ESCROW_KID)
        asked = asked.model_copy(update={"public": ring.exchange_public, "escrow": wrapped})
    enrolled = await asking.ask(voucher.address, authority, asked)
    if not voucher.names_authority(enrolled.authority):
        raise EnrolmentError("other_centre")
    count = 0
    if voucher.replaces:
        if enrolled.returned is None:
            raise EnrolmentError("garbled")
        count = _take_back(voucher.site, box, waiting, enrolled.returned, random_bytes)
    made = SiteIdentity.store(box.folder, waiting.request, enrolled, site=voucher.site, service=voucher.address)
    (box.folder / ASKED).unlink(missing_ok=True)
    _give_to_owner(box)
    return Done(made, count)


def _check_box(voucher: Voucher, box: Box) -> None:
    """A replacement is for an empty box; one that was begun with this voucher goes on."""
    if _Waiting.kept(box.folder, voucher) is not None:
        return
    if not voucher.replaces:
        if (box.data / JOURNAL).exists() and not box.site_key.exists():
            raise EnrolmentError("key_missing")  # a new one would close every case of this journal
        return
    if (box.data / JOURNAL).exists():
        raise EnrolmentError("journal_there")
    if box.site_key.exists():
        raise EnrolmentError("key_there")


def _ring(box: Box, *, create: bool, random_bytes: Callable[[int], bytes]) -> KeyRing:
    try:
        return KeyRing.load(box.site_key, create=create, random_bytes=random_bytes)
    except BadKeyFile as error:
        raise EnrolmentError("site_key", problem=str(error)) from error


def _take_back(
    site: str, box: Box, waiting: "_Waiting", returned: Returned, random_bytes: Callable[[int], bytes]
) -> int:
    """The site's key, then its journal with the keys of people and cases."""
    try:
        key = parts.unwrap_key(returned.site_key, private=waiting.transport, site=site, kid=RETURN_KID)
        first = _first(site, returned.first)
    except (CannotOpen, BadRecord) as error:
        raise EnrolmentError("garbled") from error
    if not box.site_key.exists():
        write_private(box.site_key, key)
    ring = _ring(box, create=False, random_bytes=random_bytes)
    if ring.site_key != key:
        raise EnrolmentError("key_there")
    if first is None:
        return 0
    rows = _key_rows(site, ring, returned, random_bytes)
    try:
        plant(box.data, first, rows)
    except JournalError as error:
        raise EnrolmentError("journal", problem=str(error)) from error
    return len(rows)


def _first(site: str, raw: str) -> Record | None:
    if not raw:
        return None
    first = record.parse(raw.encode())
    if first.seq != 1 or first.data["site"] != site:
        raise BadRecord("format", "not the first record of this site")
    return first


def _key_rows(site: str, ring: KeyRing, returned: Returned, random_bytes: Callable[[int], bytes]) -> list[KeyRow]:
    """What the centre wrapped for another key is left out: its parts stay closed, the hall opens all the same."""
    found = []
    for one in returned.keys:
        try:
            key = parts.unwrap_key(one.wrapped, private=ring.exchange_key, site=site, kid=one.kid)
        except CannotOpen:
            continue
        wrapped = ring.wrap_for_site(key, site=site, kid=one.kid, nonce=random_bytes(_NONCE_BYTES))
        found.append((one.kid, one.owner, wrapped))
    return found


class _Waiting:
    """Keys made for one voucher, kept until its enrolment is done: a second run asks with the same request."""

    def __init__(self, request: Request, transport: bytes) -> None:
        self.request = request
        self.transport = transport
        self.transport_public = X25519PrivateKey.from_private_bytes(transport).public_key().public_bytes_raw()

    @classmethod
    def of(cls, folder: Path, voucher: Voucher, random_bytes: Callable[[int], bytes]) -> "_Waiting":
        if (kept := cls.kept(folder, voucher)) is not None:
            return kept
        made = cls(Request(voucher.site), random_bytes(KEY_BYTES))
        found = {
            "voucher": hashed(voucher.secret),
            "key": made.request.key_pem().decode(),
            "request": made.request.pem,
            "transport": b64encode(made.transport).decode(),
        }
        write_private(folder / ASKED, json.dumps(found).encode())
        return made

    @classmethod
    def kept(cls, folder: Path, voucher: Voucher) -> "_Waiting | None":
        """None for another voucher's, or none that can be read."""
        try:
            found = json.loads((folder / ASKED).read_bytes())
            if found["voucher"] != hashed(voucher.secret):
                return None
            key = load_pem_private_key(found["key"].encode(), None)
            if not isinstance(key, ec.EllipticCurvePrivateKey):
                return None
            return cls(Request.kept(key, found["request"]), b64decode(found["transport"], validate=True))
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return None


def _give_to_owner(box: Box) -> None:
    """Enrolled by root, used by the service: everything belongs to whom the data folder belongs to."""
    if os.getuid() != 0:
        return
    owner = box.data.stat()
    keys = [box.site_key] if box.site_key.is_relative_to(box.data) else []
    for path in (box.folder, box.folder / FILE, *keys, *box.data.glob("journal.*")):
        os.chown(path, owner.st_uid, owner.st_gid)
