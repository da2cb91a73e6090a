"""Feeds down (protocol page, section 7): items, state bytes and digest, deltas, heads, snapshots, marks."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Final, Literal, NamedTuple

import zstandard
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sync.protocol import canonical, frames, record
from sync.protocol.canonical import MAX_SAFE_INTEGER, NotCanonical
from sync.protocol.chunks import LEAST_CHUNK, MAX_FILE, MOST_CHUNK
from sync.protocol.frames import BadPayload
from sync.protocol.messages import Hash, Seq
from sync.protocol.record import ZERO

SHARED: Final = frozenset({"catalogue", "notices"})
OWN: Final = frozenset({"bookings", "decisions", "config", "commands"})
ALL: Final = SHARED | OWN
EMPTY_DIGEST: Final = record.digest(b"")
MAX_ITEMS: Final = 256
MAX_DELTA: Final = 262_144
MAX_STATE: Final = MAX_FILE
CHUNK: Final = 65_536
_ROOM: Final = 1_024  # of a delta, for what is not items

Item = Mapping[str, Any]
Items = Mapping[str, Item]
FeedName = Literal["catalogue", "notices", "bookings", "decisions", "config", "commands"]


class BadFeed(ValueError):
    """Not the form of items, or of a file of state bytes."""


class FeedMark(NamedTuple):
    """How far a feed is held; nothing at all is version 0 with EMPTY_DIGEST."""

    ver: int
    digest: str

    def told(self) -> dict[str, Any]:
        return {"ver": self.ver, "digest": self.digest}


NOTHING: Final = FeedMark(0, EMPTY_DIGEST)
UNSURE: Final = FeedMark(0, ZERO)
"""What a site says whose items did not add up to the digest: the whole state, please."""


class _Signed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    feed: FeedName
    scope: Annotated[str, Field(strict=True, pattern=r"^([A-Z0-9-]{2,32}|[a-z0-9-]{1,32})$")]
    digest: Hash
    key: Annotated[str, Field(strict=True)]
    sig: Annotated[str, Field(strict=True)]


class Delta(_Signed):
    """From version `since` to `to`; `digest` is that of the whole state after it."""

    m: Literal["delta"] = "delta"
    since: Annotated[int, Field(strict=True, ge=0, le=MAX_SAFE_INTEGER, alias="from")]
    to: Annotated[int, Field(strict=True, ge=1, le=MAX_SAFE_INTEGER)]
    items: tuple[dict[str, Any], ...] = Field(max_length=MAX_ITEMS)


class HeadOf(_Signed):
    m: Literal["head"] = "head"
    ver: Seq


class Snapshot(_Signed):
    """A file with the state bytes of version `ver`: `hash`, `size`, `chunk` as of any file."""

    m: Literal["offer"] = "offer"
    ver: Seq
    hash: Hash
    size: Annotated[int, Field(strict=True, ge=0, le=MAX_FILE)]
    chunk: Annotated[int, Field(strict=True, ge=LEAST_CHUNK, le=MOST_CHUNK)]


FeedMessage = Delta | HeadOf | Snapshot
_BY_NAME: Final[Mapping[str, type[Delta] | type[HeadOf] | type[Snapshot]]] = {
    "delta": Delta,
    "head": HeadOf,
    "offer": Snapshot,
}


def read(payload: bytes) -> tuple[FeedMessage, Mapping[str, Any]] | None:
    """The message and the object that its signature is over; None for another `m`. Raises BadPayload."""
    data = frames.unpack(payload, MAX_DELTA)
    model = _BY_NAME.get(str(data.get("m")))
    if model is None:
        return None
    try:
        message = model.model_validate(data)
        if isinstance(message, Delta):
            for item in message.items:
                check_item(item, may_be_gone=True)
    except ValidationError as error:
        raise BadPayload("format", f"{data.get('m')}: {error.error_count()} members") from error
    except BadFeed as error:
        raise BadPayload("format", str(error)) from error
    return message, data


def marks_in(feeds: Mapping[str, Any]) -> dict[str, FeedMark]:
    """The known feeds of MARKS or HELLO; what has no sense counts as left out."""
    found = {}
    for name, told in feeds.items():
        if name not in ALL or not isinstance(told, Mapping):
            continue
        ver, digest = told.get("ver"), told.get("digest")
        if isinstance(ver, int) and not isinstance(ver, bool) and ver >= 0 and isinstance(digest, str):
            found[name] = FeedMark(ver, digest)
    return found


def check_item(item: Any, *, may_be_gone: bool = False) -> None:
    """Raises BadFeed."""
    if not isinstance(item, Mapping):
        raise BadFeed("an item is no object")
    uid = item.get("id")
    if not isinstance(uid, str) or not uid or not uid.isascii() or not uid.isprintable() or len(uid) > 128:
        raise BadFeed("the id of an item")
    if may_be_gone and item.get("gone") is True:
        return
    rev = item.get("rev")
    if not isinstance(rev, int) or isinstance(rev, bool) or rev < 0 or not isinstance(item.get("body"), Mapping):
        raise BadFeed(f"item {uid}: rev or body")


def line_of(item: Item) -> bytes:
    """Raises NotCanonical."""
    return canonical.encode(item) + b"\n"


def state_bytes(items: Items) -> bytes:
    """In order of id, by bytes: ids are ASCII, so by text as well."""
    return b"".join(line_of(items[uid]) for uid in sorted(items))


def digest_of_lines(lines: Iterable[bytes]) -> str:
    """As `digest`, of canonical lines in order of id."""
    return record.digest(b"".join(lines))


def digest(items: Items) -> str:
    return record.digest(state_bytes(items))


def changed(items: Items, changes: Iterable[Item]) -> dict[str, Item]:
    """`items` after a delta's `changes`."""
    found = dict(items)
    for change in changes:
        if change.get("gone") is True:
            found.pop(change["id"], None)
        else:
            found[change["id"]] = change
    return found


def joined(steps: Iterable[Sequence[Item]]) -> list[Item]:
    """Changes of consecutive versions as those of one, in order of id: the last word about an id counts."""
    found: dict[str, Item] = {}
    for step in steps:
        for change in step:
            found[change["id"]] = change
    return [found[uid] for uid in sorted(found)]


def fits_delta(changes: Sequence[Item]) -> bool:
    return len(changes) <= MAX_ITEMS and sum(len(line_of(one)) for one in changes) <= MAX_DELTA - _ROOM


def pack_state(plain: bytes) -> bytes:
    """The stored bytes of a snapshot."""
    return frames.pack(plain)


def read_state(stored: bytes) -> dict[str, Item]:
    """The items of a snapshot. Raises BadFeed."""
    try:
        plain = _plain(stored)
        if plain and not plain.endswith(b"\n"):
            raise BadFeed("the last line is cut")
        items = [canonical.decode(line) for line in plain.split(b"\n")[:-1]]
    except (NotCanonical, zstandard.ZstdError) as error:
        raise BadFeed(str(error)) from error
    for item in items:
        check_item(item)
    return {item["id"]: item for item in items}


def _plain(stored: bytes) -> bytes:
    if not stored.startswith(frames.ZSTD_MAGIC):
        return stored
    plain = frames.unfold(stored, MAX_STATE)
    if len(plain) > MAX_STATE:
        raise BadFeed("longer than a state may be")
    return plain
