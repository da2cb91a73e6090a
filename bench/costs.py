"""What programs cost while something happens: each process and each worker it started."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import psutil

EVERY: Final = 5.0
_MEGA: Final = 1 << 20


@dataclass(slots=True)
class Cost:
    """`cpu` percent of one core over the whole time; `pss`, `rss` in MB, the most at any look, of `processes`."""

    cpu: float = 0.0
    pss: float = 0.0
    rss: float = 0.0
    processes: int = 0


@dataclass(slots=True)
class Costs:
    """By the name of the program; workers are counted together as `<program>, workers`."""

    by_name: dict[str, Cost] = field(default_factory=dict)


@asynccontextmanager
async def watched(pids: Mapping[str, int]) -> AsyncIterator[Costs]:
    """Costs of the block; they are complete at its end."""
    found = Costs()
    groups = {name: [psutil.Process(pid)] for name, pid in pids.items()}
    for name, (program, *_) in list(groups.items()):
        if workers := program.children(recursive=True):
            groups[f"{name}, workers"] = workers
    before, began = {name: _seconds(group) for name, group in groups.items()}, time.monotonic()
    found.by_name = {name: Cost(processes=len(group)) for name, group in groups.items()}
    looking = asyncio.create_task(_look(groups, found))
    try:
        yield found
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
    passed = time.monotonic() - began
    for name, group in groups.items():
        found.by_name[name].cpu = (_seconds(group) - before[name]) / passed * 100


async def _look(groups: Mapping[str, list[psutil.Process]], found: Costs) -> None:
    while True:
        for name, group in groups.items():
            memory = [process.memory_full_info() for process in group if process.is_running()]
            cost = found.by_name[name]
            cost.pss = max(cost.pss, sum(one.pss for one in memory) / _MEGA)
            cost.rss = max(cost.rss, sum(one.rss for one in memory) / _MEGA)
        await asyncio.sleep(EVERY)


def _seconds(group: list[psutil.Process]) -> float:
    """Processor time; of a worker that has ended, nothing."""
    times = [process.cpu_times() for process in group if process.is_running()]
    return float(sum(one.user + one.system for one in times))
