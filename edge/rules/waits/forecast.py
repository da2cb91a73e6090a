"""From an order of calls to ranges: the same queue is played through with many lengths of service, as they vary."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from edge.rules.state import State
from edge.rules.waits.hall import Comer, Desk, comers, desks, probe
from edge.rules.waits.learned import Learned, Pace, Usual
from edge.rules.waits.replay import calls

DRAWS: Final = 29  # a prime: every column below is then a permutation
LEAST_SPREAD_MS: Final = 60_000
_SHARES: Final = tuple((k + 0.5) / DRAWS for k in range(DRAWS))


@dataclass(frozen=True, slots=True)
class Range:
    """Milliseconds to wait from now: half wait no longer than `p50_ms`, nine in ten no longer than `p90_ms`.

    `mean_ms`, `spread_ms`: before the correction by recent errors. `expected_ms`: the mean after it.
    """

    p50_ms: int
    p90_ms: int
    expected_ms: int
    mean_ms: int
    spread_ms: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """`tickets`: by uid, those some window serves. `services`: for a walk-in who would take a number now."""

    tickets: Mapping[str, Range]
    services: Mapping[str, Range]


def forecast(state: State, learned: Learned, now_ms: int) -> Forecast:
    """Pure, and takes its time (some 10 ms with 200 waiting): never call it where something is decided."""
    places = desks(state, learned, now_ms)
    order = calls(state, learned, comers(state, learned, now_ms), places, now_ms)
    waits = _play(order, places, learned, now_ms)
    ranges = {comer.ticket.uid: _range(waits[n], learned.errors) for n, comer in enumerate(order) if waits[n]}
    own = {probe(service, now_ms).uid: service for service in state.services}
    return Forecast(
        tickets={uid: found for uid, found in ranges.items() if not uid.startswith("~")},
        services={service: ranges[uid] for uid, service in own.items() if uid in ranges},
    )


def _play(order: Sequence[Comer], places: Sequence[Desk], learned: Learned, now_ms: int) -> list[list[int]]:
    """For each of `order` the waits drawn; [] for those who are not here yet."""
    waits: list[list[int]] = [[] for _ in order]
    able = _able(order, places)
    lengths = _lengths(order, places, learned)
    for draw in range(DRAWS):
        _play_once(draw, order, able, lengths, waits, _freed(draw, places, learned, now_ms), places, learned, now_ms)
    return waits


def _play_once(
    draw: int,
    order: Sequence[Comer],
    able: Sequence[tuple[int, ...]],
    lengths: Sequence[Sequence[float]],
    waits: list[list[int]],
    free: list[float],
    places: Sequence[Desk],
    learned: Learned,
    now_ms: int,
) -> None:
    breaks = [learned.breaks.get(desk.id) for desk in places]
    columns = _columns(len(places))
    later: list[int] = []  # called before others if they were here: they wait for their coming, not the window

    def serve(n: int) -> None:
        comer = order[n]
        window = min(able[n], key=free.__getitem__)
        begins = free[window]
        away = breaks[window]
        if away is not None and away[0] <= begins < away[1]:
            breaks[window] = None
            free[window] = begins + away[1] - away[0]
            serve(n)
            return
        if comer.comes > begins:
            if comer.comes > now_ms:
                later.append(n)
            return
        if comer.comes <= now_ms:
            waits[n].append(round(begins) - now_ms)
        if comer.probe:
            return
        share = columns(n, draw)
        stays = comer.likely * math.exp(-learned.cancelled * (begins - now_ms))
        lost = 1 - math.exp(-learned.walked * max(0.0, begins - comer.comes))
        chance = columns(n + 13, draw)
        if chance < 1 - stays:
            return
        free[window] = begins + (learned.missed if chance < 1 - stays * (1 - lost) else lengths[n][int(share * DRAWS)])

    for n in range(len(order)):
        while later and order[later[0]].comes <= min(free[window] for window in able[later[0]]):
            serve(later.pop(0))
        serve(n)


def _freed(draw: int, places: Sequence[Desk], learned: Learned, now_ms: int) -> list[float]:
    columns = _columns(len(places))
    return [
        now_ms + learned.pace_of(desk.busy).left(now_ms - desk.since, columns(-1 - n, draw)) if desk.busy else desk.free
        for n, desk in enumerate(places)
    ]


def _columns(places: int) -> Callable[[int, int], float]:
    """Draw `draw` for the `n`-th of something: over all draws every share once, in an order of its own."""

    def share(n: int, draw: int) -> float:
        return _SHARES[(draw * (1 + (n * 11 + 5) % (DRAWS - 1)) + n * 17) % DRAWS]

    return share


def _able(order: Sequence[Comer], places: Sequence[Desk]) -> list[tuple[int, ...]]:
    """The windows, by place in `places`, that may serve each of `order`."""
    known: dict[tuple[str, str], tuple[int, ...]] = {}
    for comer in order:
        kind = comer.ticket.service, comer.ticket.to
        if kind not in known:
            known[kind] = tuple(n for n, d in enumerate(places) if kind[0] in d.services and kind[1] in ("", d.id))
    return [known[comer.ticket.service, comer.ticket.to] for comer in order]


def _lengths(order: Sequence[Comer], places: Sequence[Desk], learned: Learned) -> list[Sequence[float]]:
    """A length for every share; several items on one ticket take their sum where one window serves them all."""
    return [_table(tuple(learned.pace_of(service) for service in comer.ticket.left[:3])) for comer in order]


@lru_cache(maxsize=256)
def _table(paces: tuple[Pace, ...]) -> tuple[float, ...]:
    first = paces[0]
    longer = sum(pace.mean for pace in paces) / first.mean
    drawn = [first.at(share) for share in _SHARES]
    fit = first.mean * DRAWS / sum(drawn)  # so few draws miss the far tail; their mean must be right
    return tuple(length * longer * fit for length in drawn)


def _range(waits: list[int], errors: Usual) -> Range:
    waits.sort()
    mean = sum(waits) / len(waits)
    p90 = waits[min(len(waits) - 1, int(0.9 * len(waits)))]
    if waits[-1] == 0:
        return Range(0, 0, 0, 0, 0)
    spread = max(p90 - mean, LEAST_SPREAD_MS)
    p50 = max(0, round(mean + errors.p50 * spread))
    return Range(
        p50_ms=p50,
        p90_ms=max(p50, round(mean + errors.p90 * spread)),
        expected_ms=max(0, round(mean + errors.mean * spread)),
        mean_ms=round(mean),
        spread_ms=round(spread),
    )
