"""Finds any of many people in bytes, in every usual writing, also where a page of a file cuts the writing in two.

Each writing of 12 bytes or more is looked for by its halves: a cut leaves one of them whole. What begins like a needle
is found by a table over six bytes, so that hundreds of thousands of needles cost one pass.
"""

import base64
import binascii
import io
import json
import os
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

import numpy
import zstandard

from tests.campaign.canaries.crowd import Person

ENCODINGS: Final = ("utf-8", "gb18030", "utf-16-le", "utf-16-be", "big5hkscs")
LEAST: Final = 6
_TABLE_BITS: Final = 24
_MASK: Final = numpy.uint64(0xFFFF_FFFF_FFFF)
_SPREAD: Final = numpy.uint64(0x9E37_79B9_7F4A_7C15)
_SHIFT: Final = numpy.uint64(64 - _TABLE_BITS)
_PIECE: Final = 1 << 22
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_ZLIB: Final = (b"\x1f\x8b\x08", b"\x78\x01", b"\x78\x9c", b"\x78\xda")
_MOST_UNFOLDED: Final = 1 << 24
_DEEPEST: Final = 3
_BASE64_LINES: Final = re.compile(rb"(?:[A-Za-z0-9+/_-]{4,}\r?\n){2,}[A-Za-z0-9+/_=-]*")


def writings(secret: str) -> Iterator[bytes]:
    """As programs, careless or not, write a text."""
    yield json.dumps(secret)[1:-1].encode()
    yield json.dumps(secret)[1:-1].upper().replace("\\U", "\\u").encode()
    yield "".join(f"&#{ord(letter)};" for letter in secret).encode()
    for encoding in ENCODINGS:
        try:
            plain = secret.encode(encoding)
        except UnicodeEncodeError:
            continue
        yield plain
        yield from (text.encode() for text in (plain.hex(), plain.hex().upper(), plain.hex(" ")))
        yield quote(plain).encode()
        yield quote(plain).lower().encode()
        for offset in range(3):
            coded = base64.b64encode(bytes(offset) + plain)[-(-offset * 8 // 6) : (offset + len(plain)) * 8 // 6]
            yield coded
            yield coded.translate(bytes.maketrans(b"+/", b"-_"))


def fragments(needle: bytes) -> tuple[bytes, ...]:
    if len(needle) < 2 * LEAST:
        return (needle,) if len(needle) >= LEAST else ()
    middle = len(needle) // 2
    return needle[:middle], needle[middle:]


class Search:
    """`found_in(data)` names people by number and secret, never the secret itself."""

    def __init__(self, people: Iterable[Person]) -> None:
        self._by_start: dict[int, list[tuple[bytes, str]]] = {}
        self._table = numpy.zeros(1 << _TABLE_BITS, dtype=bool)
        for person in people:
            for what, secret in person.texts.items():
                for needle in set(writings(secret)):
                    for piece in fragments(needle):
                        self._add(piece, f"{what} of person {person.n}")
        starts = numpy.array(sorted(self._by_start), dtype=numpy.uint64)
        self._table[(starts * _SPREAD) >> _SHIFT] = True
        self._starts = starts

    def _add(self, piece: bytes, label: str) -> None:
        start = int.from_bytes(piece[:LEAST], "little")
        self._by_start.setdefault(start, []).append((piece, label))

    def found_in(self, data: bytes, depth: int = 0) -> set[str]:
        """Also in what is folded or coded over lines in it."""
        found: set[str] = set()
        for start in range(0, len(data), _PIECE):
            found |= self._in_piece(data, start, min(start + _PIECE, len(data)))
        if depth < _DEEPEST:
            for plain in unfolded(data):
                found |= {f"{one}, unfolded" for one in self.found_in(plain, depth + 1)}
        return found

    def _in_piece(self, data: bytes, start: int, end: int) -> set[str]:
        window = numpy.frombuffer(data[start : end + 64] + bytes(8), dtype=numpy.uint8)
        found: set[str] = set()
        if not window.any():
            return found  # a reserve on the disk, and nothing in it
        for offset in range(8):
            usable = (len(window) - offset) // 8 * 8
            values = window[offset : offset + usable].view("<u8") & _MASK
            hits = numpy.nonzero(self._table[(values * _SPREAD) >> _SHIFT])[0]
            nearest = numpy.searchsorted(self._starts, values[hits]).clip(max=len(self._starts) - 1)
            hits = hits[self._starts[nearest] == values[hits]]
            for hit in hits.tolist():
                place = start + offset + 8 * hit
                for piece, label in self._by_start[int(values[hit])]:
                    if data.startswith(piece, place):
                        found.add(label)
        return found

    def in_files(self, paths: Iterable[Path]) -> tuple[list[str], int]:
        """Hits in names and contents of regular files, and how many bytes were read."""
        found, count = [], 0
        for path in paths:
            found += [f"a name in {path.parent}: {one}" for one in self.found_in(os.fsencode(path.name))]
            if path.is_file() and not path.is_symlink():
                data = path.read_bytes()
                count += len(data)
                found += [f"{path}: {one}" for one in sorted(self.found_in(data))]
        return found, count


def unfolded(data: bytes) -> Iterator[bytes]:
    """What is compressed with zstd, gzip or zlib in `data`, or in base64 with line breaks."""
    for start in _places(data, _ZSTD):
        try:
            with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data[start:])) as reader:
                yield reader.read(_MOST_UNFOLDED)
        except zstandard.ZstdError:
            pass  # four bytes that only looked like a beginning
    for mark in _ZLIB:
        for start in _places(data, mark):
            try:
                yield zlib.decompressobj(47).decompress(data[start:], _MOST_UNFOLDED)
            except zlib.error:
                pass
    for block in _BASE64_LINES.findall(data):
        text = re.sub(rb"[\r\n=]", b"", block).translate(bytes.maketrans(b"-_", b"+/"))
        try:
            yield base64.b64decode(text[: len(text) // 4 * 4])
        except binascii.Error:
            pass


def _places(data: bytes, mark: bytes) -> Iterator[int]:
    start = data.find(mark)
    while start >= 0:
        yield start
        start = data.find(mark, start + 1)
