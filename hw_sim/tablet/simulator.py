"""The tablet on the counter: asks the citizen when the hall asks it to, and repeats the answer until it is heard."""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any, Final

from hw_sim.clock import Clock
from hw_sim.device import Device
from hw_sim.faults import WIRE_FAULTS, Fault, FaultWord
from hw_sim.tablet.line import ANSWER_SECONDS, Line, NoLine
from hw_sim.tablet.messages import LEVELS, RIGHT, WRONG, Answer, Malformed, Request, question_id, rating

DIAL_AGAIN: Final = (1.0, 2.0, 5.0, 10.0)
REPEAT_AFTER: Final = 2.0
REPEATS_A_LINE: Final = 5
HEARTBEAT: Final = 300.0
OPEN_SECONDS: Final = 30.0
THANKS_SECONDS: Final = 3.0
SHOWN_GIVEN: Final = 20
LONGEST_SHOW: Final = 60.0
_HANDLED: Final = 50


@dataclass(frozen=True, slots=True)
class Rating:
    id: str
    level: int


class Tablet(Device):
    """Dials `url` (ws:// or wss://) and logs in to `window`. `trust`: CA file for wss, None: the machine's own.

    `wall`: the time of day for the heart-beat. A question stays open for thirty seconds.
    """

    kind = "tablet"
    troubles = (WIRE_FAULTS - {FaultWord.ELSEWHERE}) | {FaultWord.NAK, FaultWord.WRONG_TOKEN, FaultWord.POWER_CUT}

    def __init__(
        self,
        id: str,
        clock: Clock,
        random: Random,
        *,
        url: str,
        window: str,
        user: str = "",
        token: str = "",
        trust: Path | None = None,
        wall: Callable[[], datetime] = datetime.now,
    ) -> None:
        super().__init__(id, clock, random)
        self.url = url
        self.window = window
        self.user = user
        self._token = token
        self._trust = trust
        self._wall = wall
        self.state = "offline"
        self.question = ""
        self.level: int | None = None
        self.given: list[int] = []
        self.dials = 0
        self.heartbeats = 0
        self.submits = 0
        self.identifying = 0
        self.last_error = ""
        self._asked_before: deque[str] = deque(maxlen=_HANDLED)
        self._pending: deque[Rating] = deque()
        self._to_submit = asyncio.Event()
        self._to_dial = asyncio.Event()
        self._line: Line | None = None
        self._logged_in = False
        self._turning: asyncio.Task[None] | None = None

    @property
    def alive(self) -> bool:
        return self.plugged and self.powered

    async def start(self) -> None:
        self._to_dial.set()
        self._chores.spawn(self._keep_dialling())

    def actions(self) -> dict[str, Callable[..., None]]:
        return {
            **super().actions(),
            "rate": self.rate,
            "rate_twice": self.rate_twice,
            "rate_late": self.rate_late,
            "dial": self.dial,
        }

    def rate(self, level: int) -> None:
        """A finger on one of five faces, 1 the worst. Nothing while no question is shown. ValueError: no such face."""
        _check(self.id, level)
        if self.state == "rate" and self.powered:
            self._give(self.question, level)

    def rate_twice(self, first: int, second: int) -> None:
        """Trouble: both presses of one question go out."""
        _check(self.id, first)
        _check(self.id, second)
        if self.state == "rate" and self.powered:
            id = self.question
            self._give(id, first)
            self._give(id, second)

    def rate_late(self, level: int) -> None:
        """Trouble: an answer to the last question, though it has closed."""
        _check(self.id, level)
        if self._asked_before and self.powered:
            self._give(self._asked_before[-1], level)

    def dial(self, url: str) -> None:
        """Point the tablet at another hall. ValueError: not a WebSocket address."""
        if not url.startswith(("ws://", "wss://")):
            raise ValueError(f"{self.id}: {url!r} begins with neither ws:// nor wss://")
        self.url = url
        self._hang_up()

    def plug(self) -> None:
        super().plug()
        self._may_dial()

    def unplug(self) -> None:
        super().unplug()
        self._hang_up()

    def power(self, on: bool) -> None:
        super().power(on)
        self._hang_up()
        self._may_dial()

    def forget(self) -> None:
        self._turn(None)
        self._pending.clear()
        self._to_submit.clear()
        self._asked_before.clear()
        self.state, self.question, self.level = "offline", "", None

    def look(self) -> dict[str, Any]:
        return {
            "url": self.url,
            "window": self.window,
            "state": self.state if self.powered else "dark",
            "logged_in": self._logged_in,
            "question": self.question,
            "keys": len(LEVELS),
            "level": self.level,
            "given": self.given[-SHOWN_GIVEN:],
            "pressed": len(self.given),
            "pending": len(self._pending),
            "submits": self.submits,
            "dials": self.dials,
            "heartbeats": self.heartbeats,
            "identifying": self.identifying > 0,
            "last_error": self.last_error or (self._line.misheard if self._line else ""),
        }

    def _give(self, id: str, level: int) -> None:
        self.level = level
        self.given.append(level)
        self._pending.append(Rating(id, level))
        self._to_submit.set()
        self._show("sent", None)

    def _asked(self, request: Request) -> Answer | None:
        """What the hall wants of the tablet."""
        try:
            if request.method not in ("RateQuest", "Identify"):
                raise Malformed(f"method {request.method!r}")
            if not self._logged_in:
                raise Malformed("not logged in")
            if request.method == "Identify":
                return self._identify(request)
            id = question_id(request)
        except Malformed as wrong:
            self.last_error = str(wrong)
            return Answer(WRONG, str(wrong))
        if nak := self.faults.strike(FaultWord.NAK):
            return Answer(str(int(nak.amount) or WRONG), "refused")
        if id not in self._asked_before:  # each id once: the hall repeats a question whose answer it missed
            self._asked_before.append(id)
            self.question, self.level = id, None
            self._show("rate", OPEN_SECONDS)
        self.changed.tell()
        return Answer(RIGHT, "OK")

    def _identify(self, request: Request) -> Answer:
        """Shows itself for a while (decision 0253: a message of ours). Raises Malformed."""
        seconds = request.param.get("Seconds")
        if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not 0 < seconds <= LONGEST_SHOW:
            raise Malformed(f"Seconds {seconds!r}")
        self._chores.spawn(self._show_itself(seconds))
        return Answer(RIGHT, "OK")

    async def _show_itself(self, seconds: float) -> None:
        self.identifying += 1
        self.changed.tell()
        await self.clock.sleep(seconds)
        self.identifying -= 1
        self.changed.tell()

    async def _keep_dialling(self) -> None:
        failures = 0
        while True:
            await self._to_dial.wait()
            self.dials += 1
            self._line = Line(self.url, self._context(), self.clock, self.faults, self.random, self._asked)
            try:
                await self._line.run(self._session)
            except NoLine as wrong:
                self.last_error = str(wrong) or self.last_error
            failures = 0 if self._logged_in else failures + 1
            self._logged_in, self._line = False, None
            if self.powered and self.state not in ("sent", "rate"):
                self._turn(None)
                self.state = "offline"
            self.changed.tell()
            await self.clock.sleep(DIAL_AGAIN[min(failures, len(DIAL_AGAIN) - 1)])

    async def _session(self) -> None:
        """Ends when the hall does not want this tablet or does not answer any more."""
        assert self._line is not None
        token = "not-" + self._token if self.faults.strike(FaultWord.WRONG_TOKEN) else self._token
        who = {"WindowNumber": self.window, "UserNumber": self.user, "Token": token}
        try:
            answer = await self._line.ask(Request("Login", who))
            if not answer.done:
                self.last_error = f"login refused: {answer.code} {answer.result}"
                return
            self._logged_in = True
            self.last_error = ""
            if self.state == "offline":
                self.state = "welcome"
            self.changed.tell()
            while True:
                await self._next_work(self._line)
        except TimeoutError:
            self.last_error = f"no answer within {ANSWER_SECONDS:g} s"

    async def _next_work(self, line: Line) -> None:
        """A rating as soon as there is one, else a heart-beat. Raises TimeoutError."""
        if self._pending or await self._rated_within(HEARTBEAT):
            self._to_submit.clear()
            if self._pending:
                await self._submit(line, self._pending[0])
            return
        now = self._wall().strftime("%Y-%m-%d %H:%M:%S")
        await line.ask(Request("HeartBeat", {"DateTime": now}))
        self.heartbeats += 1

    async def _rated_within(self, seconds: float) -> bool:
        pressed = asyncio.ensure_future(self._to_submit.wait())
        timer = asyncio.ensure_future(self.clock.sleep(seconds))
        try:
            await asyncio.wait({pressed, timer}, return_when=asyncio.FIRST_COMPLETED)
            return pressed.done()
        finally:
            pressed.cancel()
            timer.cancel()

    async def _submit(self, line: Line, given: Rating) -> None:
        for _ in range(REPEATS_A_LINE):
            self.submits += 1
            try:
                answer = await line.ask(rating(given.id, given.level), REPEAT_AFTER)
            except TimeoutError:
                continue
            break
        else:
            raise TimeoutError
        if self._pending and self._pending[0] is given:
            self._pending.popleft()
        if not answer.done:
            self.last_error = f"rating refused: {answer.code} {answer.result}"
        if not self._pending and self.state == "sent":
            self._show("thanks", THANKS_SECONDS)
        self.changed.tell()

    def _context(self) -> ssl.SSLContext | None:
        if not self.url.startswith("wss://"):
            return None
        return ssl.create_default_context(cafile=None if self._trust is None else str(self._trust))

    def _show(self, state: str, seconds: float | None) -> None:
        """Turns to `state`; after `seconds` back to welcome."""
        self.state = state
        self._turn(seconds)

    def _turn(self, seconds: float | None) -> None:
        if self._turning is not None:
            self._turning.cancel()
            self._turning = None
        if seconds is not None:
            self._turning = self._chores.spawn(self._turn_back(seconds))

    async def _turn_back(self, seconds: float) -> None:
        await self.clock.sleep(seconds)
        self._turning = None
        self.state = "welcome" if self._logged_in else "offline"
        self.changed.tell()

    def _may_dial(self) -> None:
        if self.alive:
            self._to_dial.set()

    def _hang_up(self) -> None:
        if not self.alive:
            self._to_dial.clear()
        if self._line is not None:
            self._line.abort()

    def _fault_came(self, fault: Fault) -> None:
        super()._fault_came(fault)
        if fault.word is FaultWord.WRONG_TOKEN:
            self._hang_up()  # it is shown at the next login


def _check(id: str, level: object) -> None:
    if not isinstance(level, int) or isinstance(level, bool) or level not in LEVELS:
        raise ValueError(f"{id} has the levels 1 to 5, not {level!r}")
