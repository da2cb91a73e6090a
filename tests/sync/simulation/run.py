"""One seeded schedule: a day of faults, then peace, then the judgement. The same seed is the same run to the byte."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from tests.edge.journal.material import SITE
from tests.support.virtual_time import SeededLoop, now, run_virtual
from tests.sync.simulation.broker import SimBroker, Weather
from tests.sync.simulation.centre import ROOM, SimCentre
from tests.sync.simulation.disk import Disk, ram
from tests.sync.simulation.oracle import Oracle, files_not_there
from tests.sync.simulation.station import SimStation
from tests.sync.simulation.writer import inline_writers

PEACE_S = 1_200.0
"""Virtual seconds after the last fault in which everything must be level: an idle HELLO comes after 300 s, a second
machine's forks are answered after at most 300 s, and the tail of a backlog needs far less."""


@dataclass
class Outcome:
    seed: int
    faults: list[str]
    trace: str
    drained_s: float
    records: int
    fired: dict[str, int]
    log: list[str] = field(default_factory=list)


class Run:
    def __init__(self, seed: int, root: Path, random: Random, favoured: tuple[str, ...] = ()) -> None:
        self.seed, self.random, self._favoured = seed, random, favoured
        self._digest = hashlib.sha256()
        self.log: list[str] = []
        self.fired: dict[str, int] = {}
        self.oracle = Oracle(self)
        self.broker = SimBroker(random, self.trace)
        self._root = root
        self.centre = SimCentre(self, Disk(root, "centre"), poison=random.random() < 0.5)
        self.stations = [SimStation(self, "one", Disk(root, "one"))]
        self._later: set[asyncio.Task[None]] = set()
        self.drained_s = 0.0

    def trace(self, *what: Any) -> None:
        line = f"{now():.3f} {' '.join(map(str, what))}"
        self._digest.update(line.encode() + b"\n")
        self.log.append(line)

    # the whole story -------------------------------------------------------------------------------------------------

    async def tell(self) -> Outcome:
        self.centre.start()
        await self.stations[0].start()
        await self._trouble()
        await self._peace()
        await self.centre.stop()
        self.oracle.close()
        self.oracle.judge()
        for station in self.stations:
            self.trace("end", station.name, station.journal.epoch, station.journal.next_seq)
        return Outcome(
            self.seed, self.oracle.faults, self._digest.hexdigest(), self.drained_s,
            len(self.oracle.owed), self.fired, self.log,
        )  # fmt: skip

    async def _trouble(self) -> None:
        random = self.random
        menu = list(ACTS)
        weights = [random.choice([0, 1, 1, 3]) for _ in menu]  # each run has its own favourite troubles
        for act in self._favoured:
            weights[menu.index(act)] = 12
        for _ in range(random.randrange(6, 24)):
            await asyncio.sleep(random.expovariate(1 / random.choice([0.3, 3.0, 20.0])))
            for station in self.stations:
                if station.running and random.random() < 0.7:
                    station.begin(station.note, random.randrange(1, 8))
            act = random.choices(menu, weights if any(weights) else None)[0]
            self.fired[act] = self.fired.get(act, 0) + 1
            self.trace("act", act)
            await ACTS[act](self)
            if self.oracle.faults:
                return

    async def _peace(self) -> None:
        """Faults off. Of two machines with one identity each is alone for a while, the first one last."""
        self.trace("peace")
        self.broker.weather, self.broker.up, self.centre.free = Weather(), True, ROOM
        self.broker.cut_off.clear()
        await asyncio.gather(*self._later)
        for station in self.stations:
            if len(self.stations) > 1:
                await station.stop()
        for station in reversed(self.stations):
            if len(self.stations) > 1:
                await station.start()
            await self._drain(station)
            await station.stop()

    async def _drain(self, station: SimStation) -> None:
        begun = now()
        while not (station.level() and self._all_there(station)) and not self.oracle.faults:
            if now() - begun > PEACE_S:
                found = (station.uplink.state, station.journal.epochs.gap)
                self.oracle.broken(f"{station.name} not drained after {PEACE_S:.0f} s: {found}")
            await asyncio.sleep(1.0)
        self.drained_s = max(self.drained_s, now() - begun)

    def _all_there(self, station: SimStation) -> bool:
        """Asked only when the station says so; the centre may have been put back a moment before."""
        journal = station.journal
        reading = self.oracle._reading
        row = (
            reading
            and reading.execute(
                "SELECT upto FROM epochs WHERE site = ? AND epoch = ?", (SITE, journal.epoch)
            ).fetchone()
        )
        return bool(row) and row[0] == journal.next_seq - 1 and not files_not_there(station.disk.path, self.centre.db)

    def later(self, seconds: float, act: Callable[[], Awaitable[None]]) -> None:
        async def wait() -> None:
            await asyncio.sleep(seconds)
            await act()

        task = asyncio.create_task(wait())
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    # troubles --------------------------------------------------------------------------------------------------------

    def _a_station(self) -> SimStation:
        return self.random.choice(self.stations)

    async def weather(self) -> None:
        random = self.random
        self.broker.weather = Weather(
            lose=random.choice([0.0, 0.02, 0.2]),
            double=random.choice([0.0, 0.1, 0.5]),
            cut=random.choice([0.0, 0.0, 0.02]),
            late_s=random.choice([0.02, 0.3, 2.0]),
            loose=random.random() < 0.2,
        )

    async def cut(self) -> None:
        wire = self.broker.wire_of(self.random.choice([SITE, SITE, "centre"]))
        if wire is not None:
            wire.end()

    async def half_open(self) -> None:
        who = self.random.choice([SITE, SITE, "centre"])
        self.broker.go_half_open(who, self.random.choice(["up", "down", "both"]))

    async def no_line(self) -> None:
        who = self.random.choice([SITE, "centre"])
        self.broker.cut_off.add(who)
        wire = self.broker.wire_of(who)
        if wire is not None:
            wire.end()

        async def back() -> None:
            self.broker.cut_off.discard(who)

        self.later(self.random.uniform(1, 400), back)

    async def broker_dies(self) -> None:
        self.broker.fall(wiped=self.random.random() < 0.5)

        async def back() -> None:
            self.broker.up = True

        self.later(self.random.uniform(0.2, 20), back)

    async def kill_station(self) -> None:
        station = self._a_station()
        if station.running:
            self._strike(station)
            await self._dead(station)
            await station.bury()
            await asyncio.sleep(self.random.uniform(0.1, 10))
            await station.start()

    async def kill_centre(self) -> None:
        self._strike(self.centre)
        await self._dead(self.centre)
        await self.centre.bury()
        await asyncio.sleep(self.random.uniform(0.1, 10))
        self.centre.start()

    def _strike(self, node: Any) -> None:
        """At once, a few turns of the loop later, or in front of one of its next statements on the database."""
        how = self.random.randrange(3)
        if how == 0:
            node.die()
        elif how == 1:
            asyncio.get_running_loop().after_steps(self.random.randrange(1, 400), node.die)  # type: ignore[attr-defined]
        else:
            node.die_before_statement(self.random.randrange(1, 60))

    async def _dead(self, node: Any) -> None:
        end = now() + 15
        while node.running and now() < end:
            await asyncio.sleep(0.05)
        node.die()

    async def image(self) -> None:
        station = self._a_station()
        if station.running:
            station.keep_image()

    async def back_up_station(self) -> None:
        station = self._a_station()
        if station.running:
            station.back_up()

    async def station_from_image(self) -> None:
        station = self._a_station()
        if station.running:
            await station.restore(knowing=self.random.random() < 0.5)

    async def back_up_centre(self) -> None:
        self.centre.back_up()

    async def centre_from_copy(self) -> None:
        await self.centre.restore()

    async def twin(self) -> None:
        """A clone of the machine is switched on somewhere else; or the one that runs is switched off."""
        if len(self.stations) == 1:
            disk = Disk(self._root, "two")
            disk.put(self.stations[0].disk.image())
            self.stations.append(SimStation(self, "two", disk))
            await self.stations[1].start()

    async def no_credit(self) -> None:
        self.centre.free = 0

        async def back() -> None:
            self.centre.free = ROOM

        self.later(self.random.uniform(1, 120), back)

    async def clock(self) -> None:
        year = 365 * 86_400_000
        jump = self.random.choice([-10 * year, 10 * year, -3_600_000, 3_600_000])
        self.random.choice([*self.stations, self.centre]).clock.wall_offset_ms += jump

    async def scan(self) -> None:
        station = self._a_station()
        if station.running:
            station.begin(station.scan, self.random.choice([0, 10, 70_000, 200_000]))

    async def erase(self) -> None:
        station = self._a_station()
        if station.running:
            station.begin(station.erase)

    async def burst(self) -> None:
        station = self._a_station()
        if station.running:
            station.begin(station.note, self.random.randrange(20, 80))


ACTS: dict[str, Callable[[Run], Awaitable[None]]] = {
    act.__name__: act
    for act in (
        Run.weather, Run.cut, Run.half_open, Run.no_line, Run.broker_dies, Run.kill_station, Run.kill_centre,
        Run.image, Run.back_up_station, Run.station_from_image, Run.back_up_centre, Run.centre_from_copy, Run.twin,
        Run.no_credit, Run.clock, Run.scan, Run.erase, Run.burst,
    )
}  # fmt: skip


def play(seed: int, favoured: tuple[str, ...] = ()) -> Outcome:
    """`favoured`: troubles that come often, for a mutant that hides from the others."""
    random = Random(seed)
    with ram() as root, inline_writers(random):
        run: list[Run] = []

        async def story() -> Outcome:
            run.append(Run(seed, root, random, favoured))
            return await run[0].tell()

        return run_virtual(story(), lambda: SeededLoop(random))
