"""Characters as dots, for LED panels and for printers that lack a character.

Real pixel fonts draw 12 and 16 dots (strokes on the grid); an outline font, thresholded, draws larger sizes and every
character the pixel fonts lack (docs/decisions/0060).
"""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from drivers.errors import Unsupported

Dots = npt.NDArray[np.bool_]
"""Shape (height, width), True = lit or black."""

PIXEL_FONTS: Mapping[int, tuple[str, ...]] = {
    12: ("/usr/share/fonts/X11/misc/wenquanyi_9pt.pcf",),
    16: ("/usr/share/fonts/X11/misc/wenquanyi_12pt.pcf", "/usr/share/fonts/opentype/unifont/unifont.otf"),
}
OUTLINE_FONTS: Mapping[str, str] = {
    "Regular": "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "Bold": "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
}
OUTLINE_FAMILY = "Noto Sans CJK SC"
INSTALL = "no Chinese outline font: install fonts-noto-cjk (and xfonts-wqy for clean 12 and 16 dots)"

MOST_CELLS = 4096  # about ten megabytes: more than a hall's notices, names and numbers have characters
_BOLD_FROM = 24
_ABSENT = "\U0010fffd"
_REFERENCE = "国"


@dataclass(frozen=True, slots=True)
class FontFiles:
    """`pixel`: files by dot height; `regular`, `bold`: outline files. Absent pixel files only cost beauty."""

    regular: str
    bold: str
    pixel: Mapping[int, tuple[str, ...]] = field(default_factory=lambda: PIXEL_FONTS)


def find_fonts() -> FontFiles:
    """Known Debian paths first, then fontconfig. Blocking. Raises Unsupported with what to install."""
    return FontFiles(regular=_outline("Regular"), bold=_outline("Bold"))


def _outline(style: str) -> str:
    known = OUTLINE_FONTS[style]
    if Path(known).is_file():
        return known
    try:
        pattern = f"{OUTLINE_FAMILY}:style={style}"
        answer = subprocess.run(
            ["fc-match", "-f", "%{family}\n%{file}", pattern], capture_output=True, text=True, timeout=5, check=True
        )
    except (OSError, subprocess.SubprocessError) as exc:
        raise Unsupported(INSTALL) from exc
    family, _, file = answer.stdout.partition("\n")
    if OUTLINE_FAMILY not in family:
        raise Unsupported(INSTALL)
    return file


class Face:
    """One font file at one dot height."""

    def __init__(self, path: str, height: int) -> None:
        self._height = height
        self._font = _load(path, height)
        _, top, _, bottom = self._font.getbbox(_REFERENCE, anchor="ls")
        self._baseline = round((height - (bottom - top)) / 2 - top)
        self._absent = self._dots(_ABSENT).tobytes()

    def draw(self, char: str) -> Dots | None:
        """The character's cell, or None when the font does not have it."""
        dots = self._dots(char)
        return None if dots.tobytes() == self._absent else dots

    def _dots(self, char: str) -> Dots:
        advance = round(self._font.getlength(char))
        if advance <= 0:
            return np.zeros((self._height, 0), dtype=np.bool_)
        image = Image.new("L", (advance, self._height), 0)
        below = self._font.getbbox(char, anchor="ls")[3]
        baseline = min(self._baseline, self._height - round(below))  # a descender is lifted, never cut off
        ImageDraw.Draw(image).text((0, baseline), char, font=self._font, fill=255, anchor="ls")
        return np.asarray(image) >= 128


def _load(path: str, height: int) -> ImageFont.FreeTypeFont:
    """A collection's Simplified Chinese member; others have the forms of Japan or Taiwan."""
    basic = ImageFont.Layout.BASIC
    first = ImageFont.truetype(path, height, layout_engine=basic)
    if not path.endswith(".ttc") or first.getname()[0] == OUTLINE_FAMILY:
        return first
    for index in range(1, 20):
        try:
            member = ImageFont.truetype(path, height, index=index, layout_engine=basic)
        except OSError:
            break
        if member.getname()[0] == OUTLINE_FAMILY:
            return member
    return first


@dataclass(slots=True)
class _Opened:
    """What was opened and drawn of one set of files, by height and by (character, height)."""

    faces: dict[int, list[Face]] = field(default_factory=dict)
    cells: dict[tuple[str, int], Dots] = field(default_factory=dict)


# One a process: every face of a CJK font costs megabytes, and a hall has dozens of panels and printers.
_opened: dict[tuple[object, ...], _Opened] = {}


class Glyphs:
    """Text to dots at any height; the same text always gives the same dots on the same fonts.

    All that are made for the same files share what they opened and drew.
    """

    def __init__(self, files: FontFiles) -> None:
        self._files = files
        opened = _opened.setdefault((files.regular, files.bold, *sorted(files.pixel.items())), _Opened())
        self._faces, self._cells = opened.faces, opened.cells

    def cell(self, char: str, height: int) -> Dots:
        key = (char, height)
        if key not in self._cells:
            drawn = (face.draw(char) for face in self._faces_of(height))
            while len(self._cells) >= MOST_CELLS:
                self._cells.pop(next(iter(self._cells)), None)
            self._cells[key] = next((dots for dots in drawn if dots is not None), _box(height))
        return self._cells[key]

    def width(self, text: str, height: int) -> int:
        return sum(self.cell(char, height).shape[1] for char in text)

    def line(self, text: str, height: int) -> Dots:
        cells = [self.cell(char, height) for char in text]
        return np.hstack(cells) if cells else np.zeros((height, 0), dtype=np.bool_)

    def _faces_of(self, height: int) -> list[Face]:
        if height not in self._faces:
            outline = self._files.bold if height >= _BOLD_FROM else self._files.regular
            pixel = [path for path in self._files.pixel.get(height, ()) if Path(path).is_file()]
            self._faces[height] = [Face(path, height) for path in (*pixel, outline)]
        return self._faces[height]


def _box(height: int) -> Dots:
    """What no font has: a visible empty box, never nothing."""
    dots = np.zeros((height, height), dtype=np.bool_)
    dots[1:-1, 1:-1] = True
    dots[2:-2, 2:-2] = False
    return dots
