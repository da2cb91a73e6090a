"""The simulated centre: the real worker, centre and store over a disk that may be imaged and put back."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sync.centre.centre import Centre
from sync.centre.sql import SqliteDatabase
from sync.centre.store import Store, open_store
from sync.centre.verdict import Verdict
from sync.centre.worker import Worker
from sync.wire import Letter, WireLost
from tests.support.virtual_time import VirtualClock
from tests.sync.simulation.disk import Disk, before_statement

if TYPE_CHECKING:
    from tests.sync.simulation.run import Run

DATABASE = "centre.db"
ROOM = 10**12
POISON = "ticket.issued"
ALL_BUT_POISON = {"ticket.called": 2, "page.captured": 9}


class SimCentre:
    def __init__(self, run: "Run", disk: Disk, *, poison: bool) -> None:
        self.disk, self.poison = disk, poison
        self.clock = VirtualClock()
        self.free = ROOM
        self.running = False
        self._run = run
        self._life = 0
        self._store: Store | None = None
        self._image: Any = None
        self._copy: Any = None
        self._serving: asyncio.Task[None] | None = None

    @property
    def db(self) -> Any:
        return self.disk.path / DATABASE

    def start(self) -> None:
        self._life += 1
        self.running = True
        self._run.oracle.close()
        life, run = self._life, self._run
        verdict = Verdict(ALL_BUT_POISON if self.poison else None)

        def open_it() -> Store:
            self._store = open_store(self.db, run.random.randbytes(8).hex())
            run.oracle.centre_started(self.db)
            return self._store

        def build(store: Store) -> Centre:
            centre = Centre(store, clock=self.clock, region="luohu", free=lambda: self.free, verdict=verdict)
            handle = centre.handle_all
            centre.handle_all = lambda letters: run.oracle.watch(letters, handle) if self.alive(life) else []  # type: ignore[method-assign]
            return centre

        async def dial(*, subscriptions: Sequence[tuple[str, int]], will: Letter | None) -> "CentreWire":
            return CentreWire(self, life, await run.broker.dial("centre", subscriptions, will))

        worker = Worker(open_it, build, dial, random=run.random)
        self._serving = asyncio.create_task(self._serve(worker, life))

    async def _serve(self, worker: Worker, life: int) -> None:
        try:
            await worker.run()
        except Exception as error:  # noqa: BLE001  whatever ends it is a finding
            if self.alive(life):
                self._run.oracle.broken(f"the centre ended: {error!r}")

    def alive(self, life: int) -> bool:
        return self.running and self._life == life

    def die(self) -> None:
        if not self.running:
            return
        self._image = self.disk.image()
        self.running = False
        self._run.trace("kill", "centre")
        wire = self._run.broker.wire_of("centre")
        if wire is not None:
            wire.end()

    def die_before_statement(self, count: int) -> None:
        if self.running and self._store is not None:
            assert isinstance(self._store.db, SqliteDatabase)
            before_statement(self._store.db.connection, count, self.die)

    async def bury(self) -> None:
        await self._end()
        if self._image is not None:
            self.disk.put(self._image)
            self._image = None

    async def _end(self) -> None:
        if self._serving is not None:
            self._serving.cancel()
            await asyncio.gather(self._serving, return_exceptions=True)
            self._serving = self._store = None

    async def stop(self) -> None:
        self.running = False
        await self._end()

    def back_up(self) -> None:
        if self.running and self._store is not None:
            self._copy = self.disk.empty()
            self._store.back_up(self._copy / DATABASE)

    async def restore(self) -> bool:
        """The last copy takes the place of database and files. False: there is none."""
        if self._copy is None:
            return False
        await self.stop()
        self.disk.put(self._copy)
        self._run.trace("restore", "centre")
        self._run.oracle.restored()
        self.start()
        return True


class CentreWire:
    def __init__(self, centre: SimCentre, life: int, wire: Any) -> None:
        self._centre, self._life, self._wire = centre, life, wire

    def send(self, letter: Letter, taken: Any = None) -> None:
        if not self._centre.alive(self._life):
            raise WireLost("closed")
        self._wire.send(letter, taken)

    async def receive(self) -> Letter:
        letter: Letter = await self._wire.receive()
        return letter

    def waiting(self) -> list[Letter]:
        found: list[Letter] = self._wire.waiting()
        return found

    async def close(self, last: Letter | None = None) -> None:
        await self._wire.close()
