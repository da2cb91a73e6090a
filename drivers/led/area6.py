"""Dynamic area update A7 00 of the 6th generation (led.md 1.5): areas, pages, pixels."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
import numpy.typing as npt

Bitmap = npt.NDArray[np.bool_]
"""Shape (height, width), True = lit."""

PAGE_HEADER_LENGTH = 26
_AREA = struct.Struct("<BBHBHBIB4HB9sH")
_PAGE = struct.Struct("<IBBBBHBH9sII")
PICTURE_AREA = 0x10
STATIC, QUICK, FLASH = 1, 2, 7


class RunMode(IntEnum):
    """What the card does with the pages, and when nobody updates them within the time-out (led.md 1.4)."""

    LOOP = 0
    STOP_ON_LAST = 1
    LOOP_THEN_VANISH = 2
    LOOP_THEN_LOGO = 3
    ONCE_THEN_VANISH = 4


@dataclass(frozen=True, slots=True)
class AreaPage:
    """`stay` in units of 10 ms."""

    bitmap: Bitmap = field(compare=False)
    stay: int = 500
    effect: int = STATIC
    clear: int = 1
    speed: int = 0
    repeat: int = 1


@dataclass(frozen=True, slots=True)
class Area:
    """One dynamic area. `timeout` seconds; `immediate` 1 = only this area, stored programs stop."""

    pages: tuple[AreaPage, ...]
    area_id: int = 0
    x: int = 0
    y: int = 0
    run_mode: RunMode = RunMode.LOOP
    timeout: int = 0
    immediate: int = 1


def pack_pixels(bitmap: Bitmap, x: int = 0) -> bytes:
    """0 = lit; rows of 32-bit words, bit 31 leftmost, low byte first; padded with ones by x mod 32."""
    height, width = bitmap.shape
    left = x % 32
    words = -(-(left + width) // 32)
    bits = np.ones((height, words * 32), dtype=np.uint8)
    bits[:, left : left + width] = ~bitmap
    big_endian = np.packbits(bits, axis=1).reshape(height, words, 4)
    return big_endian[:, :, ::-1].tobytes()


def unpack_pixels(data: bytes, width: int, height: int, x: int = 0) -> Bitmap:
    """The reverse of pack_pixels. Raises ValueError when the size differs."""
    left = x % 32
    words = -(-(left + width) // 32)
    if len(data) != height * words * 4:
        raise ValueError(f"{width}x{height} at {x} needs {height * words * 4} bytes, {len(data)} given")
    rows = np.frombuffer(data, dtype=np.uint8).reshape(height, words, 4)[:, :, ::-1]
    bits = np.unpackbits(rows.reshape(height, words * 4), axis=1)
    lit: Bitmap = bits[:, left : left + width] == 0
    return lit


def update(areas: Sequence[Area]) -> bytes:
    """Payload of A7 00: all area headers, then all pixels; page offsets run over all areas."""
    parts, pixels = [struct.pack("<H", len(areas))], bytearray()
    for area in areas:
        info = bytearray(_area_header(area))
        for page in area.pages:
            block = pack_pixels(page.bitmap, area.x)
            info += _page_header(page, len(pixels), len(block))
            pixels += block
        parts += [struct.pack("<I", len(info)), bytes(info)]
    return b"".join(parts) + bytes(pixels)


def _area_header(area: Area) -> bytes:
    height, width = area.pages[0].bitmap.shape
    return _AREA.pack(
        area.area_id,
        area.run_mode,
        area.timeout,
        1,  # show with all programs, as the vendor's software sends it
        0,
        area.immediate,
        0,
        PICTURE_AREA,
        area.x,
        area.y,
        width,
        height,
        0,
        bytes(9),
        len(area.pages),
    )


def _page_header(page: AreaPage, offset: int, length: int) -> bytes:
    return _PAGE.pack(
        PAGE_HEADER_LENGTH,
        0,
        page.effect,
        page.clear,
        page.speed,
        page.stay,
        page.repeat,
        page.bitmap.shape[1],
        bytes(9),
        offset,
        length,
    )
