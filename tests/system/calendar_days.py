"""Stations on other days: `halld` under a moved clock, so that working days pass between two steps of a test."""

import asyncio
import platform
from pathlib import Path
from typing import Final

from hw_sim.demo.station import Station
from tests.system.evidence import seen

_LIBRARY: Final = Path(f"/usr/lib/{platform.machine()}-linux-gnu/faketime/libfaketime.so.1")


def _clock(at: str) -> dict[str, str]:
    """`at` YYYY-MM-DD hh:mm of China, where the hall is; from there the clock runs on. Waiting is not moved."""
    if not _LIBRARY.exists():
        raise RuntimeError("the Debian package libfaketime is not installed (requirements/debian.txt)")
    return {
        "LD_PRELOAD": str(_LIBRARY),
        "FAKETIME": f"@{at}:00",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_NO_CACHE": "1",
        "TZ": "Asia/Shanghai",
    }


def begins_on(hall: Station, at: str) -> None:
    """Before its programs start: before the caller's first await."""
    hall.programs["halld"].env = _clock(at)


async def moves_to(hall: Station, at: str, seconds: float = 90.0) -> None:
    """As over a night: the daemon ends, and starts again at `at`. Whoever was signed in signs in anew."""
    daemon = hall.programs["halld"]
    daemon.hold(True)
    await seen(lambda: daemon.pid is None, 30, "the end of the daemon")
    daemon.env = _clock(at)
    daemon.hold(False)
    await asyncio.sleep(0)
    await hall.ready(seconds)
