"""Files in pieces (protocol page, section 6): chunks as they travel, and bitmaps of the chunks that are asked for."""

import binascii
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sync.protocol import names

MAX_FILE: Final = 67_108_864
LEAST_CHUNK: Final = 16_384
MOST_CHUNK: Final = 262_144
_HASH_BYTES: Final = 32
_HEADER: Final = _HASH_BYTES + 4 + 4


class BadChunk(ValueError):
    """Not the form of a chunk or bitmap, or its CRC is wrong."""


@dataclass(frozen=True, slots=True)
class Chunk:
    h: str
    index: int
    data: bytes


def pack(chunk: Chunk) -> bytes:
    numbers = chunk.index.to_bytes(4, "big") + zlib.crc32(chunk.data).to_bytes(4, "big")
    return bytes.fromhex(chunk.h) + numbers + chunk.data


def read(payload: bytes) -> Chunk:
    """Raises BadChunk."""
    if not _HEADER < len(payload) <= _HEADER + MOST_CHUNK:
        raise BadChunk("length")
    data = payload[_HEADER:]
    if zlib.crc32(data) != int.from_bytes(payload[36:40], "big"):
        raise BadChunk("crc")
    return Chunk(payload[:_HASH_BYTES].hex(), int.from_bytes(payload[32:36], "big"), data)


def is_chunk_size(size: int) -> bool:
    return LEAST_CHUNK <= size <= MOST_CHUNK and size & (size - 1) == 0


def count(size: int, chunk: int) -> int:
    """Chunks of a file of `size` bytes."""
    return -(-size // chunk)


def length(size: int, chunk: int, index: int) -> int:
    """Bytes of chunk `index`: all but the last are full."""
    return min(chunk, size - index * chunk)


def bitmap(wanted: Iterable[int], of: int) -> str:
    """Base64 of one bit a chunk, most significant first, padded with 0 to whole bytes."""
    found = bytearray(-(-of // 8))
    for index in wanted:
        found[index // 8] |= 0x80 >> index % 8
    return b64encode(bytes(found)).decode()


def wanted(text: str, of: int) -> list[int]:
    """The chunks a bitmap asks for, in order. Raises BadChunk: not of a file of `of` chunks."""
    try:
        found = b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadChunk("bitmap") from error
    if len(found) != -(-of // 8):
        raise BadChunk("bitmap")
    indexes = [index for index in range(len(found) * 8) if found[index // 8] & 0x80 >> index % 8]
    if indexes and indexes[-1] >= of:
        raise BadChunk("bitmap")
    return indexes


def is_offer(h: str, size: int, chunk: int) -> bool:
    return names.is_hash(h) and 0 <= size <= MAX_FILE and is_chunk_size(chunk)
