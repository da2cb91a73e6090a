"""One simulated station: the real journal with files and epochs, and the real uplink, over a disk to be imaged."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge.journal import Journal, KeyRing
from edge.journal.backup import back_up, restore
from edge.journal.errors import JournalError
from edge.rules.case_records import PageCaptured
from edge.rules.records import Draft
from sync.uplink import Uplink
from sync.wire import Letter, WireLost
from tests.edge.journal.material import SITE, ZONE, called, issued
from tests.support.virtual_time import VirtualClock
from tests.sync.simulation.disk import Disk, before_statement

if TYPE_CHECKING:
    from tests.sync.simulation.run import Run

CASE = "case:01JD0000000000000000000009"
PERSON = {"name": "张测试", "id_number": "119999199001010012"}


class SimStation:
    """Its broker account is `client`: two stations with one identity have the same."""

    def __init__(self, run: "Run", name: str, disk: Disk) -> None:
        self.name, self.disk = name, disk
        self.clock = VirtualClock()
        self.running = False
        self.written = 0
        self.files: dict[str, bytes] = {}
        self._run = run
        self._life = 0
        self._image: Path | None = None
        self._backed_up: Path | None = None
        self._talking: asyncio.Task[None] | None = None
        self._work: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        run = self._run
        self._life += 1
        self.boot = run.random.randbytes(8).hex()
        self.journal = await Journal.open(
            self.disk.path, site=SITE, boot=self.boot, clock=self.clock, zone=ZONE, random_bytes=run.random.randbytes,
            keys=KeyRing(bytes(32)), disk=lambda _: 0.5,
        )  # fmt: skip
        life = self._life
        self.uplink = Uplink(
            self.journal, "mqtt://127.0.0.1", clock=self.clock, random=run.random, boot=self.boot, version="1.4.0",
            cap=5.0, files=self.journal.files, epochs=self.journal.epochs, free=lambda: 1,
            dial=lambda subscriptions, will: self._dial(life, subscriptions, will),
        )  # fmt: skip
        self.running = True
        run.trace("start", self.name, self.journal.epoch, self.journal.next_seq)
        self._talking = asyncio.create_task(self._talk(self.uplink, life))

    async def _dial(self, life: int, subscriptions: Any, will: Letter | None) -> "Dying":
        return Dying(self, life, await self._run.broker.dial(SITE, subscriptions, will))

    async def _talk(self, uplink: Uplink, life: int) -> None:
        try:
            await uplink.run()
        except Exception as error:  # noqa: BLE001  whatever ends it is a finding
            if self.alive(life):
                self._run.oracle.broken(f"uplink of {self.name} ended: {error!r}")

    def alive(self, life: int) -> bool:
        return self.running and self._life == life

    # work ------------------------------------------------------------------------------------------------------------

    def begin(self, work: Callable[..., Coroutine[Any, Any, None]], *args: Any) -> None:
        """Work that a crash may cut anywhere."""
        task = asyncio.create_task(self._cut_short(work, *args))
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    async def _cut_short(self, work: Callable[..., Coroutine[Any, Any, None]], *args: Any) -> None:
        life = self._life
        try:
            await work(*args)
        except JournalError as error:
            if self.alive(life):
                self._run.oracle.broken(f"{self.name}: {error!r}")

    async def note(self, count: int) -> None:
        random, life = self._run.random, self._life
        drafts = []
        for _ in range(count):
            self.written += 1
            number = self.written + 1000 * self._life
            drafts.append(issued(number, PERSON) if random.random() < 0.3 else called(number))
        made = await self.journal.append(drafts)
        if self.alive(life):
            self._run.oracle.promised(made)

    async def scan(self, size: int) -> None:
        life, data = self._life, self._run.random.randbytes(size)
        stored = await self.journal.seal_file(CASE, data)
        body = PageCaptured(material="m1", page=1, width=9, height=9, blur=3, warnings=(), **stored._asdict())
        made = await self.journal.append([Draft(kind="page.captured", subject=CASE, actor="clerk:c01", body=body)])
        if self.alive(life):
            self._run.oracle.promised(made)

    async def erase(self) -> None:
        journal, life = self.journal, self._life
        after = self._run.random.randrange(max(journal.next_seq - 1, 1))
        found = [h for one in await journal.read(after, 20) for h in one.parts if one.record.kind == "ticket.issued"]
        if found:
            made = await journal.erase(found[:1], "law", actor="clerk:c01")
            if self.alive(life):
                self._run.oracle.promised([made])

    # faults ----------------------------------------------------------------------------------------------------------

    def die(self) -> None:
        """As kill -9: the disk is as it is at this very moment, and nothing more is sent."""
        if not self.running:
            return
        self._image = self.disk.image()
        self.running = False
        self._run.trace("kill", self.name)
        wire = self._run.broker.wire_of(SITE)
        if wire is not None and self._wire is wire:
            wire.end()

    _wire: Any = None

    def die_before_statement(self, count: int) -> None:
        if self.running:
            before_statement(self.journal._writer.store.db, count, self.die)

    async def bury(self) -> None:
        """After `die`: take the process away and put the image in the place of its disk."""
        await self._end()
        if self._image is not None:
            self.disk.put(self._image)
            self._image = None

    async def _end(self) -> None:
        tasks = [*self._work, *([] if self._talking is None else [self._talking])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._talking = None
        await self.journal.close()

    async def stop(self) -> None:
        self.running = False
        await self._end()

    def keep_image(self) -> None:
        self._kept = self.disk.image()

    _kept: Path | None = None

    def back_up(self) -> None:
        target = self._backed_up = self.disk.empty()
        back_up(self.disk.path, target)

    async def restore(self, *, knowing: bool) -> bool:
        """An older state takes the place of the disk; a `knowing` one says so in the journal. False: there is none."""
        source = self._backed_up if knowing else self._kept
        if source is None:
            return False
        await self.stop()
        if knowing:
            self.disk.path = self.disk.empty()
            restore(source, self.disk.path, "20261123-120000")
        else:
            self.disk.put(source)
        self._run.trace("restore", self.name, knowing)
        self._run.oracle.restored()
        await self.start()
        return True

    def level(self) -> bool:
        state = self.uplink.state
        return (
            self.running
            and state.online
            and not state.last_error
            and state.acked == self.journal.next_seq - 1
            and state.files == 0
            and self.journal.epochs.gap is None
        )


class Dying:
    """A station's wire: dead as soon as the station is."""

    def __init__(self, station: SimStation, life: int, wire: Any) -> None:
        self._station, self._life, self._wire = station, life, wire
        station._wire = wire

    def send(self, letter: Letter, taken: Any = None) -> None:
        if not self._station.alive(self._life):
            raise WireLost("closed")
        self._wire.send(letter, None if taken is None else lambda: self._taken(taken))

    def _taken(self, taken: Any) -> None:
        if self._station.alive(self._life):
            taken()

    async def receive(self) -> Letter:
        letter: Letter = await self._wire.receive()
        return letter

    async def close(self, last: Letter | None = None) -> None:
        await self._wire.close(last if self._station.alive(self._life) else None)
