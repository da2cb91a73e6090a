"""A backlog of records on its way to the centre: from the moment the line is used to the last one committed there.

Ours: the real journal on disk, the uplink, mosquitto, `hall-centre` as a process; over when the centre has said that
it committed the last record. The peers': a hand-written table or a queue library, one QoS 1 message a row, and a
receiver that commits what has come together (WAL, FULL) and then acknowledges; over when nothing waits any more and
the last row is committed. Broker and record bytes are the same, and all sides take turns. A peer ends a row when the
broker has it, we keep ours until the centre has it; a peer checks no chain.

The libraries get slower with every row that waits: each has a limit of time, and a row says where it was stopped.
"""

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from bench import journals
from bench.broker import mosquitto
from bench.desk import Desk
from bench.peers.queues import KINDS
from bench.programs import ROOT, peer
from bench.rows import Row, higher_is_better
from bench.samples import p50
from edge.clock import SystemClock
from edge.journal.journal import Journal
from hw_sim.demo.station import BIN
from sync.uplink import Uplink

HAND_WRITTEN: Final = "hand-written"
LIBRARIES: Final = ("persist-queue", "litequeue")
PROMISES: Final = {
    HAND_WRITTEN: "hand-written table: fsync, done at PUBACK",
    "persist-queue": "persist-queue: fsync, done at PUBACK",
    "litequeue": "litequeue: no fsync, done at PUBACK",
}
LIBRARY_SECONDS: Final = 150.0
LEAST_OF_1K: Final = 0.95
_SECONDS: Final = 120.0


@dataclass(frozen=True, slots=True)
class Backlog:
    """`libraries`: in how many of the rounds the libraries take part, in the last ones."""

    records: int
    rounds: int
    libraries: int

    @property
    def name(self) -> str:
        return f"{self.records // 1000}k" if self.records % 1000 == 0 else str(self.records)


BACKLOGS: Final = (
    Backlog(1_000, 3, 1),
    Backlog(2_000, 1, 1),
    Backlog(4_000, 1, 1),
    Backlog(10_000, 3, 1),
    Backlog(100_000, 1, 0),
)


@dataclass(slots=True)
class Drained:
    """`rates`: records a second of each round. `stopped`: seconds and records of one that did not come to its end."""

    rates: list[float] = field(default_factory=list)
    stopped: tuple[float, int] | None = None


async def measure(
    desk: Desk, backlogs: Sequence[Backlog] = BACKLOGS, library_seconds: float = LIBRARY_SECONDS
) -> list[Row]:
    found: dict[str, dict[str, Drained]] = {}
    async with mosquitto(desk.folder) as port:
        await _round(desk, port, Backlog(200, 1, 0), 0, {}, library_seconds)  # to warm up
        for backlog in backlogs:
            sides = found[backlog.name] = {}
            for number in range(backlog.rounds):
                desk.tell(f"{backlog.name} records, round {number + 1} of {backlog.rounds}")
                await _round(desk, port, backlog, number, sides, library_seconds)
    rows = [_row(name, sides, kind) for name, sides in found.items() for kind in KINDS if kind in sides]
    if {"1k", "100k"} <= found.keys():
        most, least = (p50(found[name]["ours"].rates) for name in ("100k", "1k"))
        rows.append(higher_is_better("link: drain 100k, against 1k", most, "1/s", "0.95 of 1k", LEAST_OF_1K * least))
    return rows


def _row(name: str, sides: dict[str, Drained], kind: str) -> Row:
    side, promise = sides[kind], PROMISES[kind]
    if side.stopped is not None:
        seconds, records = side.stopped
        promise += f"; stopped after {seconds:.0f} s at {records:,} records"
    return higher_is_better(f"link: drain {name}", p50(sides["ours"].rates), "1/s", promise, p50(side.rates))


async def _round(
    desk: Desk, port: int, backlog: Backlog, number: int, sides: dict[str, Drained], library_seconds: float
) -> None:
    """Each side once, in another order each time, with the same record bytes."""
    folder = desk.drawer(f"{backlog.records}-{number}")
    async with journals.journal_in(folder / "journal") as journal:
        await journals.fill(journal, backlog.records)
        raws = await journals.raw_records(journal)
        with_libraries = number >= backlog.rounds - backlog.libraries
        order = ["ours", HAND_WRITTEN, *(LIBRARIES if with_libraries else ())]
        for kind in order[number % len(order) :] + order[: number % len(order)]:
            side = sides.setdefault(kind, Drained())
            if kind == "ours":
                side.rates.append(backlog.records / await _ours(folder, port, journal))
                continue
            limit = library_seconds if kind in LIBRARIES else _SECONDS
            seconds, records = await _peers(folder, port, kind, raws, limit)
            side.rates.append(records / seconds)
            if records < backlog.records:
                side.stopped = seconds, records


async def _ours(folder: Path, port: int, journal: Journal) -> float:
    url = f"mqtt://127.0.0.1:{port}"
    ready = folder / "centre.ready"
    centre = await asyncio.create_subprocess_exec(
        *(str(BIN / "hall-centre"), "run", "--db", str(folder / "centre.db"), "--broker", url),
        *("--ready-file", str(ready)),
        cwd=ROOT,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(_SECONDS):
            while not ready.exists():
                await asyncio.sleep(0.02)
            return await drained(journal, url)
    finally:
        if centre.returncode is None:
            centre.terminate()
        await centre.wait()


async def drained(journal: Journal, url: str) -> float:
    """Seconds until the centre has said that it committed the last record."""
    uplink = Uplink(journal, url, clock=SystemClock(), random=Random(), boot=journals.BOOT, version="0.1.0")
    last = journal.next_seq - 1
    committed = asyncio.Event()
    uplink.subscribe(lambda state: committed.set() if state.acked >= last else None)
    began = time.perf_counter()
    running = asyncio.create_task(uplink.run())
    try:
        await committed.wait()
        return time.perf_counter() - began
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def _peers(folder: Path, port: int, kind: str, raws: list[bytes], limit: float) -> tuple[float, int]:
    """Seconds, and how many rows were committed at the receiver in them: all, unless `limit` ended it."""
    waiting, inbox = str(folder / kind), folder / f"{kind}-inbox.db"
    await asyncio.to_thread(_put, kind, waiting, raws)
    async with (
        peer("inbox", str(inbox), str(port), str(len(raws))) as receiver,
        peer("sender", kind, waiting, str(port)) as sender,
    ):
        await receiver.says("ready", _SECONDS)
        await sender.says("ready", _SECONDS)
        began = time.perf_counter()
        sender.tell("go")
        try:
            async with asyncio.timeout(limit):
                await sender.says("empty", limit)
                await receiver.says("complete", limit)
            return time.perf_counter() - began, len(raws)
        except TimeoutError:
            return time.perf_counter() - began, _count(inbox)


def _put(kind: str, path: str, raws: list[bytes]) -> None:
    made = KINDS[kind](path)
    made.put(raws)
    made.close()


def _count(inbox: Path) -> int:
    with contextlib.closing(sqlite3.connect(inbox)) as db:
        return int(db.execute("SELECT count(*) FROM records").fetchone()[0])
