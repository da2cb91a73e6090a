"""The tail of a FORK as a file (protocol page, section 5): what the centre holds and a restored site may have lost."""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, Final, NamedTuple

import zstandard

from sync.protocol import canonical, frames, record
from sync.protocol.record import BadRecord, Record

MAX_PLAIN: Final = 67_108_864
CHUNK: Final = 65_536
MOST_ASKED: Final = 1_048_576


class Entry(NamedTuple):
    """A record with the parts it names: bytes by digest, and the digests of those that are erased."""

    record: Record
    parts: Mapping[str, bytes]
    gone: tuple[str, ...]


class BadTail(ValueError):
    """Not a tail of this site: it counts as absent."""


def lines_of(entry: Entry) -> bytes:
    """The canonical record, LF; where it names parts, one more line with these."""
    if not entry.record.parts:
        return entry.record.raw + b"\n"
    beside = {"parts": {h: b64encode(part).decode() for h, part in entry.parts.items()}, "gone": list(entry.gone)}
    return entry.record.raw + b"\n" + canonical.encode(beside) + b"\n"


def newest_that_fit(pieces: Iterable[bytes], limit: int = MAX_PLAIN) -> list[bytes]:
    """`pieces` newest first; returns oldest first what fits into `limit` bytes together."""
    found: list[bytes] = []
    for piece in pieces:
        limit -= len(piece)
        if limit < 0:
            break
        found.append(piece)
    return found[::-1]


def pack(pieces: list[bytes]) -> bytes:
    """The stored bytes: one zstd frame where it is worth it."""
    plain = b"".join(pieces)
    return plain if len(plain) < frames.WORTH_COMPRESSING else zstandard.ZstdCompressor(level=3).compress(plain)


def read(stored: bytes, *, site: str, n: int) -> list[Entry]:
    """Every record and part checked as the centre would. Raises BadTail."""
    try:
        found = list(_entries(_plain(stored), site))
    except (BadRecord, canonical.NotCanonical, zstandard.ZstdError) as error:
        raise BadTail(str(error)) from error
    if len(found) != n:
        raise BadTail(f"{len(found)} records, {n} were announced")
    _check_chain(found)
    return found


def _plain(stored: bytes) -> bytes:
    if not stored.startswith(frames.ZSTD_MAGIC):
        return stored
    plain = frames.unfold(stored, MAX_PLAIN)
    if len(plain) > MAX_PLAIN:
        raise BadTail("longer than a tail may be")
    return plain


def _entries(plain: bytes, site: str) -> Iterator[Entry]:
    if plain and not plain.endswith(b"\n"):
        raise BadTail("the last line is cut")
    lines = iter(plain.split(b"\n")[:-1])
    for line in lines:
        found = record.parse(line)
        if found.raw != line or found.data["site"] != site:
            raise BadTail(f"record {found.seq} is not canonical, or of another site")
        yield _with_parts(found, next(lines, b"")) if found.parts else Entry(found, {}, ())


def _with_parts(found: Record, line: bytes) -> Entry:
    beside = canonical.decode(line)
    texts, gone = beside.get("parts", {}), beside.get("gone", [])
    parts: dict[str, bytes] = {}
    for h in found.parts:
        if isinstance(texts, Mapping) and h in texts:
            parts[h] = _decoded(texts[h])
            if record.digest(parts[h]) != h:
                raise BadTail(f"a part of {found.seq} is not the one it names")
        elif not isinstance(gone, list) or h not in gone:
            raise BadTail(f"a part of {found.seq} is neither there nor gone")
    if record.travelling_size(found, {h: len(part) for h, part in parts.items()}) > record.MAX_RECORD_BYTES:
        raise BadTail(f"record {found.seq} is too long")
    return Entry(found, parts, tuple(h for h in found.parts if h not in parts))


def _decoded(text: Any) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise BadTail("a part is not base64") from error


def _check_chain(found: list[Entry]) -> None:
    """What follows within an epoch must follow by hash as well; a seq left out is a birth the site holds."""
    for one, following in pairwise(found):
        before, after = one.record, following.record
        if (before.epoch, before.seq + 1) == (after.epoch, after.seq) and before.hash != after.prev:
            raise BadTail(f"record {after.seq} does not follow {before.seq}")
