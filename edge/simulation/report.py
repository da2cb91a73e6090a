"""The figures of a run, in minutes."""

import math
from collections.abc import Iterable, Sequence
from typing import Any, Final

from edge.rules.queue_records import Klass
from edge.rules.queue_setup import QueueSetup
from edge.simulation.guests import Findings, Guest
from edge.simulation.scenario import MINUTE

CLASSES: Final[tuple[Klass, ...]] = ("walk_in", "green", "appointment")
_DIGITS: Final = 2


def summary(days: Sequence[Findings], queue: QueueSetup) -> dict[str, Any]:
    """As `hallctl simulate --json` prints it. Waits: from coming to the first call, of those who stayed for it.

    `punctuality_p90`: of |call - slot|, of those who checked in by slot and grace. A figure of nobody is None.
    """
    guests = [guest for day in days for guest in day.guests]
    classes: dict[str, dict[str, float | None]] = {klass: _waits_of(guests, klass) for klass in CLASSES}
    classes["appointment"]["punctuality_p90"] = _minutes(quantile(punctuality(guests, queue), 0.9))
    overtaken = [guest.overtaken for guest in guests if guest.klass == "walk_in"]
    return {
        "policy": queue.policy,
        "classes": classes,
        "overtakes": {
            "p95": quantile(overtaken, 0.95),
            "max": max(overtaken, default=None),
            "beyond_bound": sum(day.beyond for day in days),
        },
        "idle_while_waiting": sum(day.idle for day in days),
        "wait_estimates": estimates(guests),
    }


def people(days: Sequence[Findings]) -> dict[str, int]:
    """How many came and what became of them."""
    fates = [guest.fate for day in days for guest in day.guests]
    counts = {fate: fates.count(fate) for fate in ("served", "cancelled", "missed", "expired")}
    return {"came": len(fates), **counts, "no_shows": sum(day.no_shows for day in days)}


def waits(guests: Iterable[Guest], klass: Klass) -> list[int]:
    """Ms, in order. Whoever came back after a call in vain is left out: that wait is mostly an absence."""
    called = (guest for guest in guests if guest.klass == klass and not guest.revived)
    return sorted(guest.called - guest.came for guest in called if guest.called is not None)


def punctuality(guests: Iterable[Guest], queue: QueueSetup) -> list[int]:
    """Ms between call and slot, in order."""
    return sorted(
        abs(guest.called - guest.slot)
        for guest in guests
        if guest.slot is not None and guest.called is not None and guest.came <= guest.slot + queue.grace
    )


def estimates(guests: Iterable[Guest]) -> dict[str, float | None]:
    """What was said against what came, of everybody who was called. `bias` above 0: more was said than it was."""
    heard = [
        (one.estimates, one.called - one.estimates.at)
        for one in guests
        if one.estimates is not None and one.called is not None and not one.revived
    ]
    told = [(said.said, wait) for said, wait in heard if said.said is not None]
    errors = [said.expected - wait for said, wait in told]
    covered = sum(1 for said, wait in told if wait <= said.p90)
    return {
        "rmse": _root_mean_square(errors),
        "rmse_les": _root_mean_square([said.last_served - wait for said, wait in heard]),
        "rmse_queue_length": _root_mean_square([said.queue_length - wait for said, wait in heard]),
        "p90_coverage": round(covered / len(told), 4) if told else None,
        "bias": _minutes(sum(errors) / len(errors)) if errors else None,
    }


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """The least value that at least `share` of them do not exceed."""
    values = sorted(ordered)
    return values[max(0, math.ceil(share * len(values)) - 1)] if values else None


def _waits_of(guests: Iterable[Guest], klass: Klass) -> dict[str, float | None]:
    found = waits(guests, klass)
    return {
        "mean": _minutes(sum(found) / len(found)) if found else None,
        "p50": _minutes(quantile(found, 0.5)),
        "p95": _minutes(quantile(found, 0.95)),
        "max": _minutes(max(found, default=None)),
    }


def _root_mean_square(errors: Sequence[float]) -> float | None:
    return _minutes(math.sqrt(sum(error * error for error in errors) / len(errors))) if errors else None


def _minutes(ms: float | None) -> float | None:
    return None if ms is None else round(ms / MINUTE, _DIGITS)
