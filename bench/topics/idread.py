"""Reading an ID card: the driver's time over the time its bytes take on the wire, in one run.

A module on a pty, as slow as a line of 115200 baud, with a card that always lies there. Find, select, appended
address, text and photo: what a window needs. The peer asks for the same in the same order and unpacks the number only;
we look for frames in whatever comes, unpack all fields, check the number and make the record. 1 would be no time at
all.
"""

import asyncio
import json
import sys
import time
from random import Random
from typing import Final

from bench.desk import Desk
from bench.programs import ROOT
from bench.rows import Row, alone, lower_is_better
from bench.samples import p50, p99
from bench.slow_module import WIRE_SECONDS, slow_module
from drivers.contract import Context
from drivers.idcard.sam import SamReader
from drivers.idcard.settings import SamConfig
from drivers.links import make_link

PEER: Final = "hand-written pyserial loop"
ROUNDS: Final = 6
CARDS: Final = 20  # of each side, in each round


async def measure(desk: Desk, rounds: int = ROUNDS, cards: int = CARDS) -> list[Row]:
    ours: list[float] = []
    peers: list[float] = []
    with slow_module() as port:
        for number in range(rounds):
            desk.tell(f"round {number + 1} of {rounds}, {cards} cards each")
            for side in ("ours", "peer") if number % 2 else ("peer", "ours"):
                if side == "ours":
                    ours += await _ours(port, cards, str(desk.folder))
                else:
                    peers += await _peers(port, cards)
    ratio, other = ([spent / WIRE_SECONDS for spent in side] for side in (ours, peers))
    return [
        lower_is_better(f"idread: time over wire time, p50 of {len(ratio)}", p50(ratio), "x", PEER, p50(other)),
        lower_is_better("idread: time over wire time, p99", p99(ratio), "x", PEER, p99(other)),
        alone("idread: wire time at 115200", WIRE_SECONDS * 1e3, "ms"),
        alone("idread: what the driver adds, p50", (p50(ours) - WIRE_SECONDS) * 1e3, "ms"),
    ]


async def _ours(port: str, cards: int, folder: str) -> list[float]:
    ctx = Context(clock=time.monotonic, random=Random(1), note=lambda *_, **__: None, runtime=folder)
    reader = SamReader(SamConfig(), make_link(f"serial://{port}?baud=115200", ctx), ctx)
    await reader.open()
    spent = []
    try:
        for _ in range(cards):
            began = time.perf_counter()
            await reader.read()
            spent.append(time.perf_counter() - began)
    finally:
        await reader.close()
    return spent


async def _peers(port: str, cards: int) -> list[float]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.peers.card_loop", port, str(cards)), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError("the peer did not read its cards")
    return [float(seconds) for seconds in json.loads(said)]
