"""From a draft to the skeleton of a record: codes only, everything else is refused as a type error."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from edge.journal.errors import FreeText, RecordTooBig
from edge.rules.records import KINDS, Draft
from sync.protocol import record
from sync.protocol.record import MAX_RECORD_BYTES, Alg, Record

CODE: Final = re.compile(r"[A-Za-z0-9:._-]{1,80}")
_BODY_CODE: Final = re.compile(r"[A-Za-z0-9:._/+=@-]{0,160}")
_ID_NUMBER: Final = re.compile(r"(?<![0-9A-Za-z])[0-9]{17}[0-9Xx](?![0-9A-Za-z])")
ROOM_FOR_BIRTH: Final = 256  # a later epoch writes the record again with `was` and perhaps a longer seq
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Place(NamedTuple):
    """Where and when a record stands: all that does not come from its draft."""

    site: str
    epoch: str
    seq: int
    prev: str
    at: str
    up: int
    boot: str
    alg: Alg
    cmd: str | None


class Content(NamedTuple):
    """What happened, in the members of sync.md section 2."""

    kind: str
    subject: str
    actor: str
    v: int
    body: Mapping[str, Any]
    business_date: str | None = None


def content_of(draft: Draft) -> Content:
    """Check a draft and take its public side. Raises FreeText, TypeError."""
    known = KINDS.get((draft.kind, draft.v))
    if known is not None and not isinstance(draft.body, known):
        raise TypeError(f"{draft.kind} v{draft.v} carries {known.__name__}, not {type(draft.body).__name__}")
    for name, value in (("kind", draft.kind), ("subject", draft.subject), ("actor", draft.actor)):
        check_code(name, value)
    if draft.business_date is not None and not _DATE.fullmatch(draft.business_date):
        raise FreeText("business_date is not YYYY-MM-DD")
    body = draft.body.model_dump(mode="json", by_alias=True)  # lists, as they are read back
    _check_body("body", body)
    return Content(draft.kind, draft.subject, draft.actor, draft.v, body, draft.business_date)


def check_code(name: str, value: str) -> None:
    """Raise FreeText unless `value` is a code; the message never repeats it."""
    if not CODE.fullmatch(value) or _ID_NUMBER.search(value):
        raise FreeText(f"{name} is not a code")


def build(place: Place, content: Content, sealed: list[Mapping[str, str]]) -> Record:
    """Number, hash and serialise one record."""
    members: dict[str, Any] = {
        "seq": place.seq,
        "site": place.site,
        "epoch": place.epoch,
        "at": place.at,
        "up": place.up,
        "kind": content.kind,
        "v": content.v,
        "subject": content.subject,
        "actor": content.actor,
        "body": content.body,
        "prev": place.prev,
        "alg": place.alg,
        "boot": place.boot,
    }
    if place.cmd is not None:
        members["cmd"] = place.cmd
    if content.business_date is not None:
        members["business_date"] = content.business_date
    if sealed:
        members["sealed"] = sealed
    return record.build(members)


def check_size(made: Record, blobs: Iterable[bytes]) -> None:
    """Raise RecordTooBig when the record and its parts in base64 pass what a batch can carry."""
    size = shipped_size(made, blobs)
    most = MAX_RECORD_BYTES - ROOM_FOR_BIRTH
    if size > most:
        raise RecordTooBig(f"{made.kind}: {size} bytes with its parts, at most {most}")


def shipped_size(made: Record, blobs: Iterable[bytes]) -> int:
    """Bytes that the record and its parts take in a batch; for each part its name and JSON marks count too."""
    return len(made.raw) + sum(4 * ((len(blob) + 2) // 3) + 72 for blob in blobs)


def _check_body(where: str, value: Any) -> None:
    if isinstance(value, str):
        if not _BODY_CODE.fullmatch(value) or _ID_NUMBER.search(value):
            raise FreeText(f"{where} is not a code")
    elif isinstance(value, Mapping):
        for name, member in value.items():
            _check_body(f"{where}.{name}", member)
    elif isinstance(value, list | tuple):
        for member in value:
            _check_body(where, member)
