"""Many schedules: what fired, what broke, and the seeds to play again."""

import multiprocessing
import os
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import structlog

from tests.sync.simulation.run import PEACE_S, Outcome, play


def schedules(count: int, first: int, processes: int | None = None) -> dict[str, Any]:
    """Play the seeds `first` and following; `broken` names the seeds whose promises were not kept, with the reason."""
    begun = time.monotonic()
    with ProcessPoolExecutor(
        processes or os.cpu_count() or 1, mp_context=multiprocessing.get_context("spawn"), initializer=_quiet
    ) as pool:
        outcomes = list(pool.map(_one, range(first, first + count), chunksize=4))
    fired: Counter[str] = Counter()
    for one in outcomes:
        fired.update(one.fired)
    return {
        "schedules": count,
        "seeds": [first, first + count - 1],
        "seconds": round(time.monotonic() - begun, 1),
        "records": sum(one.records for one in outcomes),
        "troubles": dict(sorted(fired.items())),
        "longest_drain_s": round(max(one.drained_s for one in outcomes)),
        "allowed_drain_s": PEACE_S,
        "broken": {one.seed: one.faults for one in outcomes if one.faults},
    }


def _quiet() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))


def _one(seed: int) -> Outcome:
    try:
        found = play(seed)
    except Exception as error:  # noqa: BLE001  one bad run must not hide the others
        return Outcome(seed, [f"the run itself ended: {error!r}"], "", 0.0, 0, {})
    found.log.clear()
    return found
