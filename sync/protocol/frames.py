"""Payloads as they travel (protocol page, section 1): plain JSON or one zstd frame, told by the first bytes."""

from typing import Any, Final

import zstandard

from sync.protocol import canonical

ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
MAX_WINDOW: Final = 8 * 1024 * 1024
MAX_BATCH: Final = 262_144
MAX_OTHER: Final = 65_536
WORTH_COMPRESSING: Final = 1_024


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


def unpack(payload: bytes, limit: int) -> dict[str, Any]:
    """Return the object in `payload`, never unfolding more than `limit` bytes. Raises BadPayload."""
    plain = _inflate(payload, limit) if payload.startswith(ZSTD_MAGIC) else payload
    if len(plain) > limit:
        raise BadPayload("size", f"more than {limit} bytes")
    try:
        return canonical.decode(plain)
    except canonical.NotCanonical as error:
        raise BadPayload("format", str(error)) from error


def _inflate(payload: bytes, limit: int) -> bytes:
    decompressor = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW)
    try:
        with decompressor.stream_reader(payload, read_across_frames=False) as reader:
            return reader.read(limit + 1)
    except zstandard.ZstdError as error:
        raise BadPayload("format", f"zstd: {error}") from error
