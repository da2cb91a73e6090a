"""Fleets of stations on one broker and one centre: 100, 1,000 and 10,000, each with the whole protocol.

Every station is the product's uplink over a connection of its own (birth, HELLO, batches, presence, retries); all of
them share one process, whose journals are in memory. Broker: mosquitto, without persistence. Centre: `hall-centre` on
SQLite. Measured: from the first connection until everybody was greeted and has a few records committed and
acknowledged; what it costs when nobody writes; then the broker is ended and started again while each station writes
one record: from its first listening until everything is acknowledged.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from bench.broker import mosquitto
from bench.desk import Desk
from bench.fleet import make_room
from bench.programs import Peer, peer
from bench.rows import Row, alone
from bench.topics.centre import serving_centre

FLEETS: Final = (100, 1_000, 10_000)
RECORDS: Final = 4
IDLE_S: Final = 20.0
_SECONDS: Final = 600.0
_MEGA: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Usage:
    """Processor seconds and resident MB of one program."""

    seconds: float
    megabytes: float

    @classmethod
    def of(cls, pid: int) -> "Usage":
        process = psutil.Process(pid)
        return cls(sum(process.cpu_times()[:2]), process.memory_info().rss / _MEGA)


Usages = dict[str, Usage]


@dataclass(frozen=True, slots=True)
class Told:
    """`before`: programs without any station; then at the ends of the three stretches, and how long each was."""

    before: Usages
    drained: Usages
    idle: Usages
    back: Usages
    drain_s: float
    idle_s: float
    back_s: float


async def measure(desk: Desk, fleets: Sequence[int] = FLEETS, idle_s: float = IDLE_S) -> list[Row]:
    found = []
    for count in fleets:
        desk.tell(f"{count} stations")
        found += rows(count, await _fleet(desk.drawer(f"{count}"), count, idle_s))
    return found


def rows(count: int, told: Told) -> list[Row]:
    name = f"fleet {count}"
    found = [
        alone(f"{name}: connected, greeted, {RECORDS} records each drained", told.drain_s, "s"),
        alone(f"{name}: records drained, connecting included", count * RECORDS / told.drain_s, "1/s"),
        alone(f"{name}: all drained after a restart of the broker", told.back_s, "s"),
    ]
    stretches = (
        ("connecting and draining", told.before, told.drained, told.drain_s),
        ("idle", told.drained, told.idle, told.idle_s),
        ("after the restart", told.idle, told.back, told.back_s),
    )
    for who in told.before:
        for what, early, late, seconds in stretches:
            share = (late[who].seconds - early[who].seconds) / seconds * 100
            if who != "broker" or what != "after the restart":  # another process by then
                found.append(alone(f"{name}: {who}, processor, {what}", share, "% of a core"))
        found.append(alone(f"{name}: {who}, memory (RSS)", told.idle[who].megabytes, "MB"))
        grown = (told.idle[who].megabytes - told.before[who].megabytes) / count * 1024
        found.append(alone(f"{name}: {who}, memory a station", grown, "KB"))
    return found


async def _fleet(folder: Path, count: int, idle_s: float) -> Told:
    make_room(count)  # the broker inherits it
    async with AsyncExitStack() as stack:
        broker = await stack.enter_async_context(_Broker.running(folder))
        centre = await stack.enter_async_context(serving_centre(folder, broker.port, str(folder / "c.db"), 0))
        stations = await stack.enter_async_context(
            peer("fleet", str(count), str(broker.port), str(RECORDS), package="bench")
        )
        await stations.says("ready", _SECONDS)

        def usages() -> Usages:
            pids = {"stations": stations.process.pid, "broker": broker.pid, "centre": centre}
            return {who: Usage.of(pid) for who, pid in pids.items()}

        before, began = usages(), time.perf_counter()
        await _drained(stations, count, "go")
        drain_s, drained, began = time.perf_counter() - began, usages(), time.perf_counter()
        await asyncio.sleep(idle_s)
        idle_s, idle = time.perf_counter() - began, usages()
        await broker.stop()
        stations.tell("more")
        await broker.start()
        began = time.perf_counter()
        await _all_level(stations, count)
        return Told(before, drained, idle, usages(), drain_s, idle_s, time.perf_counter() - began)


async def _drained(stations: Peer, count: int, word: str) -> None:
    stations.tell(word)
    await _all_level(stations, count)


async def _all_level(stations: Peer, count: int) -> None:
    """Raises RuntimeError when that takes too long."""
    try:
        await stations.says("drained", _SECONDS)
    except TimeoutError:
        raise RuntimeError(f"{count} stations: not everything was acknowledged within {_SECONDS:g} s") from None


class _Broker:
    """mosquitto that can be ended and started again on its port."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = AsyncExitStack()
        self.port = 0

    @classmethod
    @asynccontextmanager
    async def running(cls, folder: Path) -> AsyncIterator["_Broker"]:
        made = cls(folder)
        try:
            await made.start()
            yield made
        finally:
            await made.stop()

    async def start(self) -> None:
        self.port = await self._stack.enter_async_context(mosquitto(self._folder, self.port))

    async def stop(self) -> None:
        await self._stack.aclose()
        self._stack = AsyncExitStack()

    @property
    def pid(self) -> int:
        """Raises IndexError when it does not run."""
        found = [one.pid for one in psutil.Process().children() if one.name() == "mosquitto"]
        return int(found[0])
