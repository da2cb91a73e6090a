"""An engine on the real journal, and one on a journal whose commits the test lets through one by one."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from edge.clock import Clock, Ids, SystemClock, iso
from edge.engine import Engine, JournalPort
from edge.journal.errors import JournalFailed
from edge.journal.journal import Journal
from edge.journal.keys import KeyRing
from edge.rules.commands import Holder, IssueTicket, OpenDay
from edge.rules.records import Draft
from sync.protocol.record import ZERO, Record, build
from tests.edge.rules.conftest import DAY, SETUP

ZONE = ZoneInfo("Asia/Shanghai")
CLOCK = SystemClock()


def issue(service: str = "general", person: str = "") -> IssueTicket:
    holder = Holder(ref=person, name="张测试", id_number="119999199001010012") if person else None
    return IssueTicket(service=service, channel="kiosk", place="k1", holder=holder)


def new_engine(journal: JournalPort) -> Engine:
    return Engine(journal, clock=CLOCK, ids=Ids(CLOCK, random.Random(3).randbytes), zone=ZONE)


@asynccontextmanager
async def running(journal: JournalPort) -> AsyncIterator[Engine]:
    """Restored and running; ended without a trace, as by a power cut."""
    engine = new_engine(journal)
    await engine.restore()
    task = asyncio.create_task(engine.run())
    try:
        yield engine
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, JournalFailed):
            await task


async def open_journal(folder: Path) -> Journal:
    return await Journal.open(
        folder,
        site="LH-0042",
        boot="00aa11bb22cc33dd",
        clock=CLOCK,
        zone=ZONE,
        random_bytes=random.Random(5).randbytes,
        keys=KeyRing(b"\x07" * 32),
    )


@asynccontextmanager
async def hall(folder: Path) -> AsyncIterator[Engine]:
    """A running engine on the journal in `folder`; the folder survives."""
    journal = await open_journal(folder)
    try:
        async with running(journal) as engine:
            yield engine
    finally:
        await journal.close()


async def open_hall(engine: Engine) -> None:
    await engine.execute(SETUP, id="setup", actor="site")
    await engine.execute(OpenDay(date=DAY), id="open-day", actor="clerk:c01")


class HeldJournal:
    """A journal in memory whose commits wait until the test lets them through, or fails them."""

    def __init__(self, clock: Clock = CLOCK) -> None:
        self._clock = clock
        self.committed: list[Record] = []
        self.waiting: list[tuple[asyncio.Future[tuple[Record, ...]], tuple[Record, ...]]] = []
        self.snapshots: list[tuple[int, bytes]] = []
        self.held = False
        self._seq = 0

    def submit(self, drafts: Sequence[Draft], *, cmd: str | None = None) -> asyncio.Future[tuple[Record, ...]]:
        done: asyncio.Future[tuple[Record, ...]] = asyncio.get_running_loop().create_future()
        self.waiting.append((done, tuple(self._record(draft, cmd) for draft in drafts)))
        if not self.held:
            self.let_through()
        return done

    def let_through(self, count: int | None = None) -> None:
        for done, records in self.waiting[:count]:
            self.committed.extend(records)
            done.set_result(records)
        del self.waiting[:count]

    def fail(self) -> None:
        for done, _ in self.waiting:
            done.set_exception(JournalFailed("the disk is gone"))
        self.waiting.clear()

    async def answer_to(self, cmd: str) -> tuple[Record, ...] | None:
        return tuple(record for record in self.committed if record.cmd == cmd) or None

    async def read(
        self, after: int, limit: int, max_bytes: int
    ) -> list[tuple[Record, dict[str, bytes], tuple[str, ...]]]:
        return [(record, {}, ()) for record in self.committed if record.seq > after][:limit]

    async def load_snapshot(self) -> tuple[int, bytes] | None:
        return self.snapshots[-1] if self.snapshots else None

    async def save_snapshot(self, seq: int, data: bytes) -> None:
        self.snapshots.append((seq, data))

    def _record(self, draft: Draft, cmd: str | None) -> Record:
        self._seq += 1
        skeleton = {
            "seq": self._seq,
            "site": "LH-0042",
            "epoch": "0" * 16,
            "at": iso(self._clock.now_ms(), ZONE),
            "up": 0,
            "kind": draft.kind,
            "v": draft.v,
            "subject": draft.subject,
            "actor": draft.actor,
            "body": draft.body.model_dump(mode="json"),
            "prev": ZERO,
            "alg": "sha256",
        }
        return build(skeleton if cmd is None else {**skeleton, "cmd": cmd})


@pytest.fixture
def held() -> HeldJournal:
    return HeldJournal()
