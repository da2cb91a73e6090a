"""Calls spoken in order, one at a time at each speaker. They die with the process: a call from before a restart is
never spoken.

A recall of a ticket that still waits to be spoken moves to the end instead of being spoken twice (voice.md 4).
Whatever is not spoken is in the log as `call_not_spoken` with ticket, number of the call and why.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import structlog

from drivers.contract import Speech
from drivers.errors import DeviceError
from edge.clock import Clock
from edge.engine import Engine
from edge.reactions import speech
from edge.reactions.ports import DevicesPort
from edge.site import Site, floors_told
from edge.site_sections.places import Window
from sync.protocol.record import Record

STALE_MS: Final = 60_000
MOST_WAITING: Final = 10  # at one speaker; with a dead one the oldest goes, and the screens have shown it all along
SECONDS: Final = 60.0  # a call of about 5 s, repeated, with its gaps, and room for a slow clip player

log = structlog.get_logger(__name__)

Silence = Literal["too_old", "not_expected", "called_again", "too_many"]


@dataclass(frozen=True, slots=True)
class _Call:
    ticket: str
    window: Window
    call: int
    up_ms: int


class Announcing:
    """One line of waiting calls a speaker: the area's own, or the hall's."""

    def __init__(self, engine: Engine, site: Site, devices: DevicesPort, *, clock: Clock) -> None:
        self._engine = engine
        self._settings = site.announcements
        self._devices = devices
        self._clock = clock
        self._windows = {window.id: window for window in site.windows}
        self._floors = {area: floor for area, floor in floors_told(site).items() if floor > 0}
        speakers = {window.area: site.announcements.speaker_of(window.area) for window in site.windows}
        lines = {speaker: _Line() for speaker in speakers.values() if speaker is not None}
        self._lines = lines
        self._line_of = {area: lines[speaker] for area, speaker in speakers.items() if speaker is not None}

    async def run(self) -> None:
        """Until cancelled. A hall, or an area, without a speaker says nothing."""
        if not self._lines:
            return
        async with self._engine.subscribe() as feed, asyncio.TaskGroup() as group:
            for speaker, line in self._lines.items():
                group.create_task(self._speak_all(speaker, line))
            async for news in feed:
                for record in news.records:
                    if record.kind == "ticket.called":
                        self._add(record)

    def _add(self, record: Record) -> None:
        window = self._windows.get(record.body["window"])
        line = self._line_of.get(window.area) if window else None
        if window is not None and line is not None:
            line.add(_Call(record.subject, window, record.body["call"], self._clock.up_ms()))

    async def _speak_all(self, speaker: str, line: "_Line") -> None:
        while True:
            call = await line.next()
            why = self._silence(call)
            if why is None:
                await self._speak(speaker, call, behind=lambda: len(line))
            else:
                _not_spoken(call, why)

    def _silence(self, call: _Call) -> Silence | None:
        """Why this call is not to be heard any more: too old, or the citizen is not expected there."""
        if self._clock.up_ms() - call.up_ms > STALE_MS:
            return "too_old"
        ticket = self._engine.state.tickets.get(call.ticket)
        expected = ticket is not None and ticket.state == "called" and ticket.window == call.window.id
        return None if expected else "not_expected"

    async def _speak(self, speaker: str, call: _Call, behind: Callable[[], int]) -> None:
        """Twice and in full when there is time; once while others wait; number and window alone while many do."""
        number, window = self._engine.state.tickets[call.ticket].number, call.window.number
        for language in self._settings.languages:
            floor = self._floors.get(call.window.area, 0) or None
            once, brief = behind() > self._settings.once_above, behind() > 2 * self._settings.once_above + 1
            said = Speech(
                id=f"{call.ticket}:{call.call}:{language}",
                tokens=speech.call_tokens(number, int(window), language, brief=brief, floor=floor),
                text=speech.call_text(number, window, language, brief=brief, floor=floor),
                language=language,
                repeat=1 if once else self._settings.repeat,
                gap=self._settings.gap,
            )
            try:
                await self._devices.call(speaker, "say", said, deadline=SECONDS)
            except DeviceError as error:
                _not_spoken(call, error.code)
                return


class _Line:
    """Ticket -> its newest call, in the order they are spoken."""

    def __init__(self) -> None:
        self._waiting: dict[str, _Call] = {}
        self._news = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, call: _Call) -> None:
        before = self._waiting.pop(call.ticket, None)
        if before is not None:
            _not_spoken(before, "called_again")
        self._waiting[call.ticket] = call
        if len(self._waiting) > MOST_WAITING:
            _not_spoken(self._waiting.pop(next(iter(self._waiting))), "too_many")
        self._news.set()

    async def next(self) -> _Call:
        while not self._waiting:
            self._news.clear()
            await self._news.wait()
        return self._waiting.pop(next(iter(self._waiting)))


def _not_spoken(call: _Call, why: str) -> None:
    """Known to happen in a full hall, so no alarm; a device that fails has one of its own."""
    log.info("call_not_spoken", ticket=call.ticket, call=call.call, why=why)
