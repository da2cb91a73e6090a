"""A hall in virtual time: the real rules and engine, a journal in memory, devices that note what they are told."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from ruamel.yaml import YAML

from edge.clock import Ids
from edge.engine import Answer, Engine
from edge.journal.errors import PartGone
from edge.reactions.papers import CatalogueOf, no_catalogue
from edge.reactions.runner import Reactions
from edge.rules.books import NO_BOOKS, Books
from edge.rules.commands import CallNext, Command, ConfigureSite, IssueTicket, OpenDay
from edge.rules.records import Draft, ServiceSetup, WindowSetup
from edge.rules.state import State
from edge.site import Site
from sync.protocol.record import Record, build
from tests.edge.engine.conftest import ZONE, HeldJournal
from tests.edge.reactions import virtual

STATION = Path(__file__).parents[3] / "config" / "sites" / "station.yaml"
START_MS = 1_795_395_600_000


def station(**changes: Any) -> Site:
    return Site.model_validate(YAML(typ="safe").load(STATION.read_text("utf-8")) | changes)


def configure(site: Site) -> ConfigureSite:
    return ConfigureSite(
        hash="0" * 64,
        windows=tuple(WindowSetup(id=w.id, area=w.area, services=w.services) for w in site.windows),
        services=tuple(ServiceSetup(id=s.id, prefix=s.prefix, area=s.area) for s in site.services),
        clerks=tuple(c.id for c in site.clerks),
    )


class LoopClock:
    """Both clocks follow the virtual time of the loop; `wall_shift` ms sets the wall clock wrong."""

    wall_shift = 0

    def now_ms(self) -> int:
        return START_MS + self.wall_shift + self.up_ms()

    def up_ms(self) -> int:
        return round(virtual.now() * 1000)


@dataclass(frozen=True)
class Happened:
    id: str
    device: str
    name: str
    data: dict[str, Any]


@dataclass
class Devices:
    """`on_call[verb]` is awaited with the argument; it may wait or raise a DeviceError."""

    wants: dict[str, BaseModel | None] = field(default_factory=dict)
    calls: list[tuple[str, str, Any, float]] = field(default_factory=list)
    on_call: dict[str, Callable[[Any], Awaitable[None]]] = field(default_factory=dict)

    def want(self, device: str, state: BaseModel | None) -> None:
        self.wants[device] = state

    async def call(self, device: str, verb: str, argument: BaseModel | None, *, deadline: float) -> dict[str, Any]:
        self.calls.append((device, verb, argument, virtual.now()))
        if verb in self.on_call:
            await self.on_call[verb](argument)
        return {}

    def arguments(self, verb: str) -> list[Any]:
        return [argument for _, called, argument, _ in self.calls if called == verb]


class SealingJournal(HeldJournal):
    """Names a part for every draft with personal data; the data itself is not kept."""

    def _record(self, draft: Draft, cmd: str | None) -> Record:
        record = super()._record(draft, cmd)
        if draft.private is None:
            return record
        entry = {"kid": "k:1", "alg": "aes-256-gcm", "nonce": "AAAAAAAAAAAAAAAA", "h": f"{record.seq:064x}"}
        skeleton = {name: value for name, value in record.data.items() if name != "hash"}
        return build(skeleton | {"sealed": [entry]})


@dataclass
class Opened:
    """Sealed parts that open to `members`; None: erased."""

    members: dict[str, Any] | None = None
    asked: list[tuple[int, str]] = field(default_factory=list)

    async def open(self, seq: int, h: str) -> dict[str, Any]:
        self.asked.append((seq, h))
        if self.members is None:
            raise PartGone("erased")
        return self.members


@dataclass
class Rig:
    engine: Engine
    journal: HeldJournal
    devices: Devices
    site: Site
    clock: LoopClock
    reactions: Reactions
    _commands: int

    @property
    def state(self) -> State:
        return self.engine.state

    async def do(self, command: Command, actor: str = "clerk:c01") -> Answer:
        self._commands += 1
        answer = await self.engine.execute(command, id=f"test:{self._commands}", actor=actor)
        await self.settle()
        return answer

    async def issue(self, service: str = "general", channel: str = "clerk") -> str:
        command = IssueTicket.model_validate({"service": service, "channel": channel, "place": "k1"})
        return (await self.do(command)).records[0].subject

    async def call(self, window: str = "w1") -> str:
        return (await self.do(CallNext(window=window))).records[0].subject

    async def event(self, device: str, name: str, n: int, **data: Any) -> None:
        await self.reactions.inputs.on_event(Happened(f"main:b:{n}", device, name, data))
        await self.settle()

    async def settle(self) -> None:
        for _ in range(30):
            await asyncio.sleep(0)

    def kinds(self) -> list[str]:
        return [record.kind for record in self.journal.committed]


@asynccontextmanager
async def rig(
    site: Site | None = None,
    journal: HeldJournal | None = None,
    *,
    books: Books = NO_BOOKS,
    sealed: Opened | None = None,
    catalogue_of: CatalogueOf = no_catalogue,
) -> AsyncIterator[Rig]:
    """Open hall with everything running. Pass the journal of an earlier rig to start again after a crash."""
    site = site or station()
    fresh = journal is None
    clock = LoopClock()
    journal = journal or SealingJournal(clock)
    ids = Ids(clock, random.Random(len(journal.committed)).randbytes)
    engine = Engine(journal, clock=clock, ids=ids, zone=ZONE, books=books)
    await engine.restore()
    devices = Devices()
    reactions = Reactions(
        engine, site, devices, clock=clock, ids=ids, sealed=sealed or Opened(), catalogue_of=catalogue_of
    )
    it = Rig(engine, journal, devices, site, clock, reactions, len(journal.committed))
    tasks = [asyncio.create_task(engine.run()), asyncio.create_task(reactions.run())]
    await it.settle()
    if fresh:
        await it.do(configure(site))
        await it.do(OpenDay(date="2026-11-23"))
    try:
        yield it
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
