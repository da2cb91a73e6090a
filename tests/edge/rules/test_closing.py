"""A day that ends while somebody is served, and numbers that could not be served before it ends."""

import pytest

from edge.rules import capacity
from edge.rules import commands as c
from edge.rules import queue_commands as q
from edge.rules.case_commands import TakeUpCase

MINUTE = 60_000


@pytest.fixture(autouse=True)
def nothing_lives_only_in_memory(hall):
    yield
    assert hall.replayed() == hall.state


def test_a_turn_left_in_service_keeps_no_day_from_opening(hall):
    served = hall.serve()
    case = hall.open_case()
    held = hall.serve("w2", "c02")
    hall.do(q.HoldTicket(window="w2"))
    refused = hall.refused(c.CloseDay())
    assert (refused.code, refused.values) == ("day_in_service", {"windows": "w1, w2"})
    drafts = hall.do(c.CloseDay(abandon=True))
    assert [(draft.kind, draft.subject) for draft in drafts[:3]] == [
        ("case.set_aside", case), ("service.abandoned", served), ("service.abandoned", held),
    ]  # fmt: skip
    assert [draft.body.was for draft in drafts[1:3]] == ["serving", "held"]
    assert (drafts[-1].kind, drafts[-1].body.expired, hall.state.tickets) == ("day.closed", (), {})
    hall.do(c.OpenDay(date="2026-11-24"))
    hall.serve()
    hall.do(TakeUpCase(window="w1", case=case))
    assert hall.state.cases[case].state == "draft"


def test_closing_a_quiet_day_abandons_nobody(hall):
    hall.issue()
    assert [draft.kind for draft in hall.do(c.CloseDay(abandon=True))] == ["day.closed"]


def crowd(hall, people, closes_in):
    hall.state.closes = hall.clock.ms + closes_in * MINUTE
    for _ in range(people):
        hall.issue()


def verdict(hall):
    found = capacity.judge(hall.state, hall.clock.ms, lambda service: 8 * MINUTE)
    hall.state.closes = hall.replayed().closes
    return found


@pytest.mark.parametrize(
    ("people", "closes_in", "stop"),
    [
        (0, 60, False),
        (12, 60, False),  # two windows, 52 minutes in which a service may begin: 13 people
        (14, 60, True),
        (0, 7, True),  # what begins now ends after closing
        (0, -10, True),
        (500, 10**6, False),
    ],
)
def test_numbers_end_when_who_comes_now_would_not_be_served(hall, people, closes_in, stop):
    crowd(hall, people, closes_in)
    assert ("general" in verdict(hall).stop) == stop


def test_windows_at_rest_and_without_a_clerk_do_not_count(hall):
    crowd(hall, 8, 60)
    assert "general" not in verdict(hall).stop
    hall.do(c.SignIn(window="w1", clerk="c01"))
    hall.state.closes = hall.clock.ms + 60 * MINUTE
    assert "general" in verdict(hall).stop
    hall.do(c.SignIn(window="w2", clerk="c02"))
    hall.do(q.PauseWindow(window="w2", reason="lunch", until=hall.clock.ms + 50 * MINUTE))
    hall.state.closes = hall.clock.ms + 60 * MINUTE
    assert "general" in verdict(hall).stop


def test_a_stop_is_lifted_with_some_room_and_never_the_managers(hall):
    hall.do(q.StopIssuing(service="social", why="forecast"))
    hall.do(q.StopIssuing(service="residence", why="manager"))
    crowd(hall, 12, 60)
    assert verdict(hall).resume == ()
    hall.state.closes = hall.clock.ms + 120 * MINUTE
    assert verdict(hall).resume == ("social",)


def test_without_a_planned_end_nothing_stops(hall):
    for _ in range(50):
        hall.issue()
    assert hall.state.closes == 0
    assert verdict(hall) == capacity.Verdict((), ())
