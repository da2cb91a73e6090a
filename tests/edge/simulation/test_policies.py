"""A few dozen busy days: what each policy promises, and that the judge would notice if it did not hold."""

from dataclasses import replace

import pytest

from edge.rules.policies import ranks
from edge.rules.queue_setup import MINUTE, QueueSetup
from edge.simulation.guests import Findings
from edge.simulation.report import people, summary
from edge.simulation.run import Plan, run
from edge.simulation.scenario import Scenario

BUSY = Plan(scenario=Scenario(), load=0.95, windows=3, days=6, seed=3)


def figures(policy: str, plan: Plan = BUSY) -> dict:
    queue = QueueSetup(policy=policy)
    return summary(run(plan, queue), queue)


@pytest.fixture(scope="module")
def fifo() -> dict:
    return figures("fifo")


@pytest.fixture(scope="module")
def virtual_time() -> dict:
    return figures("vt")


def test_virtual_time_helps_green_and_lets_nobody_starve(virtual_time: dict, fifo: dict) -> None:
    ours, theirs = virtual_time["classes"], fifo["classes"]
    assert ours["green"]["p95"] <= theirs["green"]["p95"] / 2
    assert ours["walk_in"]["p95"] <= theirs["walk_in"]["p95"] * 1.2
    assert ours["walk_in"]["max"] <= theirs["walk_in"]["max"] + QueueSetup().bound / MINUTE
    assert virtual_time["overtakes"]["beyond_bound"] == 0
    assert virtual_time["overtakes"]["max"] > 0


def test_first_come_first_served_overtakes_nobody(fifo: dict) -> None:
    assert (fifo["overtakes"]["max"], fifo["overtakes"]["beyond_bound"]) == (0, 0)


def test_strict_priority_breaks_the_bound_and_the_judge_sees_it() -> None:
    assert figures("strict", replace(BUSY, days=2))["overtakes"]["beyond_bound"] > 0


@pytest.mark.parametrize("policy", ["vt", "fifo", "strict", "apq"])
def test_no_window_idles_beside_somebody_it_may_serve(policy: str) -> None:
    assert figures(policy, replace(BUSY, days=1))["idle_while_waiting"] == 0


def test_the_judge_sees_idling(monkeypatch: pytest.MonkeyPatch) -> None:
    """A seeded fault: bookings are never called before they are due, so a window waits with them."""
    from edge.rules import queue

    def patient(tickets: list, setup: QueueSetup, *, owed: int, now_ms: int):
        return real([one for one in tickets if one.not_before <= now_ms], setup, owed=owed, now_ms=now_ms)

    real = queue.choose
    monkeypatch.setattr(queue, "choose", patient)
    found = run(replace(BUSY, load=0.3, days=1), QueueSetup())
    assert found[0].idle > 0


def test_the_judge_sees_a_bonus_beyond_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """A seeded fault: green counts twice what it should."""

    def generous(ticket, setup: QueueSetup, now_ms: int):
        return ticket.key - (setup.green if ticket.klass == "green" else 0), ticket.arrived, ticket.uid

    monkeypatch.setitem(ranks.RANKS, "vt", generous)
    found = run(replace(BUSY, load=1.1, days=2), QueueSetup(guard=600 * MINUTE))
    assert sum(day.beyond for day in found) > 0


def test_the_same_seed_gives_the_same_days_and_every_policy_the_same_people() -> None:
    short = replace(BUSY, days=1)

    def who(found: list[Findings]) -> list:
        return [guest.person for day in found for guest in day.guests]

    once, again = run(short, QueueSetup()), run(short, QueueSetup())
    assert once == again
    assert who(once) == who(run(short, QueueSetup(policy="strict")))
    assert who(once) != who(run(replace(short, seed=4), QueueSetup()))


def test_first_come_first_served_treats_the_classes_alike(fifo: dict) -> None:
    """Also those who are called before anybody looked at what they declared."""
    means = [figures["mean"] for figures in fifo["classes"].values()]
    assert max(means) < 1.3 * min(means)


def test_everybody_is_served_on_a_plain_day() -> None:
    counts = people(run(replace(BUSY, days=1), QueueSetup()))
    assert counts["came"] == counts["served"] > 100
