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
_Numbered = tuple[int, PageLine]  # with its place on the page


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
        """Big lines stand while the others take turns; where there is no room for both, all take turns."""
        numbered = list(enumerate(lines))
        standing = [one for one in numbered if one[1].big]
        others = [one for one in numbered if not one[1].big]
        turns = self._sharing(standing, others) if standing and others else None
        return turns or self._sharing([], numbered) or []

    def _sharing(self, standing: list[_Numbered], others: list[_Numbered]) -> list[list[Row]] | None:
        """Whole lines together as long as they fit; only a line that is too long by itself is cut. None = no room."""
        turns: list[list[Row]] = []
        held: list[_Numbered] = []
        rows: list[Row] | None = None
        for one in (piece for other in others for piece in self._pieces(standing, other)):
            together = self._arranged([*standing, *held, one])
            if together is None:
                turns += [rows] if rows else []
                held, together = [], self._arranged([*standing, one])
            if together is None:
                return None
            held, rows = [*held, one], together
        return [*turns, rows] if rows else turns

    def _pieces(self, standing: list[_Numbered], other: _Numbered) -> list[_Numbered]:
        number, line = other
        if self._arranged([*standing, other]) is not None:
            return [other]
        size = READABLE if self._height >= READABLE * (len(standing) + 1) else SMALLEST
        return [(number, PageLine(text=piece, big=line.big)) for piece in self._fitting.wrapped(line.text, size)]

    def _arranged(self, lines: list[_Numbered]) -> list[Row] | None:
        return self._fitting.best([line for _, line in sorted(lines, key=lambda one: one[0])])

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
