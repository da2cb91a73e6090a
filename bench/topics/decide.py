"""How long the rules think: `decide` alone, no journal, five hundred people waiting.

Processor time: rules wait for nothing, and other work on the machine is not theirs.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from bench.desk import Desk
from bench.rows import Row, alone
from bench.samples import p50, p99
from edge.clock import Ids, SystemClock
from edge.rules.apply import apply
from edge.rules.commands import CallNext, Command, ConfigureSite, FinishService, IssueTicket, OpenDay
from edge.rules.decide import decide
from edge.rules.moment import Decided, Moment
from edge.rules.records import Draft, ServiceSetup, WindowSetup
from edge.rules.state import State

WAITING: Final = 500
WINDOWS: Final = 8
DAYS: Final = 8
TURNS: Final = 500
_SERVICES: Final = ("general", "social", "residence")


@dataclass(slots=True)
class Hall:
    """Rules and a state, each command folded as soon as it is decided. `spent`: seconds of the last decision."""

    state: State = field(default_factory=State)
    ids: Ids = field(default_factory=lambda: Ids(SystemClock(), random.Random(1).randbytes))
    clock: Callable[[], float] = time.thread_time
    spent: float = 0.0

    def do(self, command: Command) -> None:
        now = SystemClock().now_ms()
        moment = Moment(now, str(now), self.ids.new, "clerk:c01")
        began = self.clock()
        drafts = decide(self.state, command, moment)
        self.spent = self.clock() - began
        for draft in drafts:
            self._fold(draft)

    def _fold(self, draft: Draft) -> None:
        apply(
            self.state,
            Decided(
                seq=self.state.seq + 1,
                kind=draft.kind,
                v=draft.v,
                subject=draft.subject,
                actor=draft.actor,
                at="2026-11-23T09:00:00.000+08:00",
                body=draft.body,
            ),
        )


def crowded(waiting: int = WAITING) -> Hall:
    """Eight windows that serve everything, and `waiting` tickets over three services."""
    hall = Hall()
    windows = tuple(WindowSetup(id=f"w{n}", area="a", services=_SERVICES) for n in range(1, WINDOWS + 1))
    services = tuple(ServiceSetup(id=s, prefix=p, area="a") for s, p in zip(_SERVICES, "ABC", strict=True))
    hall.do(ConfigureSite(hash="0" * 64, windows=windows, services=services, clerks=("c01",)))
    hall.do(OpenDay(date="2026-11-23"))
    for n in range(waiting):
        hall.do(_issue(n))
    return hall


async def measure(desk: Desk, days: int = DAYS, turns: int = TURNS, waiting: int = WAITING) -> list[Row]:
    desk.tell(f"{days} days of {turns} turns (call, finish, issue), {waiting} waiting; one more day to warm up")
    spent: dict[str, list[float]] = {"call next": [], "issue a ticket": []}
    for day in range(1 + days):
        hall = crowded(waiting)
        for n in range(turns):
            called, issued = _turn(hall, n)
            if day:
                spent["call next"].append(called)
                spent["issue a ticket"].append(issued)
    return [
        alone(f"decide: {what}, {waiting} waiting, {name}", of(times) * 1e6, "µs")
        for what, times in spent.items()
        for name, of in (("p50", p50), ("p99", p99))
    ]


def _turn(hall: Hall, n: int) -> tuple[float, float]:
    """Seconds of the decisions to call and to issue; as many wait afterwards as before."""
    window = f"w{n % WINDOWS + 1}"
    hall.do(CallNext(window=window))
    called = hall.spent
    hall.do(FinishService(window=window))
    hall.do(_issue(n))
    return called, hall.spent


def _issue(n: int) -> IssueTicket:
    return IssueTicket(service=_SERVICES[n % len(_SERVICES)], channel="kiosk", place="k1")
