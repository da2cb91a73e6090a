"""How large the lines of a page can be on a panel, whoever draws them.

A line is shrunk before it is wrapped, wrapped before a size below the readable one is used, and wrapped in the
smallest before it is said not to fit.
"""

from collections.abc import Callable, Sequence

from drivers.contract import PageLine
from drivers.linebreak import balanced, broken

Measure = Callable[[str, int], int]
"""Width in dots of a text at a dot height."""

Row = tuple[str, int]
"""Text and dot height."""


class Fitting:
    """`sizes` are the dot heights there are; `most` is how many rows there may be, whatever the height."""

    def __init__(
        self, width: int, height: int, sizes: Sequence[int], measure: Measure, *, readable: int, most: int | None = None
    ) -> None:
        self._width, self._height, self._measure = width, height, measure
        self._sizes = tuple(sorted(sizes, reverse=True))
        self._readable, self._most_rows = readable, most

    @property
    def smallest(self) -> int:
        return self._sizes[-1]

    def fits(self, text: str, size: int) -> bool:
        return self._measure(text, size) <= self._width

    def best(self, lines: Sequence[PageLine]) -> list[Row] | None:
        """The arrangement whose smallest text is largest; unwrapped when equal. None when nothing fits."""
        options = (
            self._fitted(lines, self._readable),
            self._wrapped_rows(lines, self._readable),
            self._fitted(lines, self.smallest),
        )
        found = max((rows for rows in options if rows is not None), key=self._smallest_of, default=None)
        return found if found is not None else self._wrapped_rows(lines, self.smallest)

    def allotted(self, lines: Sequence[PageLine], smallest: int) -> list[int] | None:
        """Big lines take what ordinary lines at `smallest` leave; then ordinary lines grow below them."""
        big = sum(line.big for line in lines)
        plain = len(lines) - big
        if len(lines) * smallest > self._height or (self._most_rows is not None and len(lines) > self._most_rows):
            return None
        if not big or not plain:
            return [self.uniform(len(lines))] * len(lines)
        large = self._most((self._height - plain * smallest) // big)
        rest = (self._height - big * large) // plain
        small = max((size for size in self._sizes if smallest <= size <= rest and size < large), default=smallest)
        return [large if line.big else small for line in lines]

    def uniform(self, count: int) -> int:
        """The size of `count` equal rows."""
        return self._most(self._height // max(1, count))

    def widest(self, text: str, most: int, smallest: int) -> int | None:
        """The largest size within these bounds at which `text` fits the width."""
        return next((size for size in self._sizes if smallest <= size <= most and self.fits(text, size)), None)

    def wrapped(self, text: str, size: int) -> list[str]:
        return balanced(text, self._width, lambda part: self._measure(part, size))

    def tops(self, sizes: Sequence[int]) -> list[int]:
        """First dot row of each text row: spare height shared evenly above, between and below."""
        spare = self._height - sum(sizes)
        return [sum(sizes[:index]) + spare * (index + 1) // (len(sizes) + 1) for index in range(len(sizes))]

    def _smallest_of(self, rows: Sequence[Row]) -> int:
        return min((size for _, size in rows), default=self._sizes[0])

    def _wrapped_rows(self, lines: Sequence[PageLine], smallest: int) -> list[Row] | None:
        for size in (size for size in self._sizes if size >= smallest):
            if self._rows_at(lines, size) * size <= self._height:
                pieces = (
                    PageLine(text=piece, big=line.big) for line in lines for piece in self.wrapped(line.text, size)
                )
                return self._fitted(tuple(pieces), smallest)
        return None

    def _rows_at(self, lines: Sequence[PageLine], size: int) -> int:
        """Rows the lines break into. Balancing them, which is slow, changes their widths and never their number."""
        return sum(len(broken(line.text, self._width, lambda part: self._measure(part, size))) for line in lines)

    def _fitted(self, lines: Sequence[PageLine], smallest: int) -> list[Row] | None:
        """Rows at least `smallest` high that fill the panel best, or None."""
        heights = self.allotted(lines, smallest)
        if heights is None:
            return None
        rows = []
        for line, most in zip(lines, heights, strict=True):
            size = self.widest(line.text, most, smallest)
            if size is None:
                return None
            rows.append((line.text, size))
        return rows

    def _most(self, height: int) -> int:
        return next((size for size in self._sizes if size <= height), self.smallest)
