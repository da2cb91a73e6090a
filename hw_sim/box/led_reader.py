"""Reads an LED panel as a passer-by does: from its lamps only, with the shapes of letters in mind.

The lamps are compared with the letters of the fonts installed here; what the display card was told is never looked at.
"""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hw_sim.box.typefaces import Dots, Shape, Typeface, shape, typefaces

NEAR: Final = 0.9  # shared lamps over lamps of either, from which a shape counts as the letter
_SHINES: Final = 60  # grey of a picture from which a lamp is lit
_RING: Final = 1  # dark lamps looked for around a letter, so that a bar inside a stroke is not a letter
_MARGIN: Final = 4  # dark lamps added around the panel: high letters lose a row at its edge
_LOOSEST_GAP: Final = 1.1  # sides of a character between two letters of one text
_NEXT_LETTER: Final = 0.3  # sides within which a letter still belongs to the same number
_TOUCH: Final = 3  # columns by which neighbours may reach into each other ("A0")
_STRAY: Final = 2  # lamps that may shine between two letters
_NUMBER_LETTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Reading:
    """A text found on the panel. `score` 0..1: how near the worst letter is; `ink`: lamps that the text explains."""

    text: str
    score: float
    ink: int


@dataclass(frozen=True, slots=True)
class _Placed:
    """A letter somewhere on the panel; `left` and `top` count from the start of the margin."""

    letter: str
    shape: Shape
    left: int
    top: int
    near: float

    @property
    def right(self) -> int:
        return self.left + self.shape.width

    @property
    def baseline(self) -> int:
        return self.top + self.shape.rise


def read_panel(panel: bytes | Image.Image, candidates: Iterable[str]) -> str | None:
    """Which of `candidates` stands on the panel: the one that explains most lamps, None for none of them.

    `panel`: PNG or image, one pixel a lamp. Spaces do not count; the lines of a candidate with newlines must all be
    there. Raises NoTypeface without fonts, OSError when the bytes are no picture.
    """
    found = readings(panel, candidates)
    return found[0].text if found else None


def readings(panel: bytes | Image.Image, candidates: Iterable[str]) -> list[Reading]:
    """Every candidate that stands on the panel, the one with most lamps first."""
    lamps = _Lamps(_lit(panel))
    if not lamps.any:
        return []
    found = [reading for text in candidates if (reading := _read(lamps, text)) is not None]
    return sorted(found, key=lambda reading: (reading.ink, reading.score), reverse=True)


class _Lamps:
    """A panel with a margin, prepared for being compared with many shapes."""

    def __init__(self, lit: Dots) -> None:
        self._lit = np.pad(lit, _MARGIN).astype(np.float32)
        self._waves = np.fft.rfft2(self._lit)
        self.any = bool(lit.any())

    def everywhere(self, letter: Shape) -> NDArray[np.float64]:
        """For every place of the shape's top left lamp how near the lamps come to it there; empty: it is too big."""
        ringed = np.pad(letter.dots, _RING).astype(np.float32)
        rows, columns = (whole - part + 1 for whole, part in zip(self._lit.shape, ringed.shape, strict=True))
        if rows < 1 or columns < 1:
            return np.zeros((0, 0))
        shared = self._correlate(ringed)[:rows, :columns]
        there = self._correlate(np.ones_like(ringed))[:rows, :columns]
        nearness: NDArray[np.float64] = shared / (letter.ink + there - shared)
        return nearness

    def along(self, letter: Shape, top: int, left: int, right: int) -> NDArray[np.float64]:
        """The same for the places from `left` to `right` in the row `top`; empty: it does not fit there."""
        ringed = np.pad(letter.dots, _RING)
        strip = self._lit[top : top + ringed.shape[0], left : right + ringed.shape[1]] > 0
        if top < 0 or strip.shape[0] < ringed.shape[0] or strip.shape[1] < ringed.shape[1]:
            return np.zeros(0)
        windows = np.lib.stride_tricks.sliding_window_view(strip, ringed.shape)[0]
        shared = (windows & ringed).sum(axis=(1, 2))
        nearness: NDArray[np.float64] = shared / (letter.ink + windows.sum(axis=(1, 2)) - shared)
        return nearness

    def shining(self, before: _Placed, after: _Placed) -> int:
        """Lamps lit in the columns between two letters, as high as the lower of them."""
        bottom = before.baseline + _RING
        top = bottom - min(before.shape.rise, after.shape.rise)
        return int(self._lit[top:bottom, before.right + _RING : after.left + _RING].sum())

    def _correlate(self, dots: NDArray[np.float32]) -> NDArray[np.float64]:
        waves = np.fft.rfft2(dots, s=self._lit.shape)
        return np.fft.irfft2(self._waves * waves.conj(), s=self._lit.shape).round()


def _lit(panel: bytes | Image.Image) -> Dots:
    image = Image.open(io.BytesIO(panel)) if isinstance(panel, bytes) else panel
    return np.asarray(image.convert("L")) > _SHINES


def _read(lamps: _Lamps, text: str) -> Reading | None:
    wanted = ["".join(line.split()) for line in text.split("\n")]
    found = [_find_line(lamps, line) for line in wanted if line]
    letters = [placed for line in found for placed in line]
    if not letters or [] in found:
        return None
    return Reading(text, min(placed.near for placed in letters), sum(placed.shape.ink for placed in letters))


def _find_line(lamps: _Lamps, letters: str) -> list[_Placed]:
    """Empty: the panel does not show it."""
    for face in typefaces():
        for first in _places(lamps, letters[0], face):
            line = _follow(lamps, first, letters[1:], face)
            if line and all(_is_best(lamps, placed, face) for placed in line) and _stands_alone(lamps, line, face):
                return line
    return []


def _places(lamps: _Lamps, letter: str, face: Typeface) -> Iterator[_Placed]:
    wanted = shape(letter, face)
    if wanted is None:
        return
    nearness = lamps.everywhere(wanted)
    for top, left in np.argwhere(nearness >= NEAR).tolist():
        yield _Placed(letter, wanted, left, top, float(nearness[top, left]))


def _follow(lamps: _Lamps, first: _Placed, rest: str, face: Typeface) -> list[_Placed] | None:
    line = [first]
    for letter in rest:
        before = line[-1]
        span = before.right - _TOUCH, before.right + round(_LOOSEST_GAP * face.size)
        placed = _on_baseline(lamps, letter, face, before.baseline, span)
        if placed is None or placed.near < NEAR:
            return None
        line.append(placed)
    return line


def _on_baseline(lamps: _Lamps, letter: str, face: Typeface, baseline: int, span: tuple[int, int]) -> _Placed | None:
    """The nearest place of `letter` with its left edge within `span`."""
    wanted = shape(letter, face)
    if wanted is None:
        return None
    top, left = baseline - wanted.rise, max(0, span[0])
    row = lamps.along(wanted, top, left, span[1])
    if not row.size:
        return None
    best = int(row.argmax())
    return _Placed(letter, wanted, left + best, top, float(row[best]))


def _is_best(lamps: _Lamps, placed: _Placed, face: Typeface) -> bool:
    """No other letter or digit explains these lamps better: 6 is not taken for 8."""
    if placed.letter not in _NUMBER_LETTERS:
        return True
    span = placed.left - 1, placed.left + 1
    rivals = (_on_baseline(lamps, rival, face, placed.baseline, span) for rival in _NUMBER_LETTERS)
    return all(rival is None or rival.letter == placed.letter or rival.near < placed.near for rival in rivals)


def _stands_alone(lamps: _Lamps, line: list[_Placed], face: Typeface) -> bool:
    """Nothing shines between the letters, and a number goes on neither to the left nor to the right."""
    if any(lamps.shining(before, after) > _STRAY for before, after in pairwise(line)):
        return False
    first, last = line[0], line[-1]
    reach = round(_NEXT_LETTER * face.size)
    if last.letter in _NUMBER_LETTERS and _number_letter_at(lamps, face, last.baseline, last.right, reach, after=True):
        return False
    return first.letter not in _NUMBER_LETTERS or not _number_letter_at(
        lamps, face, first.baseline, first.left, reach, after=False
    )


def _number_letter_at(lamps: _Lamps, face: Typeface, baseline: int, column: int, reach: int, *, after: bool) -> bool:
    """Whether a letter or digit stands within `reach` columns after, or before, `column`."""
    for letter in _NUMBER_LETTERS:
        wanted = shape(letter, face)
        if wanted is None:
            continue
        width = wanted.width
        span = (column, column + reach) if after else (column - width - reach, column - width)
        placed = None if span[1] < 0 else _on_baseline(lamps, letter, face, baseline, span)
        if placed is not None and placed.near >= NEAR:
            return True
    return False
