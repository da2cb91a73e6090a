"""Payloads as they travel (protocol page, section 1): plain JSON or one zstd frame, told by the first bytes."""

from typing import Any, Final

import zstandard

from sync.protocol import canonical

ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
MAX_WINDOW: Final = 8 * 1024 * 1024
MAX_BATCH: Final = 262_144
MAX_OTHER: Final = 65_536
WORTH_COMPRESSING: Final = 1_024
_RUN: Final = 1  # a block of one byte repeated


class BadPayload(ValueError):
    """`why` is a NACK reason: `size` or `format`."""

    def __init__(self, why: str, detail: str) -> None:
        super().__init__(f"{why}: {detail}")
        self.why = why
        self.detail = detail


def pack(plain: bytes) -> bytes:
    """Compress what is worth it."""
    if len(plain) < WORTH_COMPRESSING:
        return plain
    return zstandard.ZstdCompressor(level=3).compress(plain)


def unpack(payload: bytes, limit: int, *, fractions: bool = False) -> dict[str, Any]:
    """Return the object in `payload`, never unfolding more than `limit` bytes. Raises BadPayload."""
    plain = _inflate(payload, limit) if payload.startswith(ZSTD_MAGIC) else payload
    if len(plain) > limit:
        raise BadPayload("size", f"more than {limit} bytes")
    try:
        return canonical.decode(plain, fractions=fractions)
    except canonical.NotCanonical as error:
        raise BadPayload("format", str(error)) from error


def unfold(folded: bytes, limit: int) -> bytes:
    """What one zstd frame holds, of which at most `limit` + 1 bytes are unfolded.

    Raises zstandard.ZstdError, also where the frame is cut or something lies behind it.
    """
    if _end_of_frame(folded) != len(folded):
        raise zstandard.ZstdError("not one whole frame")
    decompressor = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW)
    with decompressor.stream_reader(folded, read_across_frames=False) as reader:
        return reader.read(limit + 1)


def _end_of_frame(folded: bytes) -> int:
    """Where the first frame ends, by the headers of its blocks (RFC 8878, 3.1.1); -1 where it is cut."""
    header = zstandard.get_frame_parameters(folded)
    place = zstandard.frame_header_size(folded)
    last = False
    while not last:
        block = int.from_bytes(folded[place : place + 3], "little")
        last, kind, size = bool(block & 1), block >> 1 & 3, block >> 3
        place += 3 + (1 if kind == _RUN else size)
        if place > len(folded):
            return -1
    return place + (4 if header.has_checksum else 0)


def _inflate(payload: bytes, limit: int) -> bytes:
    try:
        return unfold(payload, limit)
    except zstandard.ZstdError as error:
        raise BadPayload("format", f"zstd: {error}") from error
