"""A page of text on a panel of any geometry (led.md 5): one picture, or several that take turns.

Text is shown in turns only when nothing else fits (drivers.led.fitting). 16 dots are the smallest size people read
from their seats, 12 the smallest that can be read at all.
"""

from collections.abc import Sequence

import numpy as np

from drivers.contract import PageLine
from drivers.glyphs import Dots, Glyphs
from drivers.led.fitting import Fitting, Row

SIZES = (64, 48, 40, 32, 24, 16, 12)
READABLE, SMALLEST = 16, 12
_ELLIPSIS = "…"


class Panel:
    """Draws for one geometry; `width` and `height` in dots."""

    def __init__(self, width: int, height: int, glyphs: Glyphs) -> None:
        self._width, self._height, self._glyphs = width, height, glyphs
        self._fitting = Fitting(width, height, SIZES, glyphs.width, readable=READABLE)

    def pages(self, lines: Sequence[PageLine]) -> tuple[Dots, ...]:
        """At least one picture; more than one only when the text does not fit."""
        lines = [line for line in lines if line.text]
        rows = self._fitting.best(lines)
        if rows is not None:
            return (self._draw(rows),)
        return tuple(self._draw(turn) for turn in self._turns(lines))

    def picture(self, lines: Sequence[PageLine]) -> Dots:
        """Exactly one picture: lines that do not fit are left out, texts cut with an ellipsis."""
        lines = [line for line in lines if line.text][: max(1, self._height // SMALLEST)]
        rows = self._fitting.best(lines)
        if rows is None:
            size = self._fitting.uniform(len(lines))
            rows = [(self._abbreviated(line.text, size), size) for line in lines]
        return self._draw(rows)

    def full(self, lit: bool) -> Dots:
        return np.full((self._height, self._width), lit, dtype=np.bool_)

    def _turns(self, lines: Sequence[PageLine]) -> list[list[Row]]:
        size = READABLE if self._height >= READABLE else SMALLEST
        room = max(1, self._height // size)
        pieces = [self._fitting.wrapped(line.text, size) for line in lines]
        if len(pieces) <= room:
            count = max(len(own) for own in pieces)
            return [[(own[turn % len(own)], size) for own in pieces] for turn in range(count)]
        flat = [(piece, size) for own in pieces for piece in own]
        return [flat[start : start + room] for start in range(0, len(flat), room)]

    def _abbreviated(self, text: str, size: int) -> str:
        if self._fitting.fits(text, size):
            return text
        while text and not self._fitting.fits(text + _ELLIPSIS, size):
            text = text[:-1]
        return text + _ELLIPSIS

    # --- drawing ---------------------------------------------------------------------------------------------------

    def _draw(self, rows: Sequence[Row]) -> Dots:
        """Every row centred."""
        canvas = self.full(lit=False)
        tops = self._fitting.tops([size for _, size in rows])
        for (text, size), y in zip(rows, tops, strict=True):
            dots = self._glyphs.line(text, size)[: self._height - y, : self._width]
            x = (self._width - dots.shape[1]) // 2
            canvas[y : y + dots.shape[0], x : x + dots.shape[1]] = dots
        return canvas
