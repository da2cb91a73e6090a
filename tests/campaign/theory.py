"""Kleinrock's check at length: the hall's own rules against the formula, within the sampling error of the runs."""

from math import sqrt
from typing import Any

from edge.rules.queue_setup import QueueSetup
from edge.simulation.kleinrock import QUEUE, simulate, stream, theory

MINUTES = 60_000
ERRORS = 3.0  # standard errors


def check(runs: int, seed: int) -> dict[str, Any]:
    """`runs` of 60,000 minutes each (at least 4), for priority accumulating 2 : 1 and for first come, first served."""
    verdict: dict[str, Any] = {"runs": runs, "broken": []}
    for name, queue, ratio in (("apq", QUEUE, 2.0), ("fifo", QueueSetup(policy="fifo"), 1.0)):
        found = [simulate(stream(MINUTES, seed * 1000 + run), queue) for run in range(runs)]
        expected = theory(ratio=ratio)
        verdict[name] = {
            "high": _compared([one.high for one in found], expected.high),
            "low": _compared([one.low for one in found], expected.low),
            "conserved": _compared([one.conserved for one in found], expected.conserved),
        }
        verdict["broken"] += [f"{name} {what}" for what, one in verdict[name].items() if not one["holds"]]
    return verdict


def _compared(found: list[float], expected: float) -> dict[str, Any]:
    mean = sum(found) / len(found)
    error = sqrt(sum((one - mean) ** 2 for one in found) / (len(found) - 1) / len(found))
    return {
        "theory": round(expected, 2),
        "mean": round(mean, 2),
        "standard_error": round(error, 2),
        "holds": abs(mean - expected) <= ERRORS * error,
    }
