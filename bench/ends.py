"""Processor time at the three ends of a line: the station's, which is this process, the broker's and the centre's."""

import time
from collections.abc import Sequence
from typing import Final

import psutil

ENDS: Final = ("station", "broker", "centre")


def of_ours(centre: int) -> list[float]:
    """Seconds until now, by ENDS."""
    return [time.process_time(), of_broker(), of(centre)]


def of_broker() -> float:
    """Mosquitto is our only child of that name."""
    return of(next(one.pid for one in psutil.Process().children() if one.name() == "mosquitto"))


def of(pid: int) -> float:
    """Of all its threads, to the nanosecond: /proc counts in ticks of 10 ms, which a broker hardly needs."""
    return time.clock_gettime(~pid << 3 | 2)  # the clock of another process: clock_getcpuclockid(3)


def since(before: Sequence[float], after: Sequence[float]) -> list[float]:
    return [late - early for early, late in zip(before, after, strict=True)]
