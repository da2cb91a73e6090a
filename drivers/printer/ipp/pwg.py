"""PWG raster (PWG 5102.4): the page format that every driverless printer reads. Grey, one byte a dot (sgray_8)."""

import struct
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from drivers.printer.ipp.page import A4_MM, Page

SYNC: Final = b"RaS2"
HEADER_SIZE: Final = 1796
_GREY: Final = 18
_LONGEST: Final = 128
_POINTS: Final = tuple(round(side / 25.4 * 72) for side in A4_MM)


def pwg(pages: Sequence[Page], dpi: int) -> bytes:
    out = bytearray(SYNC)
    for page in pages:
        out += _header(page, dpi, len(pages))
        for times, row in _runs_of_rows(page):
            out.append(times - 1)
            out += _packed(row)
    return bytes(out)


def _header(page: Page, dpi: int, count: int) -> bytes:
    """4.3: offsets as in the standard's table; everything not set here is 0."""
    height, width = page.shape
    head = bytearray(HEADER_SIZE)
    head[0:9] = b"PwgRaster"
    for at, value in (
        (276, dpi),
        (280, dpi),
        (340, 1),  # copies
        (352, _POINTS[0]),
        (356, _POINTS[1]),
        (372, width),
        (376, height),
        (384, 8),  # bits a colour
        (388, 8),  # bits a pixel
        (392, width),  # bytes a line
        (400, _GREY),
        (420, 1),  # colours
        (452, count),
        (456, 1),  # no flipping across
        (460, 1),  # no flipping in feed direction
        (480, 0xFFFFFF),  # alternate primary: white
    ):
        struct.pack_into(">I", head, at, value)
    name = b"iso_a4_210x297mm"
    head[1732 : 1732 + len(name)] = name
    return bytes(head)


def _runs_of_rows(page: Page) -> Iterator[tuple[int, Page]]:
    """Equal rows in a row, 256 at most."""
    changed = np.flatnonzero(np.any(page[1:] != page[:-1], axis=1)) + 1
    starts = [0, *changed.tolist(), page.shape[0]]
    for start, end in pairwise(starts):
        for begin in range(start, end, 256):
            yield min(256, end - begin), page[start]


def _packed(row: Page) -> bytes:
    """4.4: runs of one value, at most 128; single different ones stand alone as runs of one.

    A row of the picture of a paper changes all the time: it goes as it is, in pieces of at most 128.
    """
    changed = np.flatnonzero(row[1:] != row[:-1]) + 1
    if changed.size > row.size // 4:
        return _as_it_is(row.tobytes())
    starts = [0, *changed.tolist(), row.size]
    out = bytearray()
    for start, end in pairwise(starts):
        value = int(row[start])
        for begin in range(start, end, _LONGEST):
            out += bytes((min(_LONGEST, end - begin) - 1, value))
    return bytes(out)


def _as_it_is(row: bytes) -> bytes:
    """A piece of n different values, 2 to 128, stands after the byte 257 - n; one alone is a run of one."""
    out = bytearray()
    for begin in range(0, len(row), _LONGEST):
        piece = row[begin : begin + _LONGEST]
        out.append(257 - len(piece) if len(piece) > 1 else 0)
        out += piece
    return bytes(out)
