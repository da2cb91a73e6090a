"""A strip screen over a window, on the line of the keypads (led.md 4; a single source)."""

import asyncio
import math
from collections.abc import AsyncIterator
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from drivers.contract import Context, Event, Health, Identity, Info, Kind, Page
from drivers.errors import Gone, Late
from drivers.hall485.bus import Hall485Bus
from drivers.hall485.stripframe import MOST_TEXT, SHOW_ROM, SHOW_TEXT, Colour, coloured
from drivers.hall485.stripstation import StripStation
from drivers.printer.text import clean, columns, encode

_JOINTS = ("　", " ", "")
_ELLIPSIS, _REPLACEMENT, _BLOCK = "…", "□", "■"
_DARK = " "
_BLINK = 0.5


class StripConfig(BaseModel):
    """`answers`: whether a strip without an answer is taken for absent; false for one that never answers.

    `columns`: characters of the strip, a Chinese one counts two. `idle`: what stands there when there is nothing to
    show. `refresh` seconds: a text that stays is sent again.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: int = Field(ge=1, le=255)
    colour: Colour = "red"
    columns: int = Field(default=16, ge=2, le=120)
    answers: bool = True
    answer_timeout: float = Field(default=1.0, gt=0, le=10)
    idle: Literal["dark", "rom"] = "dark"
    refresh: float = Field(default=30.0, ge=1, le=3600)


class Strip485:
    """Display and Identifiable. The strip has no dead man: the device host's fallback is all there is."""

    info: ClassVar[Info] = Info(kind=Kind.DISPLAY, maker="A0 90", models=("strip",), links=("bus:hall485.bus",))
    Config: ClassVar[type[BaseModel]] = StripConfig

    def __init__(self, config: StripConfig, link: Hall485Bus, ctx: Context) -> None:
        self._config, self._bus, self._ctx = config, link, ctx
        self._station: StripStation | None = None
        self._text: bytes | None = None
        self._sent_at = -math.inf
        self._turn = asyncio.Lock()

    async def open(self) -> Identity:
        """Takes its address on the line. Raises Absent while the line is down, Busy when the address is taken."""
        if self._station is None or self._station.is_over:
            self._station = self._bus.attach_strip(self._config.address)
            self._text = None
        return Identity(maker=self.info.maker, model="strip")

    async def check(self) -> Health:
        """Nothing can be asked of it: ready as long as the line is up and the last text was answered."""
        if self._opened().is_over:
            raise Gone(f"strip {self._config.address}: the line ended")
        return Health(state="ready", detail="" if self._config.answers else "never answers")

    async def close(self) -> None:
        station, self._station = self._station, None
        if station is not None:
            self._bus.detach_strip(station)

    async def events(self) -> AsyncIterator[Event]:
        """It says nothing by itself; Gone when the line ends."""
        station = self._opened()
        await station.ended()
        raise Gone(f"strip {self._config.address}: the line ended")
        yield  # makes this an iterator

    async def show(self, page: Page) -> None:
        """All lines as one. The same text again is sent once in `refresh` seconds only. Raises Late, Gone."""
        data = coloured(characters(one_line(page, self._config.columns)), self._config.colour)
        if data == self._text and self._ctx.clock() - self._sent_at < self._config.refresh:
            return
        await self._show(data)

    async def clear(self) -> None:
        if self._config.idle == "rom":
            await self._say(SHOW_ROM, b"")
            self._text = None
        else:
            await self._show(coloured(characters(_DARK), self._config.colour))

    async def identify(self, seconds: float) -> None:
        """Blink, then show what was shown."""
        shown, sleep = self._text, self._ctx.extra.get("sleep", asyncio.sleep)
        blocks = coloured(characters(_BLOCK * (self._config.columns // 2)), self._config.colour)
        for _ in range(max(1, round(seconds / (2 * _BLINK)))):
            for data in (blocks, coloured(characters(_DARK), self._config.colour)):
                await self._show(data)
                await sleep(_BLINK)
        await (self.clear() if shown is None else self._show(shown))

    async def _show(self, data: bytes) -> None:
        self._text = None  # unknown until it is confirmed
        await self._say(SHOW_TEXT, data)
        self._text, self._sent_at = data, self._ctx.clock()

    async def _say(self, cmd: int, data: bytes) -> None:
        """Said twice before it counts as unheard: on this line anything may be ruined by a key."""
        station = self._opened()
        async with self._turn:
            await station.send(cmd, data)
            if not self._config.answers:
                return
            try:
                await station.answer(self._config.answer_timeout)
            except Late:
                await station.send(cmd, data)
                await station.answer(self._config.answer_timeout)

    def _opened(self) -> StripStation:
        if self._station is None:
            raise Gone(f"strip {self._config.address}: not open")
        return self._station


def characters(text: str) -> list[bytes]:
    """GBK, one or two bytes each; □ for what it lacks, cut with an ellipsis at what a frame can carry."""
    coded = [encode(char, "gbk") or encode(_REPLACEMENT, "gbk") or b"?" for char in clean(text)]
    if sum(len(one) + 1 for one in coded) <= MOST_TEXT:
        return coded
    end = encode(_ELLIPSIS, "gbk") or b"..."
    while sum(len(one) + 1 for one in coded) + len(end) + 1 > MOST_TEXT:
        coded.pop()
    return [*coded, end]


def one_line(page: Page, most: int) -> str:
    """Big lines first. The widest form that fits `most` columns; without one everything, the strip may move it."""
    lines = sorted((line for line in page.lines if line.text.strip()), key=lambda line: not line.big)
    texts = [line.text for line in lines]
    forms = [joint.join(texts) for joint in _JOINTS]
    forms.append(_JOINTS[0].join(line.text for line in lines if line.big))
    return next((form for form in forms if form and columns(form) <= most), forms[0]) or _DARK
