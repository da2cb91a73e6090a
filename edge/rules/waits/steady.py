"""How a forecast is shown: in steps a person cares about, and never jumping up while one looks."""

from dataclasses import replace
from typing import Final

from edge.rules.waits.forecast import Range
from edge.rules.waits.learned import MINUTE

LEAP_MS: Final = 5 * MINUTE
STEP: Final = 5  # minutes, from 10 on


def steadied(before: Range | None, now: Range, *, reason: bool) -> Range:
    """At most five minutes more than at the last look, unless there is a `reason`: windows closed, people were
    let in. What is shown of it stays a range.
    """
    if before is None or reason or now.p90_ms <= before.p90_ms + LEAP_MS:
        return now
    most = before.p90_ms + LEAP_MS
    return replace(now, p50_ms=min(now.p50_ms, before.p50_ms + LEAP_MS, most), p90_ms=most)


def minutes(p50_ms: int, p90_ms: int) -> tuple[int, int]:
    """`10, 20` for "about 10 to 20 minutes": down and up to the minute, from ten on to five; 0, 0 = no wait."""
    low, high = p50_ms // MINUTE, -(-p90_ms // MINUTE)
    if high > 2 * STEP:
        high = -(-high // STEP) * STEP
    if low >= 2 * STEP:
        low = low // STEP * STEP
    return low, high
