"""The centre alone: how many records a second it commits, on SQLite and on PostgreSQL with one and two workers.

Sixteen sites, their batches of 64 made and packed before the time begins, sent by one client over mosquitto with at
most eight unacknowledged a site, as the protocol has it; over when the centre has acknowledged every last record. So
no station's work is in it.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final

from bench import ends
from bench.broker import mosquitto
from bench.desk import Desk
from bench.fleet import skeleton
from bench.programs import ROOT
from bench.rows import Row, alone
from bench.samples import p50
from sync.mqtt import MqttDial
from sync.protocol import canonical, frames, names, record
from sync.wire import Letter, Wire

SITES: Final = tuple(f"LH-{number:04}" for number in range(16))
EACH: Final = 2_000
ROUNDS: Final = 3
_SECONDS: Final = 120.0
_SILENCE_S: Final = 3.0
_BATCH: Final = 64
_AT_ONCE: Final = 8
_EPOCH: Final = "9f3c5a7e11d20b64"
_CID: Final = "5b0e6f1a2c3d4e5f"


async def measure(desk: Desk, *, each: int = EACH, rounds: int = ROUNDS) -> list[Row]:
    from bench.postgres import PostgresServer  # needs the extra `centre`

    loads = [_Load(site, each) for site in SITES]
    kinds = (("SQLite", 1), ("PostgreSQL, one worker", 1), ("PostgreSQL, two workers", 2))
    rates: dict[str, list[float]] = {kind: [] for kind, _ in kinds}
    costs: dict[str, list[float]] = {kind: [] for kind, _ in kinds}
    server = await asyncio.to_thread(PostgresServer)
    try:
        server.start()  # it ends with the thread that starts it
        async with mosquitto(desk.folder) as port:
            for number in range(rounds):
                for kind, workers in kinds:
                    desk.tell(f"{kind}, round {number + 1} of {rounds}")
                    folder = desk.drawer(f"{kind}-{number}".replace(" ", "-").replace(",", ""))
                    db = str(folder / "centre.db") if kind == "SQLite" else await asyncio.to_thread(server.new_database)
                    spent, cost = await _committed(folder, port, db, workers, loads)
                    rates[kind].append(each * len(SITES) / spent)
                    costs[kind].append(cost / (each * len(SITES)) * 1e6)
    finally:
        await asyncio.to_thread(server.remove)
    rows = []
    for kind, _ in kinds:
        rows.append(alone(f"centre: records committed, {kind}", p50(rates[kind]), "1/s"))
        rows.append(alone(f"centre: processor time a record, {kind}, without the server", p50(costs[kind]), "µs"))
    return rows


class _Load:
    """One site's batches, ready to send; which of them are on their way."""

    def __init__(self, site: str, count: int) -> None:
        self.site = site
        self.last = count
        self._top = f"he/1/{names.shard(site)}/{site}"
        raws, prev = [], record.ZERO
        for seq in range(1, count + 1):
            built = record.build(skeleton(site, _EPOCH, seq, prev))
            raws.append(built.raw)
            prev = built.hash
        self._batches = [
            frames.pack(b'{"cid":"%b","m":"batch","records":[%b]}' % (_CID.encode(), b",".join(raws[at : at + _BATCH])))
            for at in range(0, count, _BATCH)
        ]
        self._sent = 0

    def hello(self) -> Letter:
        head = {"m": "hello", "cid": _CID, "site": self.site, "epoch": _EPOCH, "next": self.last + 1, "floor": 1}
        more = {"heads": [[0, record.ZERO]], "feeds": {}, "free": 1, "now": 1, "up": 1, "boot": "7" * 16}
        return Letter(f"{self._top}/u/h", canonical.encode(head | more | {"version": "bench"}))

    def resume(self, upto: int) -> None:
        """All above is sent again."""
        self._sent = upto // _BATCH

    def after(self, upto: int) -> list[Letter]:
        """What may be sent now that the centre has `upto`."""
        until = min(-(-upto // _BATCH) + _AT_ONCE, len(self._batches))
        found = [Letter(f"{self._top}/u/j", batch) for batch in self._batches[self._sent : until]]
        self._sent = max(self._sent, until)
        return found


async def _committed(folder: Path, port: int, db: str, workers: int, loads: Sequence[_Load]) -> tuple[float, float]:
    """Seconds until all was acknowledged, and processor seconds of the workers meanwhile."""
    async with AsyncExitStack() as stack:
        running = [await stack.enter_async_context(serving_centre(folder, port, db, n)) for n in range(workers)]
        async with asyncio.timeout(_SECONDS):
            wire = await MqttDial(f"mqtt://127.0.0.1:{port}", "bench")(subscriptions=[("he/1/+/+/d/a", 0)], will=None)
            await _settled(db, workers)
            for load in loads:
                load.resume(0)
            await _welcomed(wire, loads)
            before, began = _seconds(running), time.perf_counter()
            await _drain(wire, loads)
            spent = time.perf_counter() - began, _seconds(running) - before
            await wire.close()
    return spent


async def _settled(db: str, workers: int) -> None:
    """Every worker has its part of the shards."""
    if workers == 1:
        return
    from sync.centre.postgres import PostgresDatabase

    looking = PostgresDatabase(db)
    parts = 0
    while parts < workers:
        rows = await asyncio.to_thread(looking.rows, "SELECT count(*) FROM shards GROUP BY owner")
        parts = len(rows) if min(rows) == max(rows) else 0
        await asyncio.sleep(0.2)
    looking.close()


async def _welcomed(wire: Wire, loads: Sequence[_Load]) -> None:
    """Every site has a worker that knows it; shards may be on their way from one to another."""
    unknown = {load.site: load for load in loads}
    while unknown:
        for load in unknown.values():
            wire.send(load.hello())
        async for site, answer in _answers(wire, _SILENCE_S):
            if answer["m"] == "welcome" and site in unknown:
                unknown.pop(site).resume(answer["upto"])
            if not unknown:
                break


async def _drain(wire: Wire, loads: Sequence[_Load]) -> None:
    waiting = {load.site: load for load in loads}
    for load in loads:
        for letter in load.after(0):
            wire.send(letter)
    while waiting:
        async for site, answer in _answers(wire, _SILENCE_S):
            if site not in waiting or answer["m"] not in ("ack", "welcome"):
                continue
            if answer["m"] == "welcome":
                waiting[site].resume(answer["upto"])
            for more in waiting[site].after(answer["upto"]):
                wire.send(more)
            if answer["upto"] >= waiting[site].last:
                del waiting[site]
            if not waiting:
                break
        for load in waiting.values():  # an answer was lost, or a worker
            wire.send(load.hello())


async def _answers(wire: Wire, seconds: float) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Site and message, until nothing was heard for so long."""
    while True:
        try:
            async with asyncio.timeout(seconds):
                letter = await wire.receive()
        except TimeoutError:
            return
        yield letter.topic.split("/")[3], json.loads(_plain(letter.payload))


def _plain(payload: bytes) -> bytes:
    return payload if payload[:1] == b"{" else canonical.encode(frames.unpack(payload, frames.MAX_OTHER))


@asynccontextmanager
async def serving_centre(folder: Path, port: int, db: str, number: int) -> AsyncIterator[int]:
    """Its process id, once it serves."""
    ready = folder / f"{number}.ready"
    words = ["run", "--db", db, "--broker", f"mqtt://127.0.0.1:{port}", "--ready-file", str(ready)]
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sync.centre.cli"), *words, "--files", str(folder / "files"),
        cwd=ROOT, stdout=quiet, stderr=quiet,
    )  # fmt: skip
    try:
        async with asyncio.timeout(_SECONDS):
            while not ready.exists():
                await asyncio.sleep(0.02)
        yield process.pid
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def _seconds(pids: Sequence[int]) -> float:
    return sum(ends.of(pid) for pid in pids)
