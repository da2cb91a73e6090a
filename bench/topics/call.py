"""From the press of the call key to the last byte of the new picture at that window's panel, eight windows at random.

Key, line (9600 baud, one pair for all keypads) and panels are simulated on real wires, for us and for the peer each its
own hall; they take turns. In between nothing is left out: keypad frame, journal on disk, rules, drawing, the panel's
frame. We also chain the records, tell every keypad how many wait, ask for ratings, speak and sync; the peer does not.
A report that met another on the line is repeated by the keypad after half a second, for both; it counts as it is.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final
from urllib.parse import urlsplit

from ruamel.yaml import YAML

from bench.desk import Desk
from bench.programs import peer
from bench.rows import Row, alone, lower_is_better
from bench.samples import p50, p99
from bench.stations import SEED, Citizens, ready_station, without_printer
from bench.windows import Press, Window, windows_of
from config import folder as config_folder
from hw_sim.demo.grow import grow_scene
from hw_sim.hall import SimulatedHall
from hw_sim.scene import Scene

PEER: Final = "hand-written loop"
WINDOWS: Final = 8
ROUNDS: Final = 10
PRESSES: Final = 5  # of each window and side, in each round
THINK: Final = (1.0, 3.6)  # seconds between two presses at one window
_SECONDS: Final = 10.0
_SETTLE: Final = 2.0


@dataclass(slots=True)
class Side:
    windows: list[Window]
    before_round: Callable[[int], Awaitable[None]]
    presses: list[Press] = field(default_factory=list)

    async def round(self, random: Random, presses: int) -> list[Press]:
        await self.before_round(presses * len(self.windows))
        made = await asyncio.gather(*(_clerk(window, Random(random.random()), presses) for window in self.windows))
        return [press for one in made for press in one]


async def _clerk(window: Window, random: Random, presses: int) -> list[Press]:
    """Calls and ends turns; the calls are what counts."""
    made = []
    for _ in range(presses):
        await asyncio.sleep(random.uniform(*THINK))
        made.append(await window.press("call"))
        await asyncio.sleep(random.uniform(*THINK))
        await window.press("evaluate")
    return made


async def measure(desk: Desk, rounds: int = ROUNDS, presses: int = PRESSES, windows: int = WINDOWS) -> list[Row]:
    async with AsyncExitStack() as stack:
        ours = await stack.enter_async_context(_ours(desk.drawer("ours"), windows))
        peers = await stack.enter_async_context(_peers(desk.drawer("peer"), windows))
        random = Random(SEED)
        for number in range(-1, rounds):
            desk.tell("warm-up" if number < 0 else f"round {number + 1} of {rounds}, {presses * windows} calls each")
            for side in (ours, peers) if number % 2 else (peers, ours):
                made = await side.round(random, 1 if number < 0 else presses)
                side.presses += [] if number < 0 else made
    return rows(ours.presses, peers.presses)


def rows(ours: Sequence[Press], peers: Sequence[Press]) -> list[Row]:
    found = []
    for which, chosen in (("", _all), (", line free", _unspoilt)):
        for name, of in (("p50", p50), ("p99", p99)):
            value, other = of(chosen(ours)), of(chosen(peers))
            found.append(lower_is_better(f"call: press to panel{which}, {name}", value, "ms", PEER, other))
    wire = p50([press.wire for press in ours]) * 1e3
    said_again = sum(press.sent > 1 for press in ours) / len(ours) * 100
    peer_again = sum(press.sent > 1 for press in peers) / len(peers) * 100
    return [
        *found,
        alone("call: of it the key's report on the line at 9600 baud", wire, "ms"),
        alone("call: presses said again after a collision on the line", said_again, "%"),
        alone("call: the same at the hand-written loop", peer_again, "%"),
        alone("call: presses measured, each side", len(ours), "presses"),
    ]


def _all(presses: Sequence[Press]) -> list[float]:
    return [press.spent * 1e3 for press in presses]


def _unspoilt(presses: Sequence[Press]) -> list[float]:
    return [press.spent * 1e3 for press in presses if press.sent == 1]


@asynccontextmanager
async def _ours(folder: Path, windows: int) -> AsyncIterator[Side]:
    async with ready_station(folder, windows=windows, change=without_printer) as made:
        citizens = Citizens(made)

        async def enough_tickets(calls: int) -> None:
            await citizens.take(calls)
            await asyncio.sleep(_SETTLE)

        try:
            yield Side(windows_of(made.hall, windows), enough_tickets)
        finally:
            await citizens.close()


@asynccontextmanager
async def _peers(folder: Path, windows: int) -> AsyncIterator[Side]:
    tree = YAML(typ="safe").load((config_folder() / "scenes" / "station.yaml").read_text("utf-8"))
    scene = Scene.model_validate(grow_scene(tree, windows))

    async def nothing(calls: int) -> None:
        await asyncio.sleep(_SETTLE)

    async with SimulatedHall(scene, folder, seed=SEED) as hall:
        links = hall.links()
        port = str(folder / urlsplit(links["rs485-1"]).path)
        panels = [urlsplit(links[f"led-{n}"]).netloc for n in range(1, windows + 1)]
        async with peer("call_loop", str(folder / "turns.db"), port, *panels) as loop:
            await loop.says("ready", _SECONDS)
            yield Side(windows_of(hall, windows), nothing)
