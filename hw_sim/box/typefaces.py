"""The letters that come up on LED panels: pixel fonts at 12 and 16 dots, outline fonts at the bigger sizes."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Dots = NDArray[np.bool_]

_PIXEL_FONTS: Final = (
    (12, ("X11/misc/wenquanyi_9pt.pcf", "wenquanyi/wenquanyi_9pt.pcf")),
    (16, ("X11/misc/wenquanyi_12pt.pcf", "wenquanyi/wenquanyi_12pt.pcf")),
    (16, ("opentype/unifont/unifont.otf", "truetype/unifont/unifont.ttf", "truetype/unifont/unifont.otf")),
)
_OUTLINE_FONTS: Final = ("NotoSansCJK-Bold.ttc", "NotoSansCJK-Regular.ttc")
_OUTLINE_FOLDERS: Final = ("opentype/noto", "noto-cjk", "google-noto-cjk", "truetype/noto")
_OUTLINE_SIZES: Final = (16, 24, 32, 40, 48, 64)
_FONTS: Final = Path("/usr/share/fonts")
_SIMPLIFIED: Final = "Noto Sans CJK SC"
_FACES: Final = 10
_GREY_THAT_LIGHTS: Final = 128
_BASELINE: Final = 96
_PAPER: Final = 160


class NoTypeface(RuntimeError):
    """None of the fonts that panels are written in is installed here."""


@dataclass(frozen=True, slots=True)
class Typeface:
    """`size`: dots of a Chinese character's side."""

    file: Path
    index: int
    size: int


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """`dots`: the ink and nothing around it; `rise`: rows from its top down to the baseline."""

    dots: Dots
    rise: int

    @property
    def ink(self) -> int:
        return int(self.dots.sum())

    @property
    def width(self) -> int:
        return int(self.dots.shape[1])


@lru_cache(maxsize=1)
def typefaces() -> tuple[Typeface, ...]:
    """Every typeface found on this machine. Raises NoTypeface when there is none."""
    found = (*_pixel_faces(), *_outline_faces())
    if not found:
        raise NoTypeface("no font for LED panels: install fonts-noto-cjk and xfonts-wqy")
    return found


@lru_cache(maxsize=4096)
def shape(letter: str, face: Typeface) -> Shape | None:
    """None: the typeface does not have this letter, or it leaves no ink."""
    font = _font(face)
    drawn = _draw(letter, font)
    if not drawn.any() or (not letter.isascii() and np.array_equal(drawn, _missing(face))):
        return None
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    ink = drawn[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return Shape(ink, int(_BASELINE - rows[0]))


def _pixel_faces() -> Iterator[Typeface]:
    for size, places in _PIXEL_FONTS:
        file = next((_FONTS / place for place in places if (_FONTS / place).exists()), None)
        if file is not None:
            yield Typeface(file, 0, size)


def _outline_faces() -> Iterator[Typeface]:
    for name in _OUTLINE_FONTS:
        files = (_FONTS / folder / name for folder in _OUTLINE_FOLDERS)
        file = next((file for file in files if file.exists()), None)
        if file is None:
            continue
        index = next(i for i in range(_FACES) if ImageFont.truetype(str(file), 16, index=i).getname()[0] == _SIMPLIFIED)
        yield from (Typeface(file, index, size) for size in _OUTLINE_SIZES)


@lru_cache(maxsize=32)
def _font(face: Typeface) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(face.file), face.size, index=face.index)


@lru_cache(maxsize=32)
def _missing(face: Typeface) -> Dots:
    return _draw("\U0010fffd", _font(face))


def _draw(letter: str, font: ImageFont.FreeTypeFont) -> Dots:
    paper = Image.new("L", (_PAPER, _PAPER))
    ImageDraw.Draw(paper).text((16, _BASELINE), letter, fill=255, font=font, anchor="ls")
    return np.asarray(paper) >= _GREY_THAT_LIGHTS
