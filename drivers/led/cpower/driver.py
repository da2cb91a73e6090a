"""Lumen C-Power / CP5200 window panels (led.md 2): pictures drawn by us, or text by the card's fonts.

The page knows no time-out after which a card drops what it shows: the dead man is the device host's alone
(docs/decisions/0250).
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
from drivers.errors import Garbled, Gone, Late, Refused, Unsupported, WrongDevice
from drivers.glyphs import FontFiles, Glyphs, find_fonts
from drivers.led.cpower import commands, frames
from drivers.led.cpower.commands import Box
from drivers.led.cpower.config import CPowerConfig
from drivers.led.cpower.pages import CardPages, CardWindows
from drivers.led.exchange import Exchange
from drivers.links import ended

_ECHO: Final = b"hall"
_ECHO_SECONDS = 0.9
_BLINK = 0.5


class CPower:
    """Display, Adjustable and Identifiable. Keeps its link open; one request at a time; reconnecting is the
    supervisor's.
    """

    info: ClassVar[Info] = Info(
        kind=Kind.DISPLAY,
        maker="Lumen",
        models=("C-Power", "CP5200"),
        links=("tcp", "serial"),
        bauds=(115200,),
        probe="asks",
    )
    Config: ClassVar[type[BaseModel]] = CPowerConfig

    def __init__(self, config: CPowerConfig, link: Link, ctx: Context) -> None:
        self._config, self._link, self._ctx = config, link, ctx
        framing = config.framing
        self._networked = framing == "network" or (framing == "auto" and link.name.startswith("tcp:"))
        cutter = frames.NetworkFrames(config.code) if self._networked else frames.SerialFrames()
        self._exchange = Exchange(link, ctx.note, frames.parse_reply, cutter)
        self._turn = asyncio.Lock()
        self._pages: CardPages | None = None
        self._shown: Page | None = None
        self._plan: CardWindows | None = None
        self._windows: tuple[Box, ...] | None = None  # those the card surely has; None = unknown
        self._sent_at = -math.inf

    async def open(self) -> Identity:
        """Echo test. Raises WrongDevice when another card answers, Unsupported when no font is installed."""
        if self._pages is None:
            fonts: FontFiles | None = self._ctx.extra.get("fonts")
            if fonts is None:
                fonts = await asyncio.to_thread(find_fonts)
            self._pages = CardPages(self._config, Glyphs(fonts))
        if not self._link.is_open:
            await self._link.open()
            self._windows, self._shown = None, None
        await self._echo()
        return Identity(maker=self.info.maker, model="C-Power", firmware=await self._version())

    async def check(self) -> Health:
        """A request on its way is a sign of life as good as an echo; a warning names characters the card lacks."""
        if self._turn.locked() or self._exchange.is_asking:
            return Health(state="busy")
        await self._echo()
        missing = self._plan.missing if self._plan else ()
        if missing:
            points = " ".join(f"U+{ord(char):04X}" for char in missing)
            return Health(state="warning", code=Unsupported.code, detail=f"not in the card's fonts: {points}")
        return Health(state="ready")

    async def close(self) -> None:
        await self._link.close()

    async def events(self) -> AsyncIterator[Event]:
        """The card only answers: no events, until the link ends."""
        await ended(self._link)
        raise Gone(self._link.name)
        yield  # makes this an iterator

    async def show(self, page: Page) -> None:
        """The same page again is sent once in `refresh` seconds only: a moving line shall come to its end."""
        same = page == self._shown and self._windows is not None
        if same and self._ctx.clock() - self._sent_at < self._config.refresh:
            return
        plan = self._plan if same and self._plan else self._drawing().planned(page)
        async with self._turn:
            await self._send(plan)
        self._shown, self._plan, self._sent_at = page, plan, self._ctx.clock()

    async def clear(self) -> None:
        """Leaves the live display: what is stored on the card itself comes back."""
        async with self._turn:
            self._windows, self._shown, self._plan = None, None, None
            await self._fill(commands.leave())

    async def identify(self, seconds: float) -> None:
        """Blink all dots, then show what was shown."""
        sleep = self._ctx.extra.get("sleep", asyncio.sleep)
        drawing, shown = self._drawing(), self._shown
        for _ in range(max(1, round(seconds / (2 * _BLINK)))):
            for lit in (True, False):
                async with self._turn:
                    await self._send(drawing.full(lit))
                await sleep(_BLINK)
        self._shown = None
        await (self.clear() if shown is None else self.show(shown))

    async def adjust(self, wish: Adjustment) -> None:
        """Power only. Raises Unsupported for brightness and clock: nobody has published what their commands carry."""
        if wish.brightness is not None or wish.clock is not None:
            raise Unsupported("brightness and clock: what commands 46 and 47 carry is not known; use the maker's tool")
        if wish.power is not None:
            await self._ask(commands.POWER, commands.power(wish.power))

    async def condition(self) -> DisplayCondition:
        """Nothing: the answers to 45, 46 and 47 are not described anywhere."""
        await self._echo()
        return DisplayCondition()

    # --- pages ----------------------------------------------------------------------------------------------------

    def _drawing(self) -> CardPages:
        assert self._pages is not None, "open() comes first"
        return self._pages

    async def _send(self, plan: CardWindows) -> None:
        if plan.windows != self._windows:
            self._windows = None
            await self._fill(commands.split(plan.windows))
        self._windows = None  # unknown until the last packet is confirmed
        for content in plan.contents:
            await self._fill(content)
        self._windows = plan.windows

    async def _fill(self, content: bytes) -> None:
        for number, data in enumerate(commands.packets(content)):
            await self._ask(commands.WINDOWS, data, packet=number)

    # --- request and reply ----------------------------------------------------------------------------------------

    async def _echo(self) -> None:
        """Raises Garbled when something else comes back."""
        seconds = min(_ECHO_SECONDS, self._config.reply_timeout)
        reply = await self._ask(commands.ECHO, _ECHO, seconds=seconds)
        if reply.data != _ECHO:
            raise Garbled(f"the echo test came back as {reply.data.hex(' ')}")

    async def _version(self) -> str:
        """As the card writes it when that is text, else in hex; empty when it does not say.

        Empty as well for one with a 00 in it: the sum, all that guards this answer, does not see a 00 that came twice.
        """
        seconds = min(_ECHO_SECONDS, self._config.reply_timeout)
        try:
            data = (await self._ask(commands.VERSION, b"\0", seconds=seconds)).data.rstrip(b"\0 ")
        except (Late, Refused):
            return ""
        if 0 in data:
            self._ctx.note("led.version_in_doubt")
            return ""
        text = data.decode("latin-1")
        return text if text.isascii() and text.isprintable() else data.hex()

    async def _ask(self, cmd: int, data: bytes, *, packet: int = 0, seconds: float | None = None) -> frames.Reply:
        """Raises Late, Garbled, Refused, WrongDevice, Gone."""
        config = self._config
        asked = frames.telegram(cmd, data, card=config.card)
        sent = frames.on_network(asked, config.code) if self._networked else frames.on_serial(asked)
        return await self._exchange.ask(sent, (cmd, packet), seconds or config.reply_timeout, self._recognise)

    def _recognise(self, reply: frames.Reply) -> None:
        if frames.ALL_CARDS not in (self._config.card, reply.card) and reply.card != self._config.card:
            raise WrongDevice(f"card {reply.card} answers, configured {self._config.card}")
