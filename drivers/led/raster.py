"""A page of text on a panel of any geometry (led.md 5): one picture, or several that take turns.

A line is shrunk before it is wrapped, wrapped before the smallest size is used, and shown in turns only when nothing
else fits. 16 dots are the smallest size people read from their seats, 12 the smallest that can be read at all.
"""

from collections.abc import Sequence

import numpy as np

from drivers.contract import PageLine
from drivers.glyphs import Dots, Glyphs
from drivers.linebreak import balanced

SIZES = (64, 48, 40, 32, 24, 16, 12)
READABLE, SMALLEST = 16, 12
_ELLIPSIS = "…"

Row = tuple[str, int]
"""Text and dot height."""


def _smallest(rows: Sequence[Row]) -> int:
    return min((size for _, size in rows), default=SIZES[0])


class Panel:
    """Draws for one geometry; `width` and `height` in dots."""

    def __init__(self, width: int, height: int, glyphs: Glyphs) -> None:
        self._width, self._height, self._glyphs = width, height, glyphs

    def pages(self, lines: Sequence[PageLine]) -> tuple[Dots, ...]:
        """At least one picture; more than one only when the text does not fit."""
        lines = [line for line in lines if line.text]
        rows = self._single(lines)
        if rows is not None:
            return (self._draw(rows),)
        return tuple(self._draw(turn) for turn in self._turns(lines))

    def picture(self, lines: Sequence[PageLine]) -> Dots:
        """Exactly one picture: lines that do not fit are left out, texts cut with an ellipsis."""
        lines = [line for line in lines if line.text][: max(1, self._height // SMALLEST)]
        rows = self._single(lines)
        if rows is None:
            size = self._uniform(len(lines))
            rows = [(self._abbreviated(line.text, size), size) for line in lines]
        return self._draw(rows)

    def full(self, lit: bool) -> Dots:
        return np.full((self._height, self._width), lit, dtype=np.bool_)

    # --- fitting ---------------------------------------------------------------------------------------------------

    def _single(self, lines: Sequence[PageLine]) -> list[Row] | None:
        """The arrangement whose smallest text is largest; unwrapped when equal."""
        options = (self._fitted(lines, READABLE), self._wrapped_rows(lines), self._fitted(lines, SMALLEST))
        return max((rows for rows in options if rows is not None), key=_smallest, default=None)

    def _wrapped_rows(self, lines: Sequence[PageLine]) -> list[Row] | None:
        for size in (size for size in SIZES if size >= READABLE):
            pieces = [PageLine(text=piece, big=line.big) for line in lines for piece in self._wrapped(line.text, size)]
            if len(pieces) * size <= self._height:
                return self._fitted(pieces, READABLE)
        return None

    def _fitted(self, lines: Sequence[PageLine], smallest: int) -> list[Row] | None:
        """Rows at least `smallest` high that fill the panel best, or None."""
        heights = self._allotted(lines, smallest)
        if heights is None:
            return None
        rows = []
        for line, most in zip(lines, heights, strict=True):
            size = self._widest(line.text, most, smallest)
            if size is None:
                return None
            rows.append((line.text, size))
        return rows

    def _allotted(self, lines: Sequence[PageLine], smallest: int) -> list[int] | None:
        """Big lines take what ordinary lines at `smallest` leave; then ordinary lines grow below them."""
        big = sum(line.big for line in lines)
        plain = len(lines) - big
        if len(lines) * smallest > self._height:
            return None
        if not big or not plain:
            size = self._uniform(len(lines))
            return [size] * len(lines)
        large = self._most((self._height - plain * smallest) // big)
        rest = (self._height - big * large) // plain
        small = max((size for size in SIZES if smallest <= size <= rest and size < large), default=smallest)
        return [large if line.big else small for line in lines]

    def _uniform(self, count: int) -> int:
        return self._most(self._height // max(1, count))

    @staticmethod
    def _most(height: int) -> int:
        return next((size for size in SIZES if size <= height), SMALLEST)

    def _widest(self, text: str, most: int, smallest: int) -> int | None:
        sizes = (size for size in SIZES if smallest <= size <= most)
        return next((size for size in sizes if self._glyphs.width(text, size) <= self._width), None)

    def _turns(self, lines: Sequence[PageLine]) -> list[list[Row]]:
        size = READABLE if self._height >= READABLE else SMALLEST
        room = max(1, self._height // size)
        pieces = [self._wrapped(line.text, size) for line in lines]
        if len(pieces) <= room:
            count = max(len(own) for own in pieces)
            return [[(own[turn % len(own)], size) for own in pieces] for turn in range(count)]
        flat = [(piece, size) for own in pieces for piece in own]
        return [flat[start : start + room] for start in range(0, len(flat), room)]

    # --- text ------------------------------------------------------------------------------------------------------

    def _wrapped(self, text: str, size: int) -> list[str]:
        return balanced(text, self._width, lambda part: self._glyphs.width(part, size))

    def _abbreviated(self, text: str, size: int) -> str:
        if self._glyphs.width(text, size) <= self._width:
            return text
        while text and self._glyphs.width(text + _ELLIPSIS, size) > self._width:
            text = text[:-1]
        return text + _ELLIPSIS

    # --- drawing ---------------------------------------------------------------------------------------------------

    def _draw(self, rows: Sequence[Row]) -> Dots:
        """Rows centred, spare height shared evenly above, between and below."""
        canvas = self.full(lit=False)
        spare = self._height - sum(size for _, size in rows)
        top = 0
        for index, (text, size) in enumerate(rows):
            y = top + spare * (index + 1) // (len(rows) + 1)
            dots = self._glyphs.line(text, size)[: self._height - y, : self._width]
            x = (self._width - dots.shape[1]) // 2
            canvas[y : y + dots.shape[0], x : x + dots.shape[1]] = dots
            top += size
        return canvas
