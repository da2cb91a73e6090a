"""From a page to the windows of a C-Power card: one picture over the panel, or a window a row."""

from collections.abc import Sequence
from dataclasses import dataclass

from drivers.contract import Page, PageLine
from drivers.glyphs import Dots, Glyphs
from drivers.led.cardlayout import CardLayout, CardRow
from drivers.led.cardtext import Speller
from drivers.led.cpower import commands
from drivers.led.cpower.commands import Box, Effect, Look
from drivers.led.cpower.config import CPowerConfig
from drivers.led.raster import Panel


@dataclass(frozen=True, slots=True)
class CardWindows:
    """`contents[n]` fills `windows[n]`. `missing`: characters the card's fonts lack. `moves`: some of it runs."""

    windows: tuple[Box, ...]
    contents: tuple[bytes, ...]
    missing: tuple[str, ...] = ()
    moves: bool = False


class CardPages:
    """Plans pages for one panel."""

    def __init__(self, config: CPowerConfig, glyphs: Glyphs) -> None:
        self._config = config
        self._panel = Panel(config.width, config.height, glyphs)
        self._layout = CardLayout(config.width, config.height, config.sizes, config.lines)
        self._speller = Speller(config.charset, config.substitute)
        self._whole: tuple[Box, ...] = ((0, 0, config.width, config.height),)

    def planned(self, page: Page) -> CardWindows:
        """Our picture where the text stands still; the card's own letters where it has to move."""
        if self._config.draw == "picture":
            pictures = self._panel.pages(page.lines)
            if len(pictures) == 1:
                return self.picture(pictures[0])
        return self._rows(page.lines)

    def full(self, lit: bool) -> CardWindows:
        return self.picture(self._panel.full(lit))

    def picture(self, dots: Dots) -> CardWindows:
        return CardWindows(self._whole, (commands.picture(0, commands.simple_picture(dots, self._config.planes)),))

    def _rows(self, lines: Sequence[PageLine]) -> CardWindows:
        spelled = [(line, self._speller.drawable(line.text)) for line in lines]
        missing = dict.fromkeys(char for _, drawable in spelled for char in drawable.missing)
        rows = self._layout.rows([PageLine(text=drawable.text, big=line.big) for line, drawable in spelled])
        if not rows:
            return self.full(lit=False)
        return CardWindows(
            tuple((0, row.top, self._config.width, row.size) for row in rows),
            tuple(self._text(number, row) for number, row in enumerate(rows)),
            tuple(missing),
            any(row.moves for row in rows),
        )

    def _text(self, window: int, row: CardRow) -> bytes:
        config = self._config
        look = Look(row.size, config.rgb, face=config.face)
        if row.moves:
            look = Look(
                row.size,
                config.rgb,
                align=commands.MIDDLE,
                effect=Effect.SCROLL_LEFT,
                speed=config.speed,
                stay=0,
                face=config.face,
            )
        return commands.pure_text(window, self._speller.encoded(row.text), look)
