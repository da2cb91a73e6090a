"""Onbon BX-6E window panels: one dynamic area over the whole screen, drawn by us (led.md 1.5).

The dead man is the card's: run mode 3 shows the last page when no update comes within the time-out
(docs/decisions/0061 says what is not known about it).
"""

import asyncio
import math
from collections.abc import AsyncIterator
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from drivers.contract import Context, Event, Health, Identity, Info, Kind, Link, Page
from drivers.errors import Gone, WrongDevice
from drivers.glyphs import FontFiles, Glyphs, find_fonts
from drivers.led import area6, f0
from drivers.led.area6 import Area, AreaPage, RunMode
from drivers.led.exchange import Command, Exchange
from drivers.led.raster import Panel
from drivers.links import ended

_TURN = 300  # stay of a page when several take turns, in 10 ms
_BLINK = 50
_PING_SECONDS = 0.9


class Onbon6EConfig(BaseModel):
    """`width`, `height` in dots, never assumed. `address` and `device_type` FFFE = any card on this link."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    width: int = Field(ge=16, le=1024)
    height: int = Field(ge=12, le=256)
    address: int = Field(default=f0.ANY, ge=0, le=0xFFFF)
    device_type: int = Field(default=f0.ANY, ge=0, le=0xFFFF)
    area: int = Field(default=0, ge=0, le=3)
    brightness: int | None = Field(default=None, ge=0, le=15)
    lease_mode: Literal["logo", "vanish", "none"] = "logo"
    reply_timeout: float = Field(default=3.0, gt=0, le=30)


class Onbon6E:
    """Display and Identifiable. Keeps its link open; one request at a time; reconnecting is the supervisor's."""

    info: ClassVar[Info] = Info(
        kind=Kind.DISPLAY,
        maker="Onbon",
        models=("BX-6E1", "BX-6E2", "BX-6E3", "BX-6E1X", "BX-6E2X"),
        links=("tcp", "serial"),
        probe="asks",
    )
    Config: ClassVar[type[BaseModel]] = Onbon6EConfig

    def __init__(self, config: Onbon6EConfig, link: Link, ctx: Context) -> None:
        self._config, self._link, self._ctx = config, link, ctx
        self._panel: Panel | None = None
        self._shown: Page | None = None
        self._drawn: tuple[Page | None, bytes] = (None, b"")
        self._exchange = Exchange(link, ctx.note, f0.parse_reply)

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
            self._drawn = (page, area6.update([self._area(page)]))
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
        await self._ask(f0.UPDATE_AREAS, area6.update([blinking]))
        await self._ctx.extra.get("sleep", asyncio.sleep)(seconds)
        if self._shown is None:
            await self.clear()
        else:
            await self.show(self._shown)

    async def set_brightness(self, level: int) -> None:
        """`level` 0 (darkest) .. 15."""
        await self._ask(f0.BRIGHTNESS, f0.brightness(level))

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

    # --- request and reply ----------------------------------------------------------------------------------------

    async def _ping(self) -> f0.Reply:
        return await self._ask(f0.PING, seconds=min(_PING_SECONDS, self._config.reply_timeout))

    async def _ask(self, command: Command, payload: bytes = b"", seconds: float | None = None) -> f0.Reply:
        """Raises Late, Garbled, Refused, WrongDevice, Gone."""
        config = self._config
        sent = f0.request(command, payload, address=config.address, device_type=config.device_type)
        return await self._exchange.ask(sent, command, seconds or config.reply_timeout, self._recognise)

    def _recognise(self, reply: f0.Reply) -> None:
        """Raises WrongDevice for a card whose pixels we would pack wrongly, or another than configured."""
        model, expected = f0.MODELS.get(reply.device_type, ""), self._config.device_type
        if model and model not in self.info.models:
            raise WrongDevice(f"{model} is of the 5th generation")
        if f0.ANY not in (expected, reply.device_type) and reply.device_type != expected:
            raise WrongDevice(f"card type {reply.device_type:04X}, configured {expected:04X}")

    @staticmethod
    def _model(reply: f0.Reply) -> str:
        if reply.device_type == f0.ANY:
            return ""
        return f0.MODELS.get(reply.device_type, f"{reply.device_type:04X}")


def _firmware(reply: f0.Reply) -> str:
    """A ping's data reply starts with type(2) and firmware(8) (led.md 1.6); a plain ACK says nothing."""
    text = reply.payload[2:10]
    if reply.group != 0xA2 or len(text) < 8:
        return ""
    return text.rstrip(b"\0 ").decode("ascii", "ignore")
