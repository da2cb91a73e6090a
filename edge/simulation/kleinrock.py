"""The check against theory: one window, two classes of Poisson arrivals, exponential service (domain 3.1).

Kleinrock's accumulating priority has a formula for the mean waits, and every order that idles for nobody obeys the
conservation law; if rules, events or figures were wrong anywhere, these would not come out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from edge.rules.commands import Command
from edge.rules.moment import Fact
from edge.rules.queue_setup import QueueSetup
from edge.simulation.day import run_day
from edge.simulation.guests import Guest
from edge.simulation.hall import Hall, midnight, site_of
from edge.simulation.people import Person
from edge.simulation.report import waits
from edge.simulation.scenario import MINUTE, Scenario, Work

HIGH: Final = 0.3
LOW: Final = 0.6
QUEUE: Final = QueueSetup(policy="apq", weights=(2, 1, 1))
_SCENE: Final = Scenario(services=(Work(id="general", share=1, minutes=1),), confirming=0, appointments=0)
_FORGETTING: Final = 500  # commands between two looks at what is over


@dataclass(frozen=True, slots=True)
class Means:
    """Mean waits in units of the mean service. `conserved`: the waits, weighted by the loads."""

    high: float
    low: float

    @property
    def conserved(self) -> float:
        return HIGH * self.high + LOW * self.low


def theory(*, ratio: float) -> Means:
    """M/M/1, service rate 1, weights `ratio` : 1."""
    load = HIGH + LOW
    all_equal = load / (1 - load)
    low = all_equal / (1 - HIGH * (1 - 1 / ratio))
    return Means(high=all_equal - LOW * low * (1 - 1 / ratio), low=low)


def stream(minutes: int, seed: int) -> tuple[Person, ...]:
    """High ones are green. Moments are whole ms, no two alike."""
    random = Random(f"kleinrock/{seed}")
    people: list[Person] = []
    at, last = 0.0, -1
    while (at := at + random.expovariate(HIGH + LOW)) < minutes:
        last = max(last + 1, round(at * MINUTE))
        people.append(_person(len(people), last, random))
    return tuple(people)


def simulate(people: tuple[Person, ...], queue: QueueSetup = QUEUE, warm_up: int = 500) -> Means:
    """`warm_up`: minutes at the start that do not count."""
    guests = run(people, queue)
    steady = [guest for guest in guests if guest.person.comes is not None and guest.person.comes >= warm_up * MINUTE]
    high, low = waits(steady, "green"), waits(steady, "walk_in")
    return Means(high=sum(high) / len(high) / MINUTE, low=sum(low) / len(low) / MINUTE)


def run(people: tuple[Person, ...], queue: QueueSetup = QUEUE) -> list[Guest]:
    """Everybody, with the moment of the call."""
    hall = _Forgetful()
    hall.do(site_of(_SCENE, 1, queue), midnight(0))
    return run_day(hall, _SCENE, people, day=0, windows=1).guests


class _Forgetful(Hall):
    """A day of weeks: what is over leaves the state now and then, as it does at the end of a day."""

    def __init__(self) -> None:
        super().__init__()
        self._done = 0

    def do(self, command: Command, now_ms: int) -> Sequence[Fact]:
        facts = super().do(command, now_ms)
        self._done += 1
        if self._done % _FORGETTING == 0:
            state = self.state
            state.tickets = {uid: one for uid, one in state.tickets.items() if one.state != "done"}
            state.questions = {nonce: one for nonce, one in state.questions.items() if one.state == "asked"}
            state.calls.clear()
        return facts


def _person(uid: int, comes: int, random: Random) -> Person:
    high = random.random() < HIGH / (HIGH + LOW)
    length = max(1, round(random.expovariate(1) * MINUTE))
    return Person(
        uid=uid,
        klass="green" if high else "walk_in",
        service="general",
        comes=comes,
        slot=None,
        lengths=(length, length),
        patience=None,
        cancels=False,
        revives=False,
        turn="",
    )
