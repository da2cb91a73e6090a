"""A backlog of records on its way to the centre: from the moment the line is used to the last one committed there.

Ours: the real journal on disk, the uplink, mosquitto, `hall-centre` as a process; over when the centre has said that
it committed the last record. The peer's: an outbox table, one QoS 1 message a row, a receiver that commits what has
come together and then acknowledges; over when the outbox is empty and the last row is committed. Its broker is the
same. It deletes a row when the broker has it, we keep ours until the centre has it; it checks no chain.
"""

import asyncio
import contextlib
import time
from pathlib import Path
from random import Random
from typing import Final

from bench import journals
from bench.broker import mosquitto
from bench.desk import Desk
from bench.peers.outbox import Outbox
from bench.programs import ROOT, peer
from bench.rows import Row, lower_is_better
from bench.samples import p50
from edge.clock import SystemClock
from edge.journal.journal import Journal
from hw_sim.demo.station import BIN
from sync.uplink import Uplink

PEER: Final = "hand-written outbox, one row a message"
BACKLOGS: Final = ((2_000, 3), (10_000, 3))  # records, rounds
_SECONDS: Final = 60.0


async def measure(desk: Desk, backlogs: tuple[tuple[int, int], ...] = BACKLOGS) -> list[Row]:
    rows = []
    async with mosquitto(desk.folder) as port:
        await _pair(desk, port, 200, "warm-up")
        for records, rounds in backlogs:
            ours, peers = [], []
            for number in range(rounds):
                desk.tell(f"{records} records, round {number + 1} of {rounds}")
                spent, peer_spent = await _pair(desk, port, records, f"{records}-{number}")
                ours.append(spent)
                peers.append(peer_spent)
            rows.append(lower_is_better(f"link: drain of {records} records", p50(ours), "s", PEER, p50(peers)))
    return rows


async def _pair(desk: Desk, port: int, records: int, name: str) -> tuple[float, float]:
    """Seconds of ours and of the peer's, the same record bytes."""
    folder = desk.drawer(name)
    async with journals.journal_in(folder / "journal") as journal:
        await journals.fill(journal, records)
        raws = await journals.raw_records(journal)
        ours = await _ours(folder, port, journal)
    return ours, await _peers(folder, port, raws)


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


async def _peers(folder: Path, port: int, raws: list[bytes]) -> float:
    outbox = Outbox(str(folder / "outbox.db"))
    outbox.put(raws)
    outbox.close()
    async with (
        peer("inbox", str(folder / "inbox.db"), str(port), str(len(raws))) as receiver,
        peer("outbox", str(folder / "outbox.db"), str(port)) as sender,
    ):
        await receiver.says("ready", _SECONDS)
        await sender.says("ready", _SECONDS)
        began = time.perf_counter()
        sender.tell("go")
        await sender.says("empty", _SECONDS)
        await receiver.says("complete", _SECONDS)
        return time.perf_counter() - began
