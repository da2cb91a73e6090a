"""From a page to the areas of a font card: one area a row, each with its own dead man (docs/decisions/0150)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from drivers.contract import Page, PageLine
from drivers.led import cardtext
from drivers.led.area6 import RunMode
from drivers.led.cardlayout import CardLayout, CardRow
from drivers.led.onbon5k_config import Onbon5KConfig
from drivers.led.textarea import CENTRED, MIDDLE, Effect, TextArea

UNHURRIED_SECONDS = 60
"""How long the card may keep a moving line that nobody renews: renewing starts it from its beginning."""

_STAY = 10  # of 0.5 s
_LONGEST = 0xFFFF


@dataclass(frozen=True, slots=True)
class CardPage:
    """`unhurried` are the areas that need not be renewed with the others; `missing` the characters replaced."""

    areas: tuple[TextArea, ...]
    unhurried: frozenset[int] = frozenset()
    missing: tuple[str, ...] = ()


class CardPages:
    """Plans pages for one panel in the font sizes `sizes`, dot heights."""

    def __init__(self, config: Onbon5KConfig, sizes: Sequence[int]) -> None:
        self._config, self._largest = config, max(sizes)
        self._layout = CardLayout(config.width, config.height, sizes, config.lines)
        self._speller = cardtext.Speller(config.charset, config.substitute, config.spellings)

    def planned(self, page: Page) -> CardPage:
        lines, missing = self._spelled(page.lines)
        fallback, _ = self._spelled(page.fallback)
        rows = self._layout.rows(lines)
        last_words = self._layout.last_words(rows, fallback if self._config.lease_mode == "logo" else ())
        areas = [
            self._leased(self._area(number, row), row, words, page.lease)
            for number, (row, words) in enumerate(zip(rows, last_words, strict=True))
        ]
        unhurried = frozenset(number for number, row in enumerate(rows) if row.unhurried)
        return CardPage(tuple(areas), unhurried, missing)

    def blocks(self, seconds: float) -> TextArea:
        """The panel full of squares, for as long as somebody looks for it."""
        size = self._largest
        row = "■" * max(1, self._config.width // size)
        text = cardtext.LINE_BREAK.join([self._speller.encoded(row)] * max(1, self._config.height // size))
        config = self._config
        return TextArea(
            self._dressed(text, size),
            *(0, 0, config.width, config.height),
            run_mode=RunMode.LOOP_THEN_VANISH,
            timeout=_whole(seconds),
            alignment=CENTRED,
            auto_wrap=False,
            stay=_STAY,
        )

    def _spelled(self, lines: Sequence[PageLine]) -> tuple[list[PageLine], tuple[str, ...]]:
        spelled = [(line, self._speller.drawable(line.text)) for line in lines]
        missing = dict.fromkeys(char for _, drawable in spelled for char in drawable.missing)
        return [PageLine(text=drawable.text, big=line.big) for line, drawable in spelled], tuple(missing)

    def _area(self, number: int, row: CardRow) -> TextArea:
        return TextArea(
            self._said(row.text, row.size),
            *(0, row.top, self._config.width, row.size),
            area_id=number,
            alignment=MIDDLE if row.moves else CENTRED,
            multi_line=False,
            auto_wrap=False,
            effect=Effect.LEFT if row.moves else Effect.STATIC,
            speed=self._config.speed if row.moves else 0,
            stay=0 if row.moves else _STAY,
        )

    def _leased(self, area: TextArea, row: CardRow, words: tuple[str, int] | None, lease: float) -> TextArea:
        if lease <= 0 or self._config.lease_mode == "none":
            return area
        seconds = max(lease, UNHURRIED_SECONDS) if row.unhurried else lease
        if words is None:
            return replace(area, run_mode=RunMode.LOOP_THEN_VANISH, timeout=_whole(seconds))
        text = area.text + cardtext.LINE_BREAK + self._said(*words)
        return replace(area, text=text, multi_line=True, run_mode=RunMode.LOOP_THEN_LOGO, timeout=_whole(seconds))

    def _said(self, text: str, size: int) -> bytes:
        return self._dressed(self._speller.encoded(text), size)

    def _dressed(self, text: bytes, size: int) -> bytes:
        return cardtext.font_marker(self._config.fonts[size]) + cardtext.colour_marker(self._config.colour) + text


def _whole(seconds: float) -> int:
    return min(_LONGEST, max(1, math.ceil(seconds)))
