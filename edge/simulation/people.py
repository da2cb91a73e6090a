"""The people of one day, drawn from a seed: the same for every policy, whatever happens to them in the hall."""

import math
from bisect import bisect_left
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from random import Random

from edge.rules.queue_records import Klass
from edge.simulation.scenario import MINUTE, Scenario, Work

SECOND_PART = 0.5  # of the turn's usual length: a second item, or what is left once the missing paper is there


@dataclass(frozen=True, slots=True)
class Person:
    """Times in ms; `comes` and `slot` after opening. `comes` None: a booking nobody came for.

    `patience`: how long after coming, None: for ever. `lengths`: of the turn and of its second part, used where
    `turn` says there is one.
    """

    uid: int
    klass: Klass
    service: str
    comes: int | None
    slot: int | None
    lengths: tuple[int, int]
    patience: int | None
    cancels: bool
    revives: bool
    turn: str  # "", "hold", "return", "two_items"
    second: str = ""  # service of a second item


def draw(scenario: Scenario, *, load: float, windows: int, seed: int, day: int) -> tuple[Person, ...]:
    """In order of coming, no-shows last. `load`: work that comes in a day, of what all windows could do."""
    random = Random(f"{seed}/{day}")
    expected = load * capacity(scenario, windows) / mean_length(scenario)
    booked = _slots(scenario, expected * scenario.appointments / (1 - scenario.no_shows), random)
    walking = _arrivals(scenario, expected * (1 - scenario.appointments), random)
    comers = [(_lateness(scenario, slot, random), slot) for slot in booked]
    drawn = [_person(scenario, comes, slot, random) for comes, slot in comers]
    drawn += [_person(scenario, comes, None, random) for comes in walking]
    return _numbered(drawn)


def capacity(scenario: Scenario, windows: int) -> float:
    """Ms of work that the windows offer in the day, their breaks taken off."""
    total = 0.0
    for desk in scenario.desks(windows):
        until = scenario.since_opening(desk.closes or scenario.closes)
        total += until - sum(one.minutes * MINUTE for one in desk.breaks if scenario.since_opening(one.at) < until)
    return total


def mean_length(scenario: Scenario) -> float:
    """Ms a person takes on average, second parts and the walk to the window too."""
    whole = sum(work.share for work in scenario.services)
    single = sum(work.share * work.minutes for work in scenario.services) / whole * MINUTE
    return single * (1 + SECOND_PART * (scenario.two_items + scenario.returning)) + scenario.walking * 1000


def _arrivals(scenario: Scenario, expected: float, random: Random) -> list[int]:
    """A Poisson stream with the day's profile: exponential gaps in the time in which the stream is even."""
    points = _profile(scenario)
    areas = [0.0, *accumulate((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pairwise(points))]
    found, at = [], 0.0
    while (at := at + random.expovariate(1) * areas[-1] / expected) < areas[-1]:
        index = bisect_left(areas, at) - 1
        found.append(_within(points[index], points[index + 1], at - areas[index]))
    return found


def _profile(scenario: Scenario) -> list[tuple[float, float]]:
    named = [(float(scenario.since_opening(peak.at)), peak.factor) for peak in scenario.profile]
    first = [] if named and named[0][0] == 0 else [(0.0, named[0][1] if named else 1.0)]
    last = [] if named and named[-1][0] == scenario.length else [(float(scenario.length), named[-1][1] if named else 1)]
    return [*first, *named, *last]


def _within(a: tuple[float, float], b: tuple[float, float], area: float) -> int:
    """Where between two points of the profile the stream has reached `area`."""
    slope = (b[1] - a[1]) / (b[0] - a[0])
    if abs(slope) < 1e-15:
        return int(a[0] + area / a[1])
    return int(a[0] + (math.sqrt(a[1] * a[1] + 2 * slope * area) - a[1]) / slope)


def _slots(scenario: Scenario, expected: float, random: Random) -> list[int]:
    """As many in each slot as in any other, as booking systems give them out; none at the day's two ends."""
    step = scenario.slot_minutes * MINUTE
    slots = range(step, scenario.length - step + 1, step)
    each = expected / len(slots)
    return [slot for slot in slots for _ in range(int(each) + (random.random() < each % 1))]


def _lateness(scenario: Scenario, slot: int, random: Random) -> int | None:
    """When a booked person checks in: not before the doors open, not after they close."""
    late = random.gauss(scenario.lateness.mean, scenario.lateness.deviation) * MINUTE
    if random.random() < scenario.no_shows:
        return None
    return min(max(int(slot + late), 0), scenario.length - 1)


def _person(scenario: Scenario, comes: int | None, slot: int | None, random: Random) -> Person:
    work = random.choices(scenario.services, [one.share for one in scenario.services])[0]
    others = [one.id for one in scenario.services if one is not work] or [""]
    second, turn = random.choice(others), _turn(scenario, random.random())
    green = random.random() < scenario.green / (1 - scenario.appointments or 1)
    patience = random.expovariate(1)
    return Person(
        uid=0,
        klass="appointment" if slot is not None else "green" if green else "walk_in",
        service=work.id,
        comes=comes,
        slot=slot,
        lengths=_lengths(work, random),
        patience=_patience(scenario, patience) if slot is None else None,
        cancels=random.random() < scenario.cancelling,
        revives=random.random() < scenario.reviving,
        turn="" if turn == "two_items" and not second else turn,
        second=second if turn == "two_items" and slot is None else "",
    )


def _patience(scenario: Scenario, drawn: float) -> int | None:
    return None if scenario.patience is None else int(drawn * scenario.patience * MINUTE)


def _lengths(work: Work, random: Random) -> tuple[int, int]:
    spread = math.log(1 + work.cv**2)
    mean = math.log(work.minutes * MINUTE) - spread / 2
    first = random.lognormvariate(mean, math.sqrt(spread))
    second = random.lognormvariate(mean, math.sqrt(spread)) * SECOND_PART
    return max(1, round(first)), max(1, round(second))


def _turn(scenario: Scenario, drawn: float) -> str:
    for name, share in (
        ("hold", scenario.holding),
        ("return", scenario.returning),
        ("two_items", scenario.two_items),
    ):
        if drawn < share:
            return name
        drawn -= share
    return ""


def _numbered(drawn: list[Person]) -> tuple[Person, ...]:
    """In order of coming, and no two at the same millisecond: who is first is then a fact, not a rule's choice."""
    order = sorted(drawn, key=lambda one: (one.comes is None, one.comes or 0))
    people: list[Person] = []
    last = -1
    for uid, one in enumerate(order):
        comes = None if one.comes is None else max(one.comes, last + 1)
        last = last if comes is None else comes
        people.append(replace(one, uid=uid, comes=comes))
    return tuple(people)
