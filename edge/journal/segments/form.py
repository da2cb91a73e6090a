"""The file of a closed month: a title, blocks of records (a zstd frame each), where they lie, and how to find that.

A record stands in it as the bytes that were hashed and shipped, so its own hash and the chain prove it; nothing in it
is personal, since parts lie in the journal. Written once, in the order of positions, never changed. A bit that flips
spoils one block. Layout: MAGIC, the title as one canonical line, the frames, the frame of the list, the end (`_END`).
"""

import hashlib
import os
import struct
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

import orjson
import zstandard

from sync.protocol import canonical, frames
from sync.protocol.record import Record

MAGIC: Final = b"hall-edge segment 1\n"
_END: Final = struct.Struct(">QQ32s")  # where the frame of the list lies, its length, SHA-256 of title line and frame
_BLOCK_RECORDS: Final = 256
_BLOCK_BYTES: Final = 262_144  # and a record more
_MOST: Final = 64 * 1024 * 1024  # unfolded, of whatever claims to be a block or the list
_TITLE_BYTES: Final = 4096
_LEVEL: Final = 9


class BadSegment(ValueError):
    """The file is missing or not what was sealed; `pos`: first record that it no longer gives."""

    def __init__(self, pos: int, what: str) -> None:
        super().__init__(f"from position {pos} on: {what}")
        self.pos = pos


class Title(NamedTuple):
    """Records at positions `first` to `last` of one epoch; `prev`: hash before the first, `tail`: of the last."""

    site: str
    epoch: str
    month: str
    first: int
    last: int
    prev: str
    tail: str


class Block(NamedTuple):
    offset: int
    size: int
    first: int
    records: int
    kinds: frozenset[str]


class Written(NamedTuple):
    """`digest`: SHA-256 of the whole file."""

    digest: str
    size: int


def write(path: Path, title: Title, records: Iterable[Record]) -> Written:
    """Durable when this returns, but for its name. `records`: exactly those of the title. Raises OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        out = _Out(file)
        line = canonical.encode(title._asdict()) + b"\n"
        out.put(MAGIC + line)
        blocks = []
        for some in _in_blocks(records):
            offset, size = out.put_frame(b"\n".join(one.raw for one in some))
            blocks.append([offset, size, len(some), sorted({one.kind for one in some})])
        offset, size, check = _put_list(out, line, blocks)
        out.put(_END.pack(offset, size, check))
        file.flush()
        os.fsync(descriptor)
        return Written(out.digest.hexdigest(), out.size)


def _put_list(out: "_Out", line: bytes, blocks: list[list[Any]]) -> tuple[int, int, bytes]:
    frame = _fold(canonical.encode({"blocks": blocks}))
    offset = out.size
    out.put(frame)
    return offset, len(frame), hashlib.sha256(line + frame).digest()


class _Out:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = 0
        self.digest = hashlib.sha256()

    def put(self, data: bytes) -> None:
        self._file.write(data)
        self.digest.update(data)
        self.size += len(data)

    def put_frame(self, plain: bytes) -> tuple[int, int]:
        frame, offset = _fold(plain), self.size
        self.put(frame)
        return offset, len(frame)


def _fold(plain: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True, write_content_size=True).compress(plain)


def _in_blocks(records: Iterable[Record]) -> Iterator[list[Record]]:
    some: list[Record] = []
    size = 0
    for one in records:
        some.append(one)
        size += len(one.raw)
        if len(some) == _BLOCK_RECORDS or size >= _BLOCK_BYTES:
            yield some
            some, size = [], 0
    if some:
        yield some


def file_digest(path: Path) -> str:
    """SHA-256 of the file. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class SegmentFile:
    """One file, open for reading; its list of blocks is in memory, one block at a time is unfolded."""

    def __init__(self, path: Path, title: Title) -> None:
        """Raises BadSegment unless the file carries this title and a list that fits it."""
        self.path = path
        self.title = title
        self.blocks = self._look()
        self._firsts = [block.first for block in self.blocks]
        self._unfolded: tuple[int, list[bytes]] = (0, [])

    def rows(self, first: int, last: int) -> Iterator[tuple[int, bytes]]:
        """(position, stored bytes) of the records between two positions that stand here. Raises BadSegment."""
        for block in self._between(first, last):
            begin, end = max(first - block.first, 0), min(last - block.first + 1, block.records)
            yield from enumerate(self._raws(block)[begin:end], block.first + begin)

    def of_kinds(self, kinds: Sequence[str], first: int, last: int) -> Iterator[tuple[int, bytes]]:
        """Those that may be of these kinds: none is left out, the caller looks closer. Raises BadSegment."""
        says = [f'"kind":"{kind}"'.encode() for kind in kinds]
        for block in self._between(first, last):
            if block.kinds.isdisjoint(kinds):
                continue
            for pos, raw in enumerate(self._raws(block), block.first):
                if first <= pos <= last and any(text in raw for text in says):
                    yield pos, raw

    def saying(self, text: bytes) -> Iterator[tuple[int, bytes]]:
        """Those with this text somewhere. Raises BadSegment."""
        for block in self.blocks:
            for pos, raw in enumerate(self._raws(block), block.first):
                if text in raw:
                    yield pos, raw

    def _between(self, first: int, last: int) -> Iterator[Block]:
        start = bisect_right(self._firsts, first) - 1
        for block in self.blocks[max(start, 0) :]:
            if block.first > last:
                return
            yield block

    def _raws(self, block: Block) -> list[bytes]:
        if self._unfolded[0] != block.first:
            try:
                plain = frames.unfold(self._bytes(block.offset, block.size), _MOST)
            except (OSError, zstandard.ZstdError, IndexError) as error:
                raise BadSegment(block.first, str(error)) from error
            raws = plain.split(b"\n")
            if len(raws) != block.records:
                raise BadSegment(block.first, "another number of records")
            self._unfolded = (block.first, raws)
        return self._unfolded[1]

    def _bytes(self, offset: int, size: int) -> bytes:
        with self.path.open("rb") as file:
            file.seek(offset)
            return file.read(size)

    def _look(self) -> list[Block]:
        line = canonical.encode(self.title._asdict()) + b"\n"
        try:
            with self.path.open("rb") as file:
                head = file.read(len(MAGIC) + _TITLE_BYTES)
                behind = file.seek(-_END.size, os.SEEK_END)
                place, size, check = _END.unpack(file.read(_END.size))
                if place + size != behind:
                    raise BadSegment(self.title.first, "its end is damaged")
                file.seek(place)
                frame = file.read(size)
            if not head.startswith(MAGIC + line):
                raise BadSegment(self.title.first, "another title")
            if hashlib.sha256(line + frame).digest() != check:
                raise BadSegment(self.title.first, "the list of its blocks is damaged")
            listed = orjson.loads(frames.unfold(frame, _MOST))["blocks"]
        except (OSError, struct.error, zstandard.ZstdError) as error:
            raise BadSegment(self.title.first, str(error)) from error
        return self._placed(listed)

    def _placed(self, listed: list[list[Any]]) -> list[Block]:
        blocks, pos = [], self.title.first
        for offset, size, count, kinds in listed:
            blocks.append(Block(offset, size, pos, count, frozenset(kinds)))
            pos += count
        if pos != self.title.last + 1:
            raise BadSegment(min(pos, self.title.last + 1), "fewer records than its title says, or more")
        return blocks
