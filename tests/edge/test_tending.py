"""What the hall does by itself: leases that ran out, no-shows, numbers stopped by forecast and given again."""

from dataclasses import dataclass, field
from typing import Any

from edge.clock import Ids
from edge.feed import Subscription
from edge.leases import Leases
from edge.rules import commands as c
from edge.rules import queue_commands as q
from edge.rules.moment import Decided
from edge.service_times import ServiceTimes
from edge.tending import Tending
from tests.edge.reactions.rig import station
from tests.edge.rules.conftest import DAY, SETUP, Hall

MINUTE = 60_000


@dataclass
class Desk:
    hall: Hall
    done: list[str] = field(default_factory=list)

    @property
    def state(self) -> Any:
        return self.hall.state

    async def execute(self, command: Any, *, id: str, actor: str) -> Any:
        assert actor == "system"
        self.done += [draft.kind for draft in self.hall.do(command, actor)]

    def subscribe(self) -> Subscription:
        return Subscription(lambda one: None, lambda one: None)


def tended(hall: Hall, *, seconds: int = 60, **queue: Any) -> tuple[Tending, Leases, Desk]:
    site = station()
    site = site.model_copy(update={"queue": site.queue.model_copy(update={"lease_seconds": seconds, **queue})})
    desk, leases = Desk(hall), Leases(hall.clock, seconds)
    return Tending(desk, site, leases, clock=hall.clock, ids=Ids(hall.clock)), leases, desk


def opened() -> Hall:
    hall = Hall()
    hall.do(SETUP)
    hall.do(c.OpenDay(date=DAY, closes=hall.clock.ms + 480 * MINUTE))
    return hall


async def test_a_clerk_whose_page_is_gone_lapses_between_citizens() -> None:
    hall = opened()
    tending, leases, desk = tended(hall)
    hall.serve()
    await tending.look()
    hall.clock.ms += 61_000
    await tending.look()
    assert desk.done == []
    hall.finish()
    leases.renew("w1", "c01")
    hall.clock.ms += 50_000
    await tending.look()
    assert desk.done == []
    hall.clock.ms += 20_000
    await tending.look()
    await tending.look()
    assert (desk.done, hall.state.windows["w1"].clerk) == (["clerk.lapsed"], "")


async def test_a_start_gives_everybody_a_whole_lease_and_zero_is_for_ever() -> None:
    for seconds, lapsed in ((60, ["clerk.lapsed"]), (0, [])):
        hall = opened()
        hall.do(c.SignIn(window="w1", clerk="c01"))
        hall.clock.ms += 3_600_000
        tending, _, desk = tended(hall, seconds=seconds)
        await tending.look()
        assert desk.done == []
        hall.clock.ms += 61_000
        await tending.look()
        assert desk.done == lapsed


async def test_nobody_came() -> None:
    hall = opened()
    tending, _, desk = tended(hall)
    holder = c.Holder(ref="p1", name="张测试", id_number="119999199001010012")
    hall.do(
        q.MirrorBooking(booking="b:1", date=DAY, slot=hall.clock.ms - 20 * MINUTE, service="general", holder=holder)
    )
    await tending.look()
    hall.clock.ms += 11 * MINUTE
    await tending.look()
    await tending.look()
    assert (desk.done, hall.state.bookings["b:1"].state) == (["booking.ended"], "no_show")


async def test_numbers_stop_by_forecast_and_are_given_again() -> None:
    hall = opened()
    tending, _, desk = tended(hall)
    hall.clock.ms = hall.state.closes - 60 * MINUTE
    waiting = [hall.issue() for _ in range(20)]
    await tending.look()
    assert set(hall.state.stopped) == {"general", "social", "residence"}
    for uid in waiting[4:]:
        hall.do(q.CancelTicket(ticket=uid, by="kiosk"))
    await tending.look()
    assert hall.state.stopped == {}
    assert desk.done == ["issuing.stopped"] * 3 + ["issuing.resumed"] * 3
    silent, _, quiet = tended(hall, stop_issuing="manager")
    hall.clock.ms = hall.state.closes
    await silent.look()
    assert quiet.done == []


def record(kind: str, at: str, **body: Any) -> Any:
    """As much of a committed record as anybody reads here."""
    return Decided(1, kind, 1, "t:1", "clerk:c01", f"2026-11-23T{at}.000+08:00", body)  # type: ignore[arg-type]


def test_service_times_are_learned_and_forgotten_turns_are_not() -> None:
    times = ServiceTimes(8 * MINUTE)
    times.follow([record("service.started", "09:00:00", service="s:1", item="general", window="w1")])
    times.follow([record("service.finished", "09:18:00", service="s:1", window="w1")])
    assert (times.mean("general"), times.mean("social")) == (9 * MINUTE, 8 * MINUTE)
    times.follow(
        [
            record("service.started", "09:20:00", service="s:2", item="general", window="w1"),
            record("service.finished", "09:20:02", service="s:2", window="w1"),
            record("service.started", "09:21:00", service="s:3", item="general", window="w1"),
            record("day.closed", "20:00:00", date=DAY, expired=[]),
            record("service.finished", "21:00:00", service="s:3", window="w1"),
        ]
    )
    assert times.mean("general") == 9 * MINUTE
