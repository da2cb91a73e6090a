"""Sealed files on their way up, as a share of raw TCP: the same stored bytes, kept as durably at the other end.

Ours: the real journal, the uplink, mosquitto, `hall-centre`; from the first connection until the centre has said of
every file that it has it. The peer: one TCP connection without broker, window, resume or priority, and a receiver that
hashes, writes and syncs each file. Both read the files from the disk. What a megabyte costs each of our three ends of
processor time says what the rate is made of.
"""

import asyncio
import contextlib
import os
import time
from pathlib import Path
from random import Random
from typing import Final

from bench import ends, journals
from bench.broker import mosquitto
from bench.desk import Desk
from bench.peers import file_sink
from bench.programs import peer
from bench.rows import Row, alone, higher_is_better
from bench.samples import p50
from bench.topics.centre import serving_centre
from edge.clock import SystemClock
from edge.journal.file_folder import FOLDER
from edge.journal.journal import Journal
from edge.rules.case_records import PageCaptured
from edge.rules.records import Draft
from sync.link_state import LinkState
from sync.uplink import Uplink

PEER: Final = "raw TCP, SHA-256 and fsync a file"
SIZES: Final = ((200_000, 100), (1_000_000, 40), (5_000_000, 8))  # bytes, files
ROUNDS: Final = 3
_SECONDS: Final = 120.0
_CASE: Final = "case:01JD0000000000000000000009"


async def measure(desk: Desk, sizes: tuple[tuple[int, int], ...] = SIZES, rounds: int = ROUNDS) -> list[Row]:
    found = []
    async with mosquitto(desk.folder) as port:
        for size, count in sizes:
            ours, peers, costs = list[float](), list[float](), list[list[float]]()
            for number in range(-1, rounds):  # the first warms up
                desk.tell(f"{count} files of {size} bytes, round {number + 1} of {rounds}")
                drawer = desk.drawer(f"{size}-{number}")
                spent, cost, peer_spent = await _pair(drawer, port, size, count, number % 2 == 0)
                if number >= 0:
                    ours.append(size * count / spent / 1e6)
                    peers.append(size * count / peer_spent / 1e6)
                    costs.append([seconds * 1e3 / (size * count / 1e6) for seconds in cost])
            name = f"files: {count} of {size / 1e6:g} MB up, in chunks of 64 KB"
            found.append(higher_is_better(name, p50(ours), "MB/s", PEER, p50(peers)))
            for end, values in zip(ends.ENDS, zip(*costs, strict=True), strict=True):
                found.append(alone(f"{name}: processor time of a megabyte, {end}", p50(list(values)), "ms"))
    return found


async def _pair(folder: Path, port: int, size: int, count: int, peer_first: bool) -> tuple[float, list[float], float]:
    """Our seconds, processor seconds of our ends, and the peer's seconds."""
    async with journals.journal_in(folder / "journal") as journal:
        stored = [folder / "journal" / FOLDER / h[:2] / h for h in await _capture(journal, size, count)]
        before = await _raw(folder / "raw", stored) if peer_first else 0.0
        ours, cost = await _ours(folder, port, journal)
        return ours, cost, before or await _raw(folder / "raw", stored)


async def _capture(journal: Journal, size: int, count: int) -> list[str]:
    """Pages as a case has them; their digests."""
    found = []
    for page in range(1, count + 1):
        sealed = await journal.seal_file(_CASE, os.urandom(size))
        body = PageCaptured(material="m1", page=page, width=9, height=9, blur=3, warnings=(), **sealed._asdict())
        await journal.append([Draft(kind="page.captured", subject=_CASE, actor="clerk:c01", body=body)])
        found.append(sealed.h)
    return found


async def _ours(folder: Path, port: int, journal: Journal) -> tuple[float, list[float]]:
    url = f"mqtt://127.0.0.1:{port}"
    async with serving_centre(folder, port, str(folder / "c.db"), 0) as centre:
        uplink = Uplink(
            journal, url, clock=SystemClock(), random=Random(), boot=journals.BOOT, version="bench", files=journal.files
        )
        there, waited = asyncio.Event(), False

        def hear(state: LinkState) -> None:
            nonlocal waited
            waited = waited or state.files > 0
            if waited and not state.files:
                there.set()

        uplink.subscribe(hear)
        before, began = ends.of_ours(centre), time.perf_counter()
        running = asyncio.create_task(uplink.run())
        try:
            async with asyncio.timeout(_SECONDS):
                await there.wait()
            return time.perf_counter() - began, ends.since(before, ends.of_ours(centre))
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running


async def _raw(folder: Path, stored: list[Path]) -> float:
    async with peer("file_sink", str(folder), str(len(stored))) as sink:
        port = int((await sink.line(_SECONDS)).removeprefix("listening "))
        began = time.perf_counter()
        await asyncio.to_thread(file_sink.send, port, stored)
        return time.perf_counter() - began
