"""A bundle: one signed file of items, numbered from 1 and chained by hash to the one before it."""

import hashlib
import json
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from edge.spool import whitelist
from edge.spool.card import Card
from edge.spool.shapes import Misfit
from edge.spool.whitelist import Way
from sync.protocol import canonical, signing

FORM: Final = "hall-spool/1"
MAX_BYTES: Final = 1_000_000
MAX_ITEMS: Final = 1_000
ZERO: Final = "0" * 64
_MEMBERS: Final = frozenset({"form", "way", "from", "to", "n", "prev", "items", "key", "sig"})


class BadBundle(ValueError):
    """`why`: code in the technician's words under `spool.why`; `detail` names a field or kind, never a value."""

    def __init__(self, why: str, detail: str = "") -> None:
        super().__init__(f"{why} {detail}".rstrip())
        self.why = why
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Bundle:
    way: Way
    frm: str
    n: int
    prev: str
    items: tuple[dict[str, Any], ...]
    raw: bytes

    @property
    def hash(self) -> str:
        return digest(self.raw)

    @property
    def name(self) -> str:
        return name_of(self.frm, self.n)


def digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def name_of(frm: str, n: int) -> str:
    return f"spool-{frm}-{n:08d}.json"


def build(items: Sequence[dict[str, Any]], *, mine: Card, peer: Card, private: bytes, n: int, prev: str) -> Bundle:
    """Looks at every item once more, as the other end will. Raises Misfit, BadBundle."""
    hall = mine if mine.zone == "inner" else peer
    for item in items:
        whitelist.check(item, mine.way, hall.known, hall.numbers)
    message = {
        "form": FORM,
        "way": mine.way,
        "from": mine.name,
        "to": peer.name,
        "n": n,
        "prev": prev,
        "items": list(items),
    }
    raw = canonical.encode(signing.sign(message, key=mine.name, private=private))
    if len(raw) > MAX_BYTES or len(items) > MAX_ITEMS:
        raise BadBundle("too_large")
    return Bundle(mine.way, mine.name, n, prev, tuple(items), raw)


def read(raw: bytes, *, mine: Card, peer: Card) -> Bundle:
    """A bundle of the peer for this end, every item on the list. Raises BadBundle, whose order is fixed: size, form,
    signature, addressee, items. Only bytes that are exactly what was signed are read at all.
    """
    if len(raw) > MAX_BYTES:
        raise BadBundle("too_large")
    try:
        found = canonical.decode(raw)
        if canonical.encode(found) != raw or found.keys() != _MEMBERS or found["form"] != FORM:
            raise BadBundle("form")
    except canonical.NotCanonical:
        raise BadBundle("form") from None
    try:
        signing.verify(found, {peer.name: b64decode(peer.key)})
    except signing.NotSigned:
        raise BadBundle("signature") from None
    if (found["way"], found["from"], found["to"]) != (peer.way, peer.name, mine.name):
        raise BadBundle("addressee")
    n, prev, items = found["n"], found["prev"], found["items"]
    if type(n) is not int or n < 1 or not isinstance(prev, str) or not isinstance(items, list):
        raise BadBundle("form")
    if len(items) > MAX_ITEMS:
        raise BadBundle("too_large")
    hall = mine if mine.zone == "inner" else peer
    for item in items:
        try:
            whitelist.check(item, peer.way, hall.known, hall.numbers)
        except Misfit as misfit:
            raise BadBundle("forbidden", str(misfit)) from None
    return Bundle(peer.way, peer.name, n, prev, tuple(items), raw)


def number_of(raw: bytes) -> int:
    """The number a file claims, 0 where it claims none: only to name it when it is refused."""
    try:
        n = json.loads(raw[:MAX_BYTES])["n"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return 0
    return n if type(n) is int and 0 < n < 10**8 else 0
