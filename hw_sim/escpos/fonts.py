"""Glyphs as a thermal head makes them: a dot is black or not, bigger sizes repeat dots."""

from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

CELL = 24
LATIN = 12
_FILE = "NotoSansCJK-Regular.ttc"
_FOLDERS = (
    "/usr/share/fonts/opentype/noto",
    "/usr/share/fonts/noto-cjk",
    "/usr/share/fonts/google-noto-cjk",
    "/usr/share/fonts/truetype/noto",
)
_MONO_SC = "Noto Sans Mono CJK SC"
_FACES = 10
# Points and baseline so that the deepest descender and the highest stroke both fit into 24 dots.
_WIDE_FACE, _NARROW_FACE = (24, 21), (22, 19)
_INK = 110  # grey from which a dot is burnt


class NoChineseFont(RuntimeError):
    def __init__(self) -> None:
        super().__init__(f"{_FILE} not found in {', '.join(_FOLDERS)}: install fonts-noto-cjk")


@lru_cache(maxsize=2)
def _font(points: int) -> ImageFont.FreeTypeFont:
    for folder in _FOLDERS:
        path = Path(folder) / _FILE
        if not path.exists():
            continue
        for index in range(_FACES):
            font = ImageFont.truetype(str(path), points, index=index)
            if font.getname()[0] == _MONO_SC:
                return font
    raise NoChineseFont


@lru_cache(maxsize=4096)
def glyph(letter: str, wide: bool, across: int, down: int, bold: bool) -> Image.Image:
    """Mode 1, black on white, 12 or 24 by 24 dots times the size."""
    width = CELL if wide else LATIN
    cell = Image.new("L", (width, CELL), 255)
    draw = ImageDraw.Draw(cell)
    points, baseline = _WIDE_FACE if wide else _NARROW_FACE
    font = _font(points)
    ink = font.getlength(letter)
    left = max(0.0, (width - ink) / 2)
    for shift in (0, 1) if bold else (0,):
        draw.text((left + shift, baseline), letter, fill=0, font=font, anchor="ls")
    dots = cell.point(lambda grey: 0 if grey < 255 - _INK else 255).convert("1")
    return dots.resize((width * across, CELL * down), Image.Resampling.NEAREST)


@lru_cache(maxsize=64)
def box(wide: bool, across: int, down: int) -> Image.Image:
    """What stands for a character the printer does not have."""
    width = (CELL if wide else LATIN) * across
    cell = Image.new("1", (width, CELL * down), 1)
    ImageDraw.Draw(cell).rectangle((1, 2, width - 3, CELL * down - 4), outline=0, width=2)
    return cell
