"""The letters of the card's fonts: a Chinese one fills a square of dots, a Latin one half of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

from PIL import Image, ImageDraw, ImageFont

from hw_sim.noto import MONO, noto

Charset = Literal["gb2312", "gbk", "big5"]

SIZES: Final = (8, 12, 16, 24, 32, 40, 48, 56)  # dots, by the low half of a font byte
UNKNOWN: Final = "\N{REPLACEMENT CHARACTER}"
_FONTS: Final = Path("/usr/share/fonts")
_PIXEL: Final = {
    12: ("X11/misc/wenquanyi_9pt.pcf", "wenquanyi/wenquanyi_9pt.pcf"),
    16: ("opentype/unifont/unifont.otf", "truetype/unifont/unifont.ttf", "truetype/unifont/unifont.otf"),
}
_GREY_THAT_LIGHTS: Final = 128
_FIRST_LEAD, _LAST_LEAD = 0x81, 0xFE


@dataclass(frozen=True, slots=True)
class Letter:
    """`colour`: bits red 1, green 2, blue 4; `absent`: the card's fonts do not have it, its place stays dark."""

    text: str
    wide: bool
    size: int
    colour: int
    absent: bool = False

    @property
    def width(self) -> int:
        return self.size if self.wide else self.size // 2


def read_letters(data: bytes, charset: Charset, size: int, colour: int) -> Iterator[Letter]:
    """Never fails: bytes that are no character are absent ones."""
    place = 0
    while place < len(data):
        pair = data[place : place + 2]
        wide = _FIRST_LEAD <= pair[0] <= _LAST_LEAD and len(pair) == 2
        yield letter(pair if wide else pair[:1], charset, size, colour)
        place += 1 + wide


def letter(code: bytes, charset: Charset, size: int, colour: int) -> Letter:
    """`code`: one byte, or two of the charset."""
    if len(code) == 1:
        known = code[0] < 0x80 and chr(code[0]).isprintable()
        return Letter(chr(code[0]) if known else UNKNOWN, False, size, colour, absent=not known)
    try:
        return Letter(code.decode(charset), True, size, colour)
    except UnicodeDecodeError:
        return Letter(UNKNOWN, True, size, colour, absent=True)


@lru_cache(maxsize=4096)
def glyph(text: str, wide: bool, size: int) -> tuple[bytes, ...]:
    """Rows of dots, one byte each, 1 = lit."""
    width = size if wide else size // 2
    cell = Image.new("L", (width, size))
    # Half letters are narrower in a square's font than their cell: a little smaller keeps their edges in it.
    font = _font(size, size if wide or size in _PIXEL else round(size * 0.91))
    left = max(0.0, (width - font.getlength(text)) // 2)
    ImageDraw.Draw(cell).text((left, round(size * 0.86)), text, fill=255, font=font, anchor="ls")
    lit = cell.point(lambda grey: int(grey >= _GREY_THAT_LIGHTS)).tobytes()
    return tuple(lit[row * width : (row + 1) * width] for row in range(size))


@lru_cache(maxsize=32)
def _font(size: int, points: int) -> ImageFont.FreeTypeFont:
    pixel = next((_FONTS / place for place in _PIXEL.get(size, ()) if (_FONTS / place).exists()), None)
    return noto(MONO, points) if pixel is None else ImageFont.truetype(str(pixel), size)
