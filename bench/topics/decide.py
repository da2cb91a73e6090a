"""How long the rules think: `decide` alone, no journal, five hundred people waiting.

Processor time: rules wait for nothing, and other work on the machine is not theirs.
"""

import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final
from zoneinfo import ZoneInfo

from bench.desk import Desk
from bench.rows import Row, alone
from bench.samples import p50, p99
from edge.clock import Ids, SystemClock, iso
from edge.rules.apply import apply
from edge.rules.commands import CallNext, Command, ConfigureSite, FinishService, Holder, IssueTicket, OpenDay
from edge.rules.decide import decide
from edge.rules.moment import Decided, Moment
from edge.rules.queue_commands import CheckIn, MirrorBooking, SettleGreen
from edge.rules.queue_setup import MINUTE
from edge.rules.records import Draft, ServiceSetup, WindowSetup
from edge.rules.state import State

WAITING: Final = 500
WINDOWS: Final = 8
DAYS: Final = 8
TURNS: Final = 500
RECORDS: Final = 20_000
_ZONE: Final = ZoneInfo("Asia/Shanghai")
_SERVICES: Final = ("general", "social", "residence")


@dataclass(slots=True)
class Hall:
    """Rules and a state, each command folded as soon as it is decided. `spent`: seconds of the last decision."""

    state: State = field(default_factory=State)
    ids: Ids = field(default_factory=lambda: Ids(SystemClock(), random.Random(1).randbytes))
    clock: Callable[[], float] = time.thread_time
    spent: float = 0.0
    kept: list[Decided] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)  # of `kept`, as a journal has them

    def do(self, command: Command) -> None:
        now = SystemClock().now_ms()
        moment = Moment(now, iso(now, _ZONE), self.ids.new, "clerk:c01")
        began = self.clock()
        drafts = decide(self.state, command, moment)
        self.spent = self.clock() - began
        for draft in drafts:
            self._fold(draft)

    def _fold(self, draft: Draft) -> None:
        fact = Decided(
            seq=self.state.seq + 1,
            kind=draft.kind,
            v=draft.v,
            subject=draft.subject,
            actor=draft.actor,
            at="2026-11-23T09:00:00.000+08:00",
            body=draft.body,
        )
        self.kept.append(fact)
        self.bodies.append(draft.body.model_dump_json())
        apply(self.state, fact)


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


def mixed(waiting: int = WAITING) -> Hall:
    """The same windows and the default policy over all classes: a tenth green, a quarter with an appointment (some not
    due yet), and half of them waiting longer than the guard lets them.
    """
    hall = crowded(0)
    start = SystemClock().now_ms()
    for n in range(waiting):
        if n % 4 == 1:
            slot = start + (n % 9 - 4) * 10 * MINUTE
            hall.do(_booking(n, slot))
            hall.do(CheckIn(booking=f"b:{n}", channel="kiosk", place="k1", accept_late=True))
        else:
            hall.do(_issue(n))
    for n, ticket in enumerate(hall.state.tickets.values()):
        if n % 10 == 3 and ticket.klass == "walk_in":
            hall.do(SettleGreen(ticket=ticket.uid, ground="elderly", holds=True))
        if n % 2:
            ticket.since -= hall.state.queue.guard + MINUTE
    return hall


async def measure(desk: Desk, days: int = DAYS, turns: int = TURNS, waiting: int = WAITING) -> list[Row]:
    rows = _decisions(desk, days, turns, waiting, crowded, "")
    rows += _decisions(desk, -(-days // 2), turns, waiting, mixed, " of all classes")
    return [*rows, _restored(desk, RECORDS if turns >= TURNS else 20 * turns)]


def _decisions(desk: Desk, days: int, turns: int, waiting: int, hall_of: Callable[[int], Hall], whom: str) -> list[Row]:
    desk.tell(f"{days} days of {turns} turns (call, finish, issue), {waiting} waiting{whom}; one more day to warm up")
    spent: dict[str, list[float]] = {"call next": [], "issue a ticket": []}
    for day in range(1 + days):
        hall = hall_of(waiting)
        for n in range(turns):
            called, issued = _turn(hall, n)
            if day:
                spent["call next"].append(called)
                spent["issue a ticket"].append(issued)
    return [
        alone(f"decide: {what}, {waiting} waiting{whom}, {name}", of(times) * 1e6, "µs")
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


def _booking(n: int, slot: int) -> MirrorBooking:
    holder = Holder(ref=f"p{n}", name="", id_number="")
    return MirrorBooking(booking=f"b:{n}", date="2026-11-23", slot=slot, service=_SERVICES[n % 3], holder=holder)


def _restored(desk: Desk, records: int) -> Row:
    """The fold of one day as a start does it without a snapshot: bodies from JSON, lifted and applied."""
    desk.tell(f"folding one day of {records} records")
    hall, n = crowded(20), 0
    while len(hall.kept) < records:
        _turn(hall, n)
        n += 1
    spent = []
    for _ in range(5):
        state = State()
        began = time.thread_time()
        for fact in hall.kept:
            apply(state, replace(fact, body=json.loads(hall.bodies[fact.seq - 1])))
        spent.append(time.thread_time() - began)
        assert state.counters == hall.state.counters
    return alone(f"decide: a day of {records} records folded, p50 of 5", p50(spent), "s")
