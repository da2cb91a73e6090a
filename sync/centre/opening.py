"""Parts opened with the centre's key. Who opened what, and what for, is committed before anything is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from sync.centre.queries import Wanted, records
from sync.centre.sql import Database
from sync.protocol import parts
from sync.protocol.parts import CannotOpen
from sync.protocol.record import Record


class BadKey(Exception):
    """The file is no X25519 private key, or others may read it."""


class Clock(Protocol):
    def now_ms(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Person:
    """Who opens, and for which purpose: both are written down as they are given."""

    who: str
    why: str


@dataclass(frozen=True, slots=True)
class Opened:
    """`members` of a sealed entry, or None and `why` not: `erased`, or `key`: no wrap for us, or a lost one."""

    h: str
    members: Mapping[str, Any] | None
    why: str = ""


def read_key(path: Path) -> bytes:
    """32 raw bytes of a PEM file that only its owner can read. Raises BadKey."""
    try:
        if path.stat().st_mode & 0o077:
            raise BadKey(f"{path.name}: only its owner may read it (0600)")
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise BadKey(f"{path.name} cannot be read as a key") from error
    if not isinstance(key, X25519PrivateKey):
        raise BadKey(f"{path.name} is no X25519 key")
    return key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())


class Opening:
    """Keys of people and cases, unwrapped as they are needed and kept while this object lives."""

    def __init__(self, db: Database, key: bytes, key_id: str, person: Person, clock: Clock) -> None:
        self._db = db
        self._key = key
        self._key_id = key_id
        self._person = person
        self._clock = clock
        self._keys: dict[tuple[str, str], bytes | None] = {}

    def open(self, found: Record) -> list[Opened]:
        """Every sealed entry of a record, in its order. Raises NotKept: nothing was opened."""
        entries = list(found.data.get("sealed", ()))
        if entries:
            self._write_down(found, [str(entry["h"]) for entry in entries])
        return [self._open(found, entry) for entry in entries]

    def _open(self, found: Record, entry: Mapping[str, str]) -> Opened:
        site, h = str(found.data["site"]), entry["h"]
        rows = self._db.rows("SELECT bytes FROM parts WHERE site = ? AND h = ?", (site, h))
        if not rows or rows[0][0] is None:
            return Opened(h, None, "erased")
        key = self._key_of(site, entry.get("kid", ""))
        if key is None:
            return Opened(h, None, "key")
        try:
            plain = parts.unseal(entry, bytes(rows[0][0]), key=key, site=site, kind=found.kind, subject=found.subject)
        except CannotOpen:
            return Opened(h, None, "key")
        return Opened(h, plain)

    def _key_of(self, site: str, kid: str) -> bytes | None:
        if (site, kid) not in self._keys:
            self._keys[site, kid] = self._unwrapped(site, kid)
        return self._keys[site, kid]

    def _unwrapped(self, site: str, kid: str) -> bytes | None:
        for issued in records(self._db, Wanted(site, kind="key.issued", once=True)):
            if issued.body.get("kid") != kid:
                continue
            for wrap in issued.body.get("wrapped", ()):
                rows = self._db.rows("SELECT bytes FROM parts WHERE site = ? AND h = ?", (site, wrap["h"]))
                if wrap.get("to") == self._key_id and rows and rows[0][0] is not None:
                    try:
                        return parts.unwrap_key(bytes(rows[0][0]), private=self._key, site=site, kid=kid)
                    except CannotOpen:
                        return None
        return None

    def _write_down(self, found: Record, opened: list[str]) -> None:
        at, site = self._clock.now_ms(), found.data["site"]
        with self._db.transaction():
            self._db.run_many(
                "INSERT INTO disclosures(at, who, why, site, epoch, seq, h) VALUES(?, ?, ?, ?, ?, ?, ?)",
                [(at, self._person.who, self._person.why, site, found.epoch, found.seq, h) for h in opened],
            )
