"""Against theory: the same people through the hall's rules and through twenty lines that know nothing of them."""

import pytest

from edge.rules.queue_setup import QueueSetup
from edge.simulation import kleinrock
from edge.simulation.people import Person
from edge.simulation.scenario import MINUTE

FIFO = QueueSetup(policy="fifo")


def plain(people: tuple[Person, ...], weights: dict[str, int]) -> list[int]:
    """The moment of each call after opening, by person: one window, weight times waiting time, nothing else."""
    waiting: list[Person] = []
    calls = [0] * len(people)
    now, coming = 0, 0
    while coming < len(people) or waiting:
        if not waiting:
            now = max(now, people[coming].comes)
        while coming < len(people) and people[coming].comes <= now:
            waiting.append(people[coming])
            coming += 1
        chosen = max(waiting, key=lambda one: (weights[one.klass] * (now - one.comes), -one.comes))
        waiting.remove(chosen)
        calls[chosen.uid] = now
        now += chosen.lengths[0]
    return calls


def means(people: tuple[Person, ...], calls: list[int]) -> tuple[float, float]:
    def of(klass: str) -> float:
        found = [calls[one.uid] - one.comes for one in people if one.klass == klass]
        return sum(found) / len(found) / MINUTE

    return of("green"), of("walk_in")


def test_theory_is_the_domain_pages() -> None:
    expected = kleinrock.theory(ratio=2)
    assert (round(expected.high, 2), round(expected.low, 2)) == (5.82, 10.59)
    assert expected.conserved == pytest.approx(0.9 * 9.0)  # first come, first served: 9.00 for both


@pytest.mark.parametrize(("queue", "high"), [(kleinrock.QUEUE, 2), (FIFO, 1)])
def test_the_rules_call_whom_the_plain_policy_calls_at_the_same_moment(queue: QueueSetup, high: int) -> None:
    people = kleinrock.stream(minutes=700, seed=5)
    guests = kleinrock.run(people, queue)
    opens = guests[0].came - people[0].comes
    assert [guest.called - opens for guest in guests] == plain(people, {"green": high, "walk_in": 1})


def test_the_plain_policy_comes_to_kleinrocks_means() -> None:
    """Long enough for sampling error of a few per cent; the rules are the plain policy, call by call."""
    runs = [kleinrock.stream(minutes=40_000, seed=seed) for seed in range(2)]
    prioritised = [means(people, plain(people, {"green": 2, "walk_in": 1})) for people in runs]
    high, low = (sum(column) / len(runs) for column in zip(*prioritised, strict=True))
    expected = kleinrock.theory(ratio=2)
    assert high == pytest.approx(expected.high, rel=0.12)
    assert low == pytest.approx(expected.low, rel=0.15)
    equal = [means(people, plain(people, {"green": 1, "walk_in": 1})) for people in runs]
    first, second = (sum(column) / len(runs) for column in zip(*equal, strict=True))
    # The law holds between two policies on the same people far closer than either meets its own expectation.
    assert 0.3 * high + 0.6 * low == pytest.approx(0.3 * first + 0.6 * second, rel=0.02)
