"""Dynamic area update A7 00 of the 5th generation (led.md 1.5): one area, each page followed by its pixels."""

import struct
from collections.abc import Sequence

import numpy as np

from drivers.led.area6 import PICTURE_AREA, Area, AreaPage, Bitmap

_AREA = struct.Struct("<BBHBHBIB4HBH")
_PAGE = struct.Struct("<IBBBBHBHI")
_AFTER_LENGTH = _PAGE.size - 4


def pack_pixels(bitmap: Bitmap, x: int = 0) -> bytes:
    """0 = lit; rows of bytes, bit 7 leftmost; padded with ones by x mod 8."""
    height, width = bitmap.shape
    left = x % 8
    bits = np.ones((height, -(-(left + width) // 8) * 8), dtype=np.uint8)
    bits[:, left : left + width] = ~bitmap
    return np.packbits(bits, axis=1).tobytes()


def unpack_pixels(data: bytes, width: int, height: int, x: int = 0) -> Bitmap:
    """The reverse of pack_pixels. Raises ValueError when the size differs."""
    left = x % 8
    row = -(-(left + width) // 8)
    if len(data) != height * row:
        raise ValueError(f"{width}x{height} at {x} needs {height * row} bytes, {len(data)} given")
    bits = np.unpackbits(np.frombuffer(data, dtype=np.uint8).reshape(height, row), axis=1)
    lit: Bitmap = bits[:, left : left + width] == 0
    return lit


def update(areas: Sequence[Area]) -> bytes:
    """Payload of A7 00. Raises ValueError for more than one area: this generation takes them one by one."""
    if len(areas) != 1:
        raise ValueError(f"{len(areas)} areas, one expected")
    (area,) = areas
    info = _area_header(area) + b"".join(_page(page, area.x) for page in area.pages)
    return struct.pack("<I", len(info)) + info


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
        0,  # no frame
        len(area.pages),
    )


def _page(page: AreaPage, x: int) -> bytes:
    pixels = pack_pixels(page.bitmap, x)
    header = _PAGE.pack(
        _AFTER_LENGTH + len(pixels),
        0,
        page.effect,
        page.clear,
        page.speed,
        page.stay,
        page.repeat,
        page.bitmap.shape[1],
        0,
    )
    return header + pixels
