"""A page of text on a panel whose card draws it: which rows, how large, which ones have to move."""

from collections.abc import Sequence
from dataclasses import dataclass

from drivers.contract import PageLine
from drivers.led.cardtext import width
from drivers.led.fitting import Fitting

_JOINT = "　"


@dataclass(frozen=True, slots=True)
class CardRow:
    """`top` in dots. A row that `moves` is wider than the panel; `unhurried` when it is not what the page is about."""

    text: str
    size: int
    top: int
    moves: bool = False
    unhurried: bool = False


class CardLayout:
    """`sizes` are the dot heights of the card's fonts, `most` the rows there may be."""

    def __init__(self, panel_width: int, panel_height: int, sizes: Sequence[int], most: int) -> None:
        self._fitting = Fitting(panel_width, panel_height, sizes, width, readable=min(sizes), most=most)
        self._room = min(most, panel_height // min(sizes))

    def rows(self, lines: Sequence[PageLine]) -> tuple[CardRow, ...]:
        """Nothing is cut: what fits nowhere moves; lines without a row of their own go behind the last one."""
        lines = [line for line in lines if line.text.strip()]
        if not lines:
            return ()
        best = self._fitting.best(lines)
        if best is not None:
            tops = self._fitting.tops([size for _, size in best])
            return tuple(CardRow(text, size, top) for (text, size), top in zip(best, tops, strict=True))
        return self._moving(self._packed(lines))

    def last_words(self, rows: Sequence[CardRow], fallback: Sequence[PageLine]) -> tuple[tuple[str, int] | None, ...]:
        """For each row what it says when the host is dead, with its size, no higher than the row; None = nothing.

        The most important line goes into the highest row; a line that does not fit is left out, never cut.
        """
        still = sorted((index for index, row in enumerate(rows) if not row.moves), key=lambda index: -rows[index].size)
        words = sorted((line for line in fallback if line.text.strip()), key=lambda line: not line.big)
        said: list[tuple[str, int] | None] = [None] * len(rows)
        for index, line in zip(still, words, strict=False):
            size = self._fitting.widest(line.text, rows[index].size, self._fitting.smallest)
            said[index] = None if size is None else (line.text, size)
        return tuple(said)

    def _packed(self, lines: list[PageLine]) -> list[PageLine]:
        if len(lines) <= self._room:
            return lines
        own, rest = lines[: self._room - 1], lines[self._room - 1 :]
        return [*own, PageLine(text=_JOINT.join(line.text for line in rest), big=any(line.big for line in rest))]

    def _moving(self, lines: list[PageLine]) -> tuple[CardRow, ...]:
        smallest = self._fitting.smallest
        heights = self._fitting.allotted(lines, smallest) or [smallest] * len(lines)
        fitting = [self._fitting.widest(line.text, most, smallest) for line, most in zip(lines, heights, strict=True)]
        tops = self._fitting.tops([size or smallest for size in fitting])
        return tuple(
            CardRow(line.text, size or smallest, top, moves=size is None, unhurried=size is None and not line.big)
            for line, size, top in zip(lines, fitting, tops, strict=True)
        )
