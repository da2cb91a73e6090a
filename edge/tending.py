"""What the hall does by itself, every few seconds: leases that ran out, bookings nobody came for, numbers that could
not be served before closing. Each is a command like any other, decided on the newest state.
"""

import asyncio
from typing import Final, Protocol

import structlog

from edge.clock import Clock, Ids
from edge.engine import Answer
from edge.feed import Subscription
from edge.leases import Leases
from edge.rules import capacity
from edge.rules.command import Command
from edge.rules.queue_commands import AdvanceBookings, LapseLease, ResumeIssuing, StopIssuing
from edge.rules.refusal import Refusal
from edge.rules.state import State
from edge.service_times import ServiceTimes
from edge.site import Site

ACTOR: Final = "system"
LOOK_SECONDS: Final = 10.0

log = structlog.get_logger(__name__)


class Desk(Protocol):
    @property
    def state(self) -> State: ...

    async def execute(self, command: Command, *, id: str, actor: str) -> Answer: ...

    def subscribe(self) -> Subscription: ...


class Tending:
    """`leases` is renewed by the API, too: whoever has a live page sits there."""

    def __init__(self, engine: Desk, site: Site, leases: Leases, *, clock: Clock, ids: Ids) -> None:
        self.times = ServiceTimes(site.queue.service_minutes * 60_000)
        self._engine = engine
        self._site = site
        self._leases = leases
        self._clock = clock
        self._ids = ids

    async def run(self) -> None:
        """Until cancelled. Raises JournalFailed."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow())
            while True:
                await asyncio.sleep(LOOK_SECONDS)
                await self.look()

    async def look(self) -> None:
        """One round."""
        for command in self.wishes():
            try:
                await self._engine.execute(command, id=self._ids.new("c"), actor=ACTOR)
            except Refusal as refused:
                log.info("not_tended", command=type(command).__name__, code=refused.code)

    def wishes(self) -> list[Command]:
        """The commands of this moment."""
        state, now = self._engine.state, self._clock.now_ms()
        wished: list[Command] = [LapseLease(window=window, clerk=clerk) for window, clerk in self._leases.lapsed(state)]
        late = state.queue.late
        if any(b.state == "booked" and b.date <= state.date and now > b.slot + late for b in state.bookings.values()):
            wished.append(AdvanceBookings())
        if self._site.queue.stop_issuing == "forecast":
            verdict = capacity.judge(state, now, self.times.mean)
            wished += [StopIssuing(service=service, why="forecast") for service in verdict.stop]
            wished += [ResumeIssuing(service=service, why="forecast") for service in verdict.resume]
        return wished

    async def _follow(self) -> None:
        """Records of a window's turns say that its clerk is there: keypads work without any page."""
        async with self._engine.subscribe() as feed:
            async for news in feed:
                self.times.follow(news.records)
                for record in news.records:
                    window = self._engine.state.windows.get(str(record.body.get("window", "")))
                    if window is not None and window.clerk and record.actor != ACTOR:
                        self._leases.renew(window.setup.id, window.clerk)
