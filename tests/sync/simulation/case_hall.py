"""A hall in virtual time as `halld` wires it: journal, engine, uplink and downlink, and what follows from words."""

import asyncio
from pathlib import Path
from random import Random
from typing import Any

from edge.clock import Ids
from edge.engine import Answer, Engine
from edge.feeds.decisions import Decisions
from edge.feeds.following import Following
from edge.feeds.store import FeedStore
from edge.journal import Journal, KeyRing
from edge.rules import commands as c
from edge.rules.books import Books
from edge.rules.refusal import Refusal
from sync.downlink import Downlink
from sync.protocol.signing import Trusted
from sync.uplink import Uplink
from sync.wire import Letter, WireLost
from tests.edge.journal.material import ZONE
from tests.support.virtual_time import VirtualClock
from tests.sync.simulation.broker import SimBroker
from tests.sync.simulation.disk import Disk


class CaseHall:
    """`kill` is kill -9 at this moment; `start` goes on from the disk."""

    def __init__(
        self, site: str, disk: Disk, broker: SimBroker, random: Random, books: Books, trusted: Trusted
    ) -> None:
        self.site, self.disk = site, disk
        self.clock = VirtualClock()
        self._broker, self._random, self._books, self._trusted = broker, random, books, trusted
        self._tasks: list[asyncio.Task[Any]] = []
        self._life = 0
        self._keys = KeyRing(site.encode()[:1] * 32)

    async def start(self) -> None:
        self._life += 1
        life, boot = self._life, self._random.randbytes(8).hex()
        self.journal = await Journal.open(
            self.disk.path, site=self.site, boot=boot, clock=self.clock, zone=ZONE,
            random_bytes=self._random.randbytes, keys=self._keys, disk=lambda _: 0.5,
        )  # fmt: skip
        self.engine = Engine(
            self.journal, clock=self.clock, ids=Ids(self.clock, self._random.randbytes), zone=ZONE, books=self._books
        )
        await self.engine.restore()
        self.store = await FeedStore.open(self.disk.path)
        self.uplink = Uplink(
            self.journal, "mqtt://127.0.0.1", clock=self.clock, random=self._random, boot=boot, version="1.4.0",
            cap=5.0, files=self.journal.files, epochs=self.journal.epochs, free=lambda: 1,
            feeds=Downlink(self.store, self.site, self._trusted),
            dial=lambda subscriptions, will: self._dial(life, subscriptions, will),
        )  # fmt: skip
        words = Decisions(self.engine, self._keys, site=self.site)
        following = Following(self.store, (words,), (), clock=self.clock)
        self._tasks = [
            asyncio.create_task(work) for work in (self.engine.run(), self.uplink.run(), following.run())
        ]  # fmt: skip

    async def _dial(self, life: int, subscriptions: Any, will: Letter | None) -> "_Wire":
        return _Wire(self, life, await self._broker.dial(self.site, subscriptions, will))

    def alive(self, life: int) -> bool:
        return self._life == life

    async def kill(self) -> None:
        image: Path = self.disk.image()
        self._life += 1
        wire = self._broker.wire_of(self.site)
        if wire is not None:
            wire.end()
        await self.stop()
        self.disk.put(image)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        for ended in await asyncio.gather(*self._tasks, return_exceptions=True):
            assert isinstance(ended, asyncio.CancelledError), ended
        self._tasks = []
        await self.store.close()
        await self.journal.close()

    async def do(self, command: c.Command, actor: str, *, id: str = "") -> Answer:
        return await self.engine.execute(command, id=id or f"c:{self._random.randbytes(8).hex()}", actor=actor)

    async def refused(self, command: c.Command, actor: str) -> str:
        """The code of the refusal; AssertionError where it was accepted."""
        try:
            await self.do(command, actor)
        except Refusal as why:
            return why.code
        raise AssertionError(f"{command} was accepted")

    def level(self) -> bool:
        state = self.uplink.state
        return state.online and not state.last_error and state.acked == self.journal.next_seq - 1


class _Wire:
    """Dead as soon as the life that dialled it is."""

    def __init__(self, hall: CaseHall, life: int, wire: Any) -> None:
        self._hall, self._life, self._wire = hall, life, wire

    def send(self, letter: Letter, taken: Any = None) -> None:
        if not self._hall.alive(self._life):
            raise WireLost("closed")
        self._wire.send(letter, taken)

    async def receive(self) -> Letter:
        letter: Letter = await self._wire.receive()
        return letter

    async def close(self, last: Letter | None = None) -> None:
        await self._wire.close(last if self._hall.alive(self._life) else None)
