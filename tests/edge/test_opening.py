"""The day turns early in the morning, never at midnight: nobody's turn ends because a clock strikes twelve."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from edge import opening
from edge.clock import Ids
from edge.rules.queue_setup import QueueSetup
from edge.rules.state import State, Ticket
from edge.site_sections.queue import Queue, Weights
from tests.edge.reactions.rig import station
from tests.edge.rules.conftest import BOOKS


@dataclass
class Desk:
    state: State
    done: list[str] = field(default_factory=list)
    closes: int = -1
    abandoned: bool = False

    async def execute(self, command: Any, *, id: str, actor: str) -> Any:
        self.done.append(command.do)
        self.closes = getattr(command, "closes", self.closes)
        self.abandoned |= getattr(command, "abandon", False)


@dataclass
class At:
    """A moment of the site's wall clock."""

    text: str

    def now_ms(self) -> int:
        return int(datetime.fromisoformat(f"{self.text}+08:00").timestamp() * 1000)

    def up_ms(self) -> int:
        return 0


@pytest.mark.parametrize(
    ("day", "ticket", "quiet"),
    [
        (State(), "", True),
        (State(date="2026-11-23", open=True), "", True),
        (State(date="2026-11-23", open=True), "done", True),
        (State(date="2026-11-23", open=True), "waiting", False),
        (State(date="2026-11-23", open=True), "serving", False),
        (State(date="2026-11-22", open=True), "waiting", True),  # the day after midnight, before it turns
        (State(date="2026-11-23", open=False), "waiting", True),
    ],
)
def test_work_that_may_wait_is_done_when_nobody_else_does(day: State, ticket: str, quiet: bool) -> None:
    tickets = {"t:1": Ticket.model_construct(state=ticket)} if ticket else {}
    assert opening.is_quiet(day.model_copy(update={"tickets": tickets}), "2026-11-23") == quiet


@pytest.mark.parametrize(
    ("now", "done"),
    [
        ("2026-11-23T17:00:00", []),
        ("2026-11-24T00:00:30", []),
        ("2026-11-24T03:59:59", []),
        ("2026-11-24T04:00:00", ["day.close", "day.open"]),
        ("2026-11-24T08:30:00", ["day.close", "day.open"]),
    ],
)
async def test_an_open_day_turns_after_four(now: str, done: list[str]) -> None:
    desk = Desk(State(date="2026-11-23", open=True))
    await opening.keep_day(desk, station(), clock=At(now), ids=Ids(At(now)))
    assert desk.done == done


async def test_a_closed_hall_opens_its_day_at_any_hour() -> None:
    desk = Desk(State())
    now = At("2026-11-24T00:10:00")
    await opening.keep_day(desk, station(), clock=now, ids=Ids(now))
    assert desk.done == ["day.open"]


async def test_what_was_left_in_service_keeps_no_day_from_opening() -> None:
    desk = Desk(State(date="2026-11-23", open=True))
    now = At("2026-11-24T04:00:00")
    await opening.keep_day(desk, station(), clock=now, ids=Ids(now))
    assert desk.abandoned


async def test_a_day_that_a_manager_closed_stays_closed_until_the_next() -> None:
    desk = Desk(State(date="2026-11-23"))
    for moment, done in (("2026-11-23T15:00:00", []), ("2026-11-24T08:00:00", ["day.open"])):
        now = At(moment)
        await opening.keep_day(desk, station(), clock=now, ids=Ids(now))
        assert desk.done == done


@pytest.mark.parametrize(
    ("now", "closes"),
    [
        ("2026-11-23T08:30:00", "2026-11-23T17:30:00"),
        ("2026-11-23T18:30:00", ""),  # over already: whoever opens it now has a reason
        ("2026-11-25T08:30:00", ""),  # a day off
        ("2026-11-28T08:30:00", ""),  # Saturday
        ("2026-11-29T08:30:00", "2026-11-29T17:30:00"),  # a worked Sunday
        ("2027-01-04T08:30:00", ""),  # no calendar yet
    ],
)
async def test_the_planned_end_comes_from_hours_and_calendar(now: str, closes: str) -> None:
    desk = Desk(State())
    await opening.keep_day(desk, station(), clock=At(now), ids=Ids(At(now)), books=BOOKS)
    assert desk.closes == (At(closes).now_ms() if closes else 0)


@pytest.mark.parametrize(
    ("now", "done"),
    [
        ("2026-11-23T08:30:00", ["day.open"]),
        ("2026-11-25T08:30:00", []),
        ("2026-11-28T08:30:00", []),
        ("2026-11-29T08:30:00", ["day.open"]),
        ("2027-01-04T08:30:00", ["day.open"]),
    ],
)
async def test_a_site_may_open_by_itself_on_working_days_only(now: str, done: list[str]) -> None:
    site = station()
    site = site.model_copy(update={"queue": site.queue.model_copy(update={"days": "working_days"})})
    desk = Desk(State())
    await opening.keep_day(desk, site, clock=At(now), ids=Ids(At(now)), books=BOOKS)
    assert desk.done == done


def test_the_rules_get_the_sites_queue_in_milliseconds() -> None:
    site = station()
    assert opening.setup_of(site, "0").queue == QueueSetup()
    own = Queue(policy="apq", green_minutes=30, undo_seconds=5, weights=Weights(green=9), out_of_turn=False)
    setup = opening.setup_of(site.model_copy(update={"queue": own}), "0").queue
    assert (setup.policy, setup.green, setup.undo, setup.weights, setup.out_of_turn) == (
        "apq", 1_800_000, 5_000, (9, 2, 1), False,
    )  # fmt: skip
