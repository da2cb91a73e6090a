"""A journal as weeks of work leave it: days of visits, decided by the engine, snapshots where it takes them."""

import asyncio
import random
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import apsw

from bench.journals import ZONE, journal_in
from edge.clock import Ids, SystemClock
from edge.engine import Engine
from edge.rules.commands import CallNext, CloseDay, Command, ConfigureSite, FinishService, IssueTicket, OpenDay
from edge.rules.records import ServiceSetup, WindowSetup

VISITS_A_DAY: Final = 400
_WINDOWS: Final = ("w1", "w2")
_SERVICES: Final = ("general", "social")


async def write_history(folder: Path, records: int, last: date) -> None:
    """At least `records` records; the last day is `last`, still open, everybody served."""
    async with journal_in(folder) as journal:
        clock = SystemClock()
        engine = Engine(journal, clock=clock, ids=Ids(clock, random.Random(3).randbytes), zone=ZONE)
        await engine.restore()
        running = asyncio.create_task(engine.run())
        try:
            await _Hall(engine).days(records, last)
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running


class _Hall:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._commands = 0

    async def days(self, records: int, last: date) -> None:
        windows = tuple(WindowSetup(id=name, area="a", services=_SERVICES) for name in _WINDOWS)
        services = tuple(ServiceSetup(id=s, prefix=p, area="a") for s, p in zip(_SERVICES, "AB", strict=True))
        await self._do(ConfigureSite(hash="0" * 64, windows=windows, services=services))
        day = last - timedelta(days=365)
        await self._do(OpenDay(date=day.isoformat()))
        while self._engine.state.seq < records:
            await self._visits(VISITS_A_DAY)
            await self._do(CloseDay())
            day = min(day + timedelta(days=1), last)
            await self._do(OpenDay(date=day.isoformat()))
        if day < last:
            await self._do(CloseDay())
            await self._do(OpenDay(date=last.isoformat()))

    async def _visits(self, count: int) -> None:
        wishes = (IssueTicket(service=_SERVICES[n % 2], channel="kiosk", place="k1") for n in range(count))
        await asyncio.gather(*(self._do(wish) for wish in wishes))
        await asyncio.gather(*(self._serve(window, count // len(_WINDOWS)) for window in _WINDOWS))

    async def _serve(self, window: str, turns: int) -> None:
        for _ in range(turns):
            await self._do(CallNext(window=window))
            await self._do(FinishService(window=window))

    async def _do(self, command: Command) -> None:
        self._commands += 1
        await self._engine.execute(command, id=f"history:{self._commands}", actor="site")


def forget_snapshots(folder: Path) -> None:
    """The records stay; the next start has to fold them all."""
    db = apsw.Connection(str(folder / "journal.db"))
    db.execute("DELETE FROM snapshots")
    db.close()
