"""Onbon BX-5E and 6E window panels: one dynamic area over the whole screen, drawn by us (led.md 1.5).

The two generations differ in how an area and its pixels are packed, and in nothing else.

The dead man is the card's: run mode 3 shows the last page when no update comes within the time-out
(docs/decisions/0061 says what is not known about it).
"""

import asyncio
import math
from collections.abc import AsyncIterator
from typing import ClassVar, Final

from pydantic import BaseModel

from drivers.contract import (
    Adjustment,
    Context,
    DisplayCondition,
    Event,
    Health,
    Identity,
    Info,
    Kind,
    Link,
    Page,
)
from drivers.errors import Gone, Late, Refused, Unsupported, WrongDevice
from drivers.glyphs import FontFiles, Glyphs, find_fonts
from drivers.led import area5, area6, f0, fontcard, fullheader
from drivers.led.area6 import Area, AreaPage, RunMode
from drivers.led.exchange import Command, Exchange
from drivers.led.onbon6e_config import Onbon6EConfig
from drivers.led.percent import level_of, percent_of
from drivers.led.raster import Panel
from drivers.led.refusals import BAD_COMMAND
from drivers.links import ended

_TURN = 300  # stay of a page when several take turns, in 10 ms
_BLINK = 50
_PING_SECONDS = 0.9
_PACKED: Final = {5: area5.update, 6: area6.update}


class Onbon6E:
    """Display, Adjustable and Identifiable. Keeps its link open; one request at a time; never reconnects by itself."""

    info: ClassVar[Info] = Info(
        kind=Kind.DISPLAY,
        maker="Onbon",
        models=tuple(f0.MODELS.values()),
        links=("tcp", "serial"),
        bauds=(57600, 9600),
        probe="asks",
    )
    Config: ClassVar[type[BaseModel]] = Onbon6EConfig

    def __init__(self, config: Onbon6EConfig, link: Link, ctx: Context) -> None:
        self._config, self._link, self._ctx = config, link, ctx
        self._panel: Panel | None = None
        self._shown: Page | None = None
        self._drawn: tuple[Page | None, bytes] = (None, b"")
        self._generation = 6
        self._ignores_settings = config.settings_header == "none"
        self._sequence = 0
        self._exchange = Exchange(link, ctx.note, _parse_reply)

    async def open(self) -> Identity:
        """Ping. Raises WrongDevice when another kind of card answers, Unsupported when no font is installed."""
        if self._panel is None:
            fonts: FontFiles | None = self._ctx.extra.get("fonts")
            if fonts is None:
                fonts = await asyncio.to_thread(find_fonts)
            self._panel = Panel(self._config.width, self._config.height, Glyphs(fonts))
        if not self._link.is_open:
            await self._link.open()
        reply = await self._ping()
        self._drawn = (None, b"")
        self._generation = self._generation_of(reply)
        if self._config.brightness is not None:
            await self.set_brightness(self._config.brightness)
        return Identity(maker="Onbon", model=self._model(reply), serial="", firmware=_firmware(reply))

    async def check(self) -> Health:
        """A request on its way is a sign of life as good as a ping."""
        if self._exchange.is_asking:
            return Health(state="busy")
        await self._ping()
        return Health(state="ready")

    async def close(self) -> None:
        await self._link.close()

    async def events(self) -> AsyncIterator[Event]:
        """The card only answers: no events, until the link ends."""
        await ended(self._link)
        raise Gone(self._link.name)
        yield  # makes this an iterator

    async def show(self, page: Page) -> None:
        """Always sent, the same page too: an update is what renews the card's lease."""
        if page != self._drawn[0]:
            self._drawn = (page, self._packed(self._area(page)))
        await self._ask(f0.UPDATE_AREAS, self._drawn[1])
        self._shown = page

    async def clear(self) -> None:
        """Our area only; what the card has stored itself stays."""
        await self._ask(f0.DELETE_AREAS, f0.deletion((self._config.area,)))
        self._shown = None

    async def identify(self, seconds: float) -> None:
        """Blink all dots, then show what was shown. The card stops by itself if we do not return."""
        panel = self._drawing()
        pages = tuple(AreaPage(panel.full(lit), stay=_BLINK) for lit in (True, False))
        blinking = self._lasting(pages, RunMode.LOOP_THEN_VANISH, seconds + 1)
        await self._ask(f0.UPDATE_AREAS, self._packed(blinking))
        await self._ctx.extra.get("sleep", asyncio.sleep)(seconds)
        if self._shown is None:
            await self.clear()
        else:
            await self.show(self._shown)

    async def set_brightness(self, level: int) -> None:
        """`level` 0 (darkest) .. 15."""
        await self._ask(f0.BRIGHTNESS, f0.brightness(level))

    async def adjust(self, wish: Adjustment) -> None:
        """Power and clock go with the vendor's own header (docs/decisions/0252).

        Raises Unsupported when that is switched off or the card does not answer to it.
        """
        if (wish.power is not None or wish.clock is not None) and self._ignores_settings:
            raise Unsupported("power and clock: no frame for them is known that this card answers")
        if wish.brightness is not None:
            await self.set_brightness(level_of(wish.brightness))
        if wish.power is not None:
            await self._set(fullheader.POWER, bytes((wish.power,)))
        if wish.clock is not None:
            await self._set(fullheader.CLOCK, fontcard.clock(wish.clock))

    async def condition(self) -> DisplayCondition:
        """Brightness only: what else a card answers has been published by nobody."""
        try:
            reply = await self._ask(f0.BRIGHTNESS_QUERY)
        except Refused as refused:
            if refused.device_code != str(BAD_COMMAND):
                raise
            return DisplayCondition()
        return DisplayCondition(brightness=percent_of(f0.parse_brightness(reply.payload)))

    # --- pages ----------------------------------------------------------------------------------------------------

    def _drawing(self) -> Panel:
        assert self._panel is not None, "open() comes first"
        return self._panel

    def _area(self, page: Page) -> Area:
        panel = self._drawing()
        content = tuple(AreaPage(dots, stay=_TURN) for dots in panel.pages(page.lines))
        if page.lease <= 0 or self._config.lease_mode == "none":
            return Area(content, area_id=self._config.area)
        if not page.fallback or self._config.lease_mode == "vanish":
            return self._lasting(content, RunMode.LOOP_THEN_VANISH, page.lease)
        logo = AreaPage(panel.picture(page.fallback), stay=_TURN)
        return self._lasting((*content, logo), RunMode.LOOP_THEN_LOGO, page.lease)

    def _lasting(self, pages: tuple[AreaPage, ...], run_mode: RunMode, seconds: float) -> Area:
        timeout = min(0xFFFF, max(1, math.ceil(seconds)))
        return Area(pages, area_id=self._config.area, run_mode=run_mode, timeout=timeout)

    def _packed(self, area: Area) -> bytes:
        return _PACKED[self._generation]([area])

    # --- request and reply ----------------------------------------------------------------------------------------

    async def _ping(self) -> f0.Reply:
        return await self._ask(f0.PING, seconds=min(_PING_SECONDS, self._config.reply_timeout))

    async def _ask(self, command: Command, payload: bytes = b"", seconds: float | None = None) -> f0.Reply:
        """Raises Late, Garbled, Refused, WrongDevice, Gone."""
        config = self._config
        sent = f0.request(command, payload, address=config.address, device_type=config.device_type)
        return await self._exchange.ask(sent, command, seconds or config.reply_timeout, self._recognise)

    async def _set(self, command: Command, payload: bytes) -> None:
        """Raises Unsupported, now and later, when the card is silent: it does not know this header."""
        config = self._config
        self._sequence = (self._sequence + 1) & 0xFFFF
        sent = fullheader.request(
            self._generation,
            command,
            payload,
            address=config.address,
            device_type=config.device_type,
            sequence=self._sequence,
        )
        try:
            await self._exchange.ask(sent, command, config.reply_timeout, self._recognise)
        except Late as silence:
            self._ignores_settings = True
            raise Unsupported("power and clock: the card does not answer to the vendor's header") from silence

    def _generation_of(self, reply: f0.Reply) -> int:
        """What the card says of itself, what is configured, the 6th."""
        config = self._config
        says = f0.generation_of(reply.device_type) or f0.generation_of(config.device_type)
        if config.generation == "auto":
            return says or 6
        if says not in (None, config.generation):
            raise WrongDevice(f"a card of generation {says}, configured {config.generation}")
        return config.generation

    def _recognise(self, reply: f0.Reply) -> None:
        """Raises WrongDevice for another card than configured."""
        expected = self._config.device_type
        if f0.ANY not in (expected, reply.device_type) and reply.device_type != expected:
            raise WrongDevice(f"card type {reply.device_type:04X}, configured {expected:04X}")

    @staticmethod
    def _model(reply: f0.Reply) -> str:
        if reply.device_type == f0.ANY:
            return ""
        return f0.MODELS.get(reply.device_type, f"{reply.device_type:04X}")


def _parse_reply(content: bytes) -> f0.Reply:
    if content[4:5] and content[4] in fullheader.VERSIONS:
        return fullheader.parse_reply(content)
    return f0.parse_reply(content)


def _firmware(reply: f0.Reply) -> str:
    """A ping's data reply starts with type(2) and firmware(8) (led.md 1.6); a plain ACK says nothing."""
    text = reply.payload[2:10]
    if reply.group != 0xA2 or len(text) < 8:
        return ""
    return text.rstrip(b"\0 ").decode("ascii", "ignore")
