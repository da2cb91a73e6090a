"""From a start to a hall that serves: the whole simulated station, and `halld` alone on journals of several lengths.

Station: from the start of its simulators and programs to the daemon ready, every device ready and both screens drawn
(asked every 100 ms). Alone: from exec to READY=1. `folding everything` is a journal whose snapshots are gone.
"""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from bench.daemon import Start, start_once
from bench.desk import Desk
from bench.history import forget_snapshots, write_history
from bench.journals import ZONE
from bench.rows import Row, alone
from bench.samples import p50
from bench.stations import ready_station

STATIONS: Final = 3
STARTS: Final = 5
RECORDS: Final = 20_000


async def measure(desk: Desk, stations: int = STATIONS, starts: int = STARTS, records: int = RECORDS) -> list[Row]:
    rows = await _stations(desk, stations) if stations else []
    return rows + await _daemon(desk, starts, records)


async def _stations(desk: Desk, count: int) -> list[Row]:
    first: list[float] = []
    second: list[float] = []
    for number in range(count):
        folder = desk.drawer(f"station-{number}")
        for spent, name in ((first, "empty folder"), (second, "second start")):
            desk.tell(f"station {number + 1} of {count}, {name}")
            spent.append(await _station_once(folder))
    return [
        alone(f"start: whole station, empty folder, p50 of {count}", p50(first), "s"),
        alone(f"start: whole station, second start, p50 of {count}", p50(second), "s"),
    ]


async def _station_once(folder: Path) -> float:
    began = time.perf_counter()
    async with ready_station(folder, with_screens=True):
        return time.perf_counter() - began


async def _daemon(desk: Desk, starts: int, records: int) -> list[Row]:
    """The kinds of start take turns; the first turn only warms up."""
    old = desk.drawer("old")
    desk.tell(f"writing a journal of {records} records")
    await write_history(old / "data", records, datetime.now(ZONE).date())
    kinds: dict[str, Callable[[int], Path]] = {
        "first start, no journal yet": lambda n: desk.drawer(f"new-{n}"),
        f"{records} records, from the snapshot": lambda _: old,
        f"{records} records, folding everything": lambda _: _folded(old),
    }
    spent: dict[str, list[Start]] = {kind: [] for kind in kinds}
    for number in range(1 + starts):
        desk.tell(f"halld alone, turn {number} of {starts}" if number else "halld alone, warm-up")
        for kind, folder in kinds.items():
            made = await start_once(folder(number))
            if number:
                spent[kind].append(made)
    return [
        alone(f"start: halld alone, {kind}, {what}, p50 of {starts}", value, "s")
        for kind, made in spent.items()
        for what, value in (
            ("exec to ready", p50([one.seconds for one in made])),
            ("processor time of it", p50([one.processor for one in made])),
        )
    ]


def _folded(folder: Path) -> Path:
    forget_snapshots(folder / "data")
    return folder
