"""Pictures of the two kinds that carry their own dots: I1 planes and GIF (led.md 2)."""

import io
import struct
from dataclasses import dataclass
from typing import Final

from PIL import Image

from hw_sim.cpower.packets import Malformed

ONE_BIT, EIGHT_BITS = 0, 7
_HEAD: Final = 8
_CHANNELS: Final = (1, 2, 4)  # red, green, blue
_HALF: Final = 0x80
_MOST_DOTS: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Dots:
    """`colours`: one byte a dot, row by row, bits red 1, green 2, blue 4."""

    width: int
    height: int
    colours: bytes


def read_i1(data: bytes) -> Dots:
    """Raises Malformed: another mark, an unknown depth, or planes that do not fit the size."""
    if data[:2] != b"I1" or len(data) < _HEAD:
        raise Malformed("no I1 picture")
    width, height = int.from_bytes(data[2:4], "little"), int.from_bytes(data[4:6], "little")
    property, reserved = data[6:8]
    channels = [bit for bit in _CHANNELS if property & bit]
    depth = property >> 4
    if reserved or not channels or property & 8 or depth not in (ONE_BIT, EIGHT_BITS):
        raise Malformed(f"I1 property {property:02X}")
    row = width if depth == EIGHT_BITS else -(-width // 8)
    planes = data[_HEAD:]
    if not width or not height or len(planes) != row * height * len(channels):
        raise Malformed(f"{width}x{height} in {len(channels)} planes is not {len(planes)} bytes")
    colours = bytearray(width * height)
    for number, channel in enumerate(channels):
        plane = planes[number * row * height :][: row * height]
        for y in range(height):
            line = plane[y * row : (y + 1) * row]
            for x in range(width):
                lit = line[x] >= _HALF if depth == EIGHT_BITS else line[x >> 3] >> (7 - (x & 7)) & 1
                colours[y * width + x] |= channel if lit else 0
    return Dots(width, height, bytes(colours))


def read_gif(data: bytes) -> Dots:
    """The first picture of a GIF. Raises Malformed."""
    if data[:6] not in (b"GIF87a", b"GIF89a"):
        raise Malformed("no GIF")
    try:
        with Image.open(io.BytesIO(data), formats=("GIF",)) as gif:
            if gif.width * gif.height > _MOST_DOTS:
                raise Malformed(f"{gif.width}x{gif.height} dots")
            picture = gif.convert("RGB")
    except (OSError, EOFError, SyntaxError, ValueError, IndexError, struct.error) as wrong:
        raise Malformed(f"GIF: {wrong}") from wrong
    dots = zip(*[iter(picture.tobytes())] * 3, strict=True)
    colours = bytes((r >= _HALF) | (g >= _HALF) << 1 | (b >= _HALF) << 2 for r, g, b in dots)
    return Dots(picture.width, picture.height, colours)
