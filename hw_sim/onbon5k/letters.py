"""The letters of the card's font files: a Chinese one fills a square of dots, a Latin one half of it."""

from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

from PIL import Image, ImageDraw, ImageFont

from hw_sim.noto import MONO, noto

Dots = Literal[16, 24, 32]

_FONTS: Final = Path("/usr/share/fonts")
_PIXEL: Final = ("opentype/unifont/unifont.otf", "truetype/unifont/unifont.ttf", "truetype/unifont/unifont.otf")
# Points and rows from the top down to the baseline, so that what hangs below it still fits.
_WIDE: Final = {16: (16, 14), 24: (24, 21), 32: (32, 28)}
_NARROW: Final = {16: (16, 14), 24: (22, 19), 32: (29, 25)}
_GREY_THAT_LIGHTS: Final = 128


@lru_cache(maxsize=4096)
def glyph(letter: str, wide: bool, dots: Dots) -> tuple[bytes, ...]:
    """Rows of dots, one byte each, 1 = lit."""
    width = dots if wide else dots // 2
    cell = Image.new("L", (width, dots))
    points, baseline = (_WIDE if wide else _NARROW)[dots]
    font = _font(points)
    left = max(0.0, (width - font.getlength(letter)) // 2)
    ImageDraw.Draw(cell).text((left, baseline), letter, fill=255, font=font, anchor="ls")
    lit = cell.point(lambda grey: int(grey >= _GREY_THAT_LIGHTS)).tobytes()
    return tuple(lit[row * width : (row + 1) * width] for row in range(dots))


@lru_cache(maxsize=5)
def _font(points: int) -> ImageFont.FreeTypeFont:
    pixel = next((_FONTS / place for place in _PIXEL if (_FONTS / place).exists()), None)
    if points == 16 and pixel is not None:
        return ImageFont.truetype(str(pixel), points)
    return noto(MONO, points)
