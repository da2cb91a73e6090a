"""Onbon BX-5K and 6K window panels: the card draws text with its own fonts (led.md 1.4).

What the fonts lack is replaced and reported; 5E/6E cards (onbon6e) draw every character.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import ClassVar

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
from drivers.errors import Gone, Refused, Unsupported, WrongDevice
from drivers.led import fontcard, textarea
from drivers.led.cardpage import UNHURRIED_SECONDS, CardPage, CardPages
from drivers.led.exchange import Command, Exchange
from drivers.led.onbon5k_config import Onbon5KConfig
from drivers.led.percent import level_of, percent_of
from drivers.led.refusals import BAD_COMMAND, FONT_MISSING
from drivers.led.textarea import Box, TextArea
from drivers.links import ended

_PING_SECONDS = 0.9
_BLINK = 0.5


class Onbon5K:
    """Display, Adjustable and Identifiable. Keeps its link open; one request at a time; never reconnects by itself."""

    info: ClassVar[Info] = Info(
        kind=Kind.DISPLAY,
        maker="Onbon",
        models=tuple(fontcard.MODELS.values()),
        links=("tcp", "serial"),
        bauds=(57600, 9600),
        probe="asks",
    )
    Config: ClassVar[type[BaseModel]] = Onbon5KConfig

    def __init__(self, config: Onbon5KConfig, link: Link, ctx: Context) -> None:
        self._config, self._link, self._ctx = config, link, ctx
        self._sizes = config.sizes  # of fonts the card has not said to lack, largest first
        self._pages = CardPages(config, self._sizes)
        self._exchange = Exchange(link, ctx.note, fontcard.parse_reply)
        self._shown: Page | None = None
        self._plan = CardPage(())
        self._held: tuple[Box, ...] | None = None  # the areas the card surely has; None = unknown
        self._unhurried_at = 0.0

    async def open(self) -> Identity:
        """Ping. Raises WrongDevice when another kind of card answers."""
        if not self._link.is_open:
            await self._link.open()
        reply = await self._ping()
        if self._config.brightness is not None:
            await self.set_brightness(self._config.brightness)
        return Identity(maker="Onbon", model=_model(reply))

    async def check(self) -> Health:
        """A request on its way is a sign of life as good as a ping; a warning names fonts and characters it lacks."""
        if self._exchange.is_asking:
            return Health(state="busy")
        await self._ping()
        doubts = self._doubts()
        return Health(state="warning", code=Unsupported.code, detail=doubts) if doubts else Health(state="ready")

    async def close(self) -> None:
        await self._link.close()

    async def events(self) -> AsyncIterator[Event]:
        """The card only answers: no events, until the link ends."""
        await ended(self._link)
        raise Gone(self._link.name)
        yield  # makes this an iterator

    async def show(self, page: Page) -> None:
        """Always sent, the same page too: an update is what renews the card's lease.

        A moving line that is not urgent is renewed twice a minute only, so that it comes to its end.
        """
        if page != self._shown or self._held is None:
            await self._show_new(page)
            return
        now = self._ctx.clock()
        all_due = now - self._unhurried_at >= UNHURRIED_SECONDS / 2
        due = [area for area in self._plan.areas if all_due or area.area_id not in self._plan.unhurried]
        if due:
            await self._update(due)
        if all_due:
            self._unhurried_at = now

    async def clear(self) -> None:
        """Dark: no areas, and the screen cleared where the card knows how (some refuse; that is normal)."""
        await self._replace(())
        self._shown, self._plan = None, CardPage(())
        try:
            await self._ask(fontcard.CLEAR_SCREEN)
        except Refused as refused:
            if refused.device_code != str(BAD_COMMAND):
                raise

    async def identify(self, seconds: float) -> None:
        """Blink all dots, then show what was shown. The card stops by itself if we do not return."""
        sleep = self._ctx.extra.get("sleep", asyncio.sleep)
        shown = self._shown
        for _ in range(max(1, round(seconds / (2 * _BLINK)))):
            await self._replace((self._pages.blocks(2 * _BLINK + 1),))
            await sleep(_BLINK)
            await self._replace(())
            await sleep(_BLINK)
        if shown is not None:
            await self._show_new(shown)

    async def set_brightness(self, level: int) -> None:
        """`level` 0 (darkest) .. 15."""
        await self._ask(fontcard.BRIGHTNESS, fontcard.brightness(level))

    async def set_power(self, on: bool) -> None:
        await self._ask(fontcard.POWER, fontcard.power(on))

    async def set_clock(self, moment: datetime) -> None:
        """`moment` in the hall's local time."""
        await self._ask(fontcard.CLOCK, fontcard.clock(moment))

    async def adjust(self, wish: Adjustment) -> None:
        if wish.brightness is not None:
            await self.set_brightness(level_of(wish.brightness))
        if wish.power is not None:
            await self.set_power(wish.power)
        if wish.clock is not None:
            await self.set_clock(wish.clock)

    async def condition(self) -> DisplayCondition:
        status = await self.status()
        return DisplayCondition(brightness=percent_of(status.brightness), power=status.on, clock=status.clock)

    async def status(self) -> fontcard.Status:
        """Asked for by people only: the layout of the answer has one source."""
        return fontcard.parse_status((await self._ask(fontcard.STATUS)).payload)

    # --- pages ----------------------------------------------------------------------------------------------------

    async def _show_new(self, page: Page) -> None:
        plan = await self._planned_and_sent(page)
        self._unhurried_at = self._ctx.clock()
        newly_missing = plan.missing != self._plan.missing
        self._shown, self._plan = page, plan
        if newly_missing and plan.missing:
            self._ctx.note("led.replaced", characters=self._lacking())

    async def _planned_and_sent(self, page: Page) -> CardPage:
        """A card that says it lacks a font gets the page in smaller letters: a small number is better than none."""
        while True:
            plan = self._pages.planned(page)
            try:
                if plan.areas and _boxes(plan.areas) == self._held:
                    await self._update(plan.areas)
                else:
                    await self._replace(plan.areas)
                return plan
            except Refused as refused:
                smaller = self._sizes[1:]
                if refused.device_code != str(FONT_MISSING) or not smaller:
                    raise
                self._ctx.note("led.font_missing", size=self._sizes[0])
                self._sizes, self._pages = smaller, CardPages(self._config, smaller)

    async def _update(self, areas: Sequence[TextArea]) -> None:
        """In place: other areas stay as they are, and nothing flickers."""
        held, self._held = self._held, None
        await self._ask(fontcard.UPDATE_AREAS, textarea.update(areas, units=self._config.units))
        self._held = held

    async def _replace(self, areas: Sequence[TextArea]) -> None:
        """Everything anew: whatever the card held is gone."""
        self._held = None
        payload = textarea.update(areas, units=self._config.units, delete=(textarea.ALL,))
        await self._ask(fontcard.UPDATE_AREAS, payload, process_mode=1)
        self._held = _boxes(areas)

    def _doubts(self) -> str:
        """What people see otherwise than it was meant; empty when nothing."""
        absent = [f"no font of {size} dots on the card" for size in self._config.sizes if size not in self._sizes]
        missing = [f"not in the card's fonts: {self._lacking()}"] if self._plan.missing else []
        return "; ".join(absent + missing)

    def _lacking(self) -> str:
        """Code points only: a character may be of somebody's name."""
        return " ".join(f"U+{ord(char):04X}" for char in self._plan.missing)

    # --- request and reply ----------------------------------------------------------------------------------------

    async def _ping(self) -> fontcard.Reply:
        return await self._ask(fontcard.PING, seconds=min(_PING_SECONDS, self._config.reply_timeout))

    async def _ask(
        self, command: Command, payload: bytes = b"", *, seconds: float | None = None, process_mode: int = 0
    ) -> fontcard.Reply:
        """Raises Late, Garbled, Refused, WrongDevice, Gone."""
        config = self._config
        sent = fontcard.request(
            command,
            payload,
            address=config.address,
            device_type=config.device_type,
            process_mode=process_mode,
            over_programs=config.over_programs,
        )
        return await self._exchange.ask(sent, command, seconds or config.reply_timeout, self._recognise)

    def _recognise(self, reply: fontcard.Reply) -> None:
        expected = self._config.device_type
        if fontcard.ANY_TYPE not in (expected, reply.device_type) and reply.device_type != expected:
            raise WrongDevice(f"card type {reply.device_type:02X}, configured {expected:02X}")


def _boxes(areas: Sequence[TextArea]) -> tuple[Box, ...]:
    return tuple(area.box for area in areas)


def _model(reply: fontcard.Reply) -> str:
    if reply.device_type == fontcard.ANY_TYPE:
        return ""
    return fontcard.MODELS.get(reply.device_type, f"{reply.device_type:02X}")
