"""A scene by itself: its devices on their wires, its machine tree, and the page to touch them on."""

import asyncio
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from hw_sim.box.server import serve_box
from hw_sim.box.station import Glass, Runs
from hw_sim.hall import SimulatedHall
from hw_sim.scene import Scene

console = Console(highlight=False)


@dataclass(slots=True)
class Bare:
    """What the page needs of a station, where there is none: no daemon, no centre, no screens."""

    hall: SimulatedHall
    code: str
    line: None = None
    programs: Mapping[str, Runs] = field(default_factory=dict)
    screens: Mapping[str, Glass] = field(default_factory=dict)
    hall_url: str = ""


async def stand_alone(scene: Scene, run: Path, *, seed: int, port: int) -> int:
    """Until Ctrl-C or SIGTERM. `run`: folder for ports, printed tickets and sound; `port` 0: any."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with SimulatedHall(scene, run, seed=seed) as hall:
        box = asyncio.create_task(serve_box(Bare(hall, scene.scene), port, started=lambda real: _tell(hall, real)))
        ended = asyncio.create_task(stop.wait())
        await asyncio.wait({box, ended}, return_when=asyncio.FIRST_COMPLETED)
        failed = box.done()
        for task in (box, ended):
            task.cancel()
        results = await asyncio.gather(box, ended, return_exceptions=True)
    if failed and isinstance(results[0], BaseException):
        console.print(f"[red]The page could not be served: {results[0]}[/red]")
        return 1
    return 0


def _tell(hall: SimulatedHall, port: int) -> None:
    console.print(f"\n  Hall in a box   [bold]http://127.0.0.1:{port}/[/bold]")
    console.print(f"  Folder          {hall.run_folder}")
    for id, link in hall.links().items():
        console.print(f"  {id:<15} {link}")
    console.print("  Ctrl-C ends everything.\n")
