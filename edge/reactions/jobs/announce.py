"""Calls spoken in order, one at a time. They die with the process: a call from before a restart is never spoken.

A recall of a ticket that still waits to be spoken moves to the end instead of being spoken twice (voice.md 4).
"""

import asyncio
from dataclasses import dataclass
from typing import Final

import structlog

from drivers.contract import Speech
from drivers.errors import DeviceError
from edge.clock import Clock
from edge.engine import Engine
from edge.reactions import speech
from edge.reactions.ports import DevicesPort
from edge.site import Site
from sync.protocol.record import Record

STALE_MS: Final = 60_000
SECONDS: Final = 60.0  # a call of about 5 s, repeated, with its gaps, and room for a slow clip player

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Call:
    ticket: str
    window: str
    call: int
    up_ms: int


class Announcing:
    def __init__(self, engine: Engine, site: Site, devices: DevicesPort, *, clock: Clock) -> None:
        self._engine = engine
        self._settings = site.announcements
        self._devices = devices
        self._clock = clock
        self._numbers = {window.id: window.number for window in site.windows}
        self._waiting: dict[str, _Call] = {}  # ticket -> its newest call, in the order they are spoken
        self._news = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled. A hall without a speaker says nothing."""
        if self._settings.speaker is None:
            return
        async with self._engine.subscribe() as feed, asyncio.TaskGroup() as group:
            group.create_task(self._speak_all(self._settings.speaker))
            async for news in feed:
                for record in news.records:
                    if record.kind == "ticket.called":
                        self._add(record)

    def _add(self, record: Record) -> None:
        self._waiting.pop(record.subject, None)
        self._waiting[record.subject] = _Call(
            record.subject, record.body["window"], record.body["call"], self._clock.up_ms()
        )
        self._news.set()

    async def _speak_all(self, speaker: str) -> None:
        while True:
            await self._news.wait()
            while self._waiting:
                call = self._waiting.pop(next(iter(self._waiting)))
                if self._is_current(call):
                    await self._speak(speaker, call)
            self._news.clear()

    def _is_current(self, call: _Call) -> bool:
        """Not too old, and the citizen is still expected there."""
        if self._clock.up_ms() - call.up_ms > STALE_MS:
            log.info("call_too_old", ticket=call.ticket)
            return False
        ticket = self._engine.state.tickets.get(call.ticket)
        return ticket is not None and ticket.state == "called" and ticket.window == call.window

    async def _speak(self, speaker: str, call: _Call) -> None:
        number = self._engine.state.tickets[call.ticket].number
        window = self._numbers.get(call.window)
        if window is None:
            return
        for language in self._settings.languages:
            said = Speech(
                id=f"{call.ticket}:{call.call}:{language}",
                tokens=speech.call_tokens(number, int(window), language),
                text=speech.call_text(number, window, language),
                language=language,
                repeat=self._settings.repeat,
                gap=self._settings.gap,
            )
            try:
                await self._devices.call(speaker, "say", said, deadline=SECONDS)
            except DeviceError as error:
                log.warning("call_not_spoken", ticket=call.ticket, code=error.code)
                return
