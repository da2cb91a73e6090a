"""Is a stored row still the record that was written? The fast check of the hot paths."""

import hashlib
from typing import Any, Final, Literal

import orjson

from sync.protocol.record import BadRecord, Record, parse

Why = Literal["form", "hash", "prev", "deleted", "swapped", "cut", "cmd", "part", "unreadable", "segment", "dropped"]
_HASH_MEMBER: Final = b',"hash":"%s"'


class BrokenRow(ValueError):
    """`why` is one word of Why."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why: Why = why


def read_row(raw: bytes) -> Record:
    """The record of a stored row, checked against its own hash. Raises BrokenRow.

    The stored bytes are canonical, so the hashed text is these bytes without the `hash` member; a body that
    named the same digest would stand before it, but no body can know the hash of its own record.
    """
    try:
        data: dict[str, Any] = orjson.loads(raw)
        member = _HASH_MEMBER % data["hash"].encode()
        alg = data["alg"]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BrokenRow("form") from None
    if alg != "sha256":
        return _read_slowly(raw)
    if hashlib.sha256(raw.replace(member, b"", 1)).hexdigest() != data["hash"]:
        raise BrokenRow("hash")
    return Record(data, raw)


def check_place(found: Record, *, seq: int, epoch: str, prev: str, site: str) -> None:
    """Raise BrokenRow unless the record stands where its own members say."""
    if found.data["seq"] != seq:
        raise BrokenRow("swapped")
    if found.data["prev"] != prev or found.data["epoch"] != epoch or found.data["site"] != site:
        raise BrokenRow("prev")


def _read_slowly(raw: bytes) -> Record:
    try:
        return parse(raw)
    except BadRecord as error:
        raise BrokenRow("hash" if error.why == "hash" else "form") from error
