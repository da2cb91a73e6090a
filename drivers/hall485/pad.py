"""A citizen's rating pad on the line (rating_pad.md sections 1, 5 and 6)."""

import asyncio
import math
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from drivers.contract import Context, Event, Health, Identity, Info, Kind, Level, Prompt
from drivers.errors import Garbled, Gone, Late, WrongDevice
from drivers.hall485 import functions, padextras
from drivers.hall485.bus import Hall485Bus
from drivers.hall485.functions import ANSWER, DISPLAY, EXTENDED_REPLIES, PAD_OFFSET, PAD_REPORTS, START_RATING
from drivers.hall485.padextras import PadPrompt
from drivers.hall485.station import Report, Station

# The same byte means different levels on the two kinds of pad.
LEVELS: dict[int, tuple[Level, ...]] = {
    4: ("dissatisfied", "fairly_satisfied", "satisfied", "very_satisfied"),
    5: ("very_dissatisfied", "dissatisfied", "fairly_satisfied", "satisfied", "very_satisfied"),
}


class PadConfig(BaseModel):
    """`address`: the window's keypad address; in dialect b the pad itself answers at 80 hex above it.

    `keys` must be said: a pad does not tell how many it has. `extended`: it knows our own functions 20 to 24.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: int = Field(ge=1, le=127)
    dialect: Literal["a", "b"]
    keys: Literal[4, 5]
    extended: bool = False


EARLY_SECONDS: Final = 5.0
"""A pad that the clerk's key opened may be answered before the hall's question reaches it; so long it is kept."""

_NEXT_QUESTION_SECONDS = 1.0  # from the clerk's key to the question that it makes, through rules and journal

_ANSWER_SECONDS = 0.4  # two tries within the second a heartbeat may take
_TRIES = 2
_QUIET_SECONDS = 60.0  # a pad not heard for so long is asked how it is
_STARS = b"\x05"
_NO_STARS = b"\x00"
_BLINK = 0.5


@dataclass(frozen=True, slots=True)
class _Question:
    nonce: str
    asked_at: float
    until: float


class RatingPad485:
    """Events: `rating` {"nonce", "level"} once a question; `stray_rating` {"value"} for any other key.

    RatingDevice and Identifiable.
    """

    info: ClassVar[Info] = Info(
        kind=Kind.RATING_PAD, maker="FF 68", models=("4 keys", "5 keys"), links=("bus:hall485.bus",), probe="silent"
    )
    Config: ClassVar[type[BaseModel]] = PadConfig

    def __init__(self, config: PadConfig, link: Hall485Bus, ctx: Context) -> None:
        self._config = config
        self._bus = link
        self._clock = ctx.clock
        self._note = ctx.note
        self._sleep = ctx.extra.get("sleep", asyncio.sleep)
        self._station: Station | None = None
        self._question: _Question | None = None
        self._early: Report | None = None
        self._last_asked = -math.inf

    async def open(self) -> Identity:
        """Takes its address on the line. Raises Absent while the line is down, Busy when the address is taken."""
        if self._station is None or self._station.is_over:
            self._question = None
            replies = EXTENDED_REPLIES if self._config.extended else frozenset[int]()
            self._station = self._bus.attach(self._wire_address, PAD_REPORTS, replies)
        if self._config.extended and (said := await self._said(functions.IDENTIFY)) is not None:
            return self._recognised(padextras.parse_identity(said))
        return Identity(maker=self.info.maker, model=f"{self._config.keys} keys")

    async def check(self) -> Health:
        """An extended pad that was not heard for a minute is asked; others are silent by nature."""
        station = self._opened()
        health = station.health()
        heard = station.heard_at
        if not self._config.extended or (heard is not None and self._clock() - heard < _QUIET_SECONDS):
            return health
        said = await self._said(functions.STATUS)
        if said is None:
            return Health(state="warning", code=Late.code, detail="no answer to the pad's own status")
        errors = padextras.parse_status(said).errors
        if errors:
            return Health(state="warning", code=Garbled.code, detail=f"the pad counts {errors} errors")
        return station.health()

    async def close(self) -> None:
        self._question = None
        station, self._station = self._station, None
        if station is not None:
            self._bus.detach(station)

    async def ask(self, prompt: Prompt) -> None:
        """The question is open before the pad is told: pads beside a keypad start by themselves on the clerk's key,
        and are not told again, because every frame may meet a press on the line.

        An answer that came already, after the clerk's key, is taken; the pad said thanks and is not asked again.
        """
        station = self._opened()
        now = self._clock()
        self._last_asked = now
        early, self._early = self._early, None
        if early is not None and now - early.at <= EARLY_SECONDS:
            self._question = _Question(prompt.nonce, early.at, now + prompt.seconds)
            station.redeliver(early)
            return
        question = _Question(prompt.nonce, now, now + prompt.seconds)
        self._question = question
        told = False
        try:
            await self._tell(station, prompt)
            told = True
        finally:
            if not told and self._question is question:
                self._question = None

    async def withdraw(self) -> None:
        """A pad without our extension has no word for it: a late key becomes a stray rating."""
        question, self._question = self._question, None
        if self._config.extended and question is not None:
            await self._said(functions.KEYS, padextras.keys(False))
            await self._said(functions.PROMPT, bytes((PadPrompt.WELCOME,)))

    async def identify(self, seconds: float) -> None:
        """Stars on and off; an extended pad shows its address."""
        station = self._opened()
        if self._config.extended:
            await self._said(functions.TEXT, padextras.text(f"★ {self._config.address:03d} ★"))
            await self._sleep(seconds)
            await self._said(functions.TEXT, padextras.text(""))
            await self._said(functions.PROMPT, bytes((PadPrompt.WELCOME,)))
            return
        for _ in range(max(1, round(seconds / (2 * _BLINK)))):
            for stars in (_STARS, _NO_STARS):
                await station.send(DISPLAY, stars)
                await self._sleep(_BLINK)

    async def events(self) -> AsyncIterator[Event]:
        async for report in self._opened().reports():
            event = self._event(report)
            if event is not None:
                yield event

    async def _tell(self, station: Station, prompt: Prompt) -> None:
        if self._config.extended:
            await self._said(functions.PROMPT, bytes((PadPrompt.PLEASE_RATE,)))
            await self._said(functions.KEYS, padextras.keys(True, prompt.seconds))
            return
        may_start = not self._shares_address or await station.settled(self._opened_by_key)
        if may_start and not self._opened_by_key():
            await station.send(ANSWER, START_RATING)

    @property
    def _shares_address(self) -> bool:
        """The word that starts a rating is also the acknowledgement of the keypad's evaluate key. As the line comes
        back with a question of before, a keypad that was not heard would take it for its own (docs/decisions/0598).
        """
        return self._wire_address == self._config.address

    def _opened_by_key(self) -> bool:
        opened = self._bus.pad_opened_at(self._config.address)
        return opened is not None and self._clock() - opened <= EARLY_SECONDS

    async def _said(self, function: int, data: bytes = b"") -> bytes | None:
        """The answer to one of our own functions; None when it does not come, twice. The next frame goes after it."""
        for _ in range(_TRIES):
            try:
                return await self._opened().ask(function, data, _ANSWER_SECONDS)
            except Late:
                continue
        self._note("pad does not answer", address=self._config.address, function=function)
        return None

    def _recognised(self, pad: padextras.PadIdentity) -> Identity:
        if pad.keys != self._config.keys:
            raise WrongDevice(f"a pad of {pad.keys} keys, configured {self._config.keys}")
        return Identity(maker=self.info.maker, model=pad.model, firmware=pad.version)

    def _event(self, report: Report) -> Event | None:
        """By the moment the key was pressed: one that waited unread must not answer the next person's question."""
        question = self._question
        data = report.frame.data
        levels = LEVELS[self._config.keys]
        value = data[0]
        if len(data) != 1 or value >= len(levels):
            self._note("rating out of range", address=self._config.address, data=data.hex(" "))
        elif question is not None and question.asked_at <= report.at <= question.until:
            if self._next_is_coming(question, report):
                self._early = report
                asyncio.get_running_loop().call_later(_NEXT_QUESTION_SECONDS, self._take_for_this, report)
                return None
            self._question = None
            return Event(name="rating", data={"nonce": question.nonce, "level": levels[value]})
        elif self._is_early(report):
            self._early = report
            return None
        return Event(name="stray_rating", data={"value": value})

    def _next_is_coming(self, question: _Question, report: Report) -> bool:
        """The clerk's key opened the pad once more: the answer waits for the question that follows."""
        opened = self._bus.pad_opened_at(self._config.address)
        now = self._clock()
        return opened is not None and question.asked_at < opened <= report.at and now < opened + _NEXT_QUESTION_SECONDS

    def _take_for_this(self, report: Report) -> None:
        """No other question followed: the key was pressed again while this one was open."""
        if self._early is report and self._station is not None:
            self._early = None
            self._station.redeliver(report)

    def _is_early(self, report: Report) -> bool:
        """The pad was opened by the clerk's key and nobody's question has been asked since."""
        opened = self._bus.pad_opened_at(self._config.address)
        asked = self._last_asked
        return opened is not None and opened <= report.at <= opened + EARLY_SECONDS and asked < opened

    @property
    def _wire_address(self) -> int:
        return self._config.address + (PAD_OFFSET if self._config.dialect == "b" else 0)

    def _opened(self) -> Station:
        if self._station is None:
            raise Gone(f"pad {self._config.address}: not open")
        return self._station
