"""What a station box costs while nobody is there: processor and memory of its four programs over half a minute.

A two-window station with both screens (drawn offscreen at 1080x1920 and 1920x1080) and its simulated devices, broker
and centre; these last three stand elsewhere in life and are not counted.
"""

import asyncio
import time
from dataclasses import dataclass
from typing import Final

import psutil

from bench.desk import Desk
from bench.rows import Row, alone, lower_is_better
from bench.stations import ready_station

BUDGET: Final = "budget 1.5 GB"
BUDGET_MB: Final = 1536.0
SECONDS: Final = 30.0
SETTLE: Final = 10.0
PROGRAMS: Final = {"halld": "halld", "devices": "hall-devices", "kiosk": "hall-kiosk", "board": "hall-board"}
_MEGA: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Cost:
    """`cpu` percent of one core; `pss`, `rss` in MB. PSS shares out what several processes have in common."""

    cpu: float
    pss: float
    rss: float


async def measure(desk: Desk, seconds: float = SECONDS, settle: float = SETTLE) -> list[Row]:
    async with ready_station(desk.drawer("station"), with_screens=True) as made:
        await asyncio.sleep(settle)
        desk.tell(f"looking for {seconds:g} s")
        pids = {name: pid for name in PROGRAMS if (pid := made.programs[name].pid) is not None}
        return rows({PROGRAMS[name]: cost for name, cost in (await _watched(pids, seconds)).items()})


async def _watched(pids: dict[str, int], seconds: float) -> dict[str, Cost]:
    """Each with its children."""
    families = {name: _family(pid) for name, pid in pids.items()}
    before = {name: _cpu(family) for name, family in families.items()}
    began = time.monotonic()
    await asyncio.sleep(seconds)
    passed = time.monotonic() - began
    found = {}
    for name, family in families.items():
        memory = [process.memory_full_info() for process in family]
        found[name] = Cost(
            cpu=(_cpu(family) - before[name]) / passed * 100,
            pss=sum(one.pss for one in memory) / _MEGA,
            rss=sum(one.rss for one in memory) / _MEGA,
        )
    return found


def _family(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def _cpu(family: list[psutil.Process]) -> float:
    spent = [process.cpu_times() for process in family]
    return float(sum(one.user + one.system for one in spent))


def rows(costs: dict[str, Cost]) -> list[Row]:
    found = []
    for name, cost in costs.items():
        found += [
            alone(f"idle: {name}, processor", cost.cpu, "% of a core"),
            alone(f"idle: {name}, memory (PSS)", cost.pss, "MB"),
            alone(f"idle: {name}, memory (RSS)", cost.rss, "MB"),
        ]
    total = sum(cost.pss for cost in costs.values())
    return [
        *found,
        alone("idle: the box, processor", sum(cost.cpu for cost in costs.values()), "% of a core"),
        lower_is_better("idle: the box, memory (PSS)", total, "MB", BUDGET, BUDGET_MB),
    ]
