"""A box over simulators only: no daemon, no programs; screens and programs are small ones of the test's own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from config import folder
from hw_sim.box.server import serve_box
from hw_sim.demo.line import Line
from hw_sim.demo.screen import Screen
from hw_sim.hall import SimulatedHall
from hw_sim.scene import load_scene


@dataclass
class FakeProgram:
    """Stands for a process: what is tested here is who is told to do what."""

    pid: int | None = 4711
    restarts: int = 0
    held: bool = False

    def kill(self) -> None:
        self.pid, self.restarts = (self.pid or 0) + 1, self.restarts + 1

    def hold(self, held: bool) -> None:
        self.held = held
        self.pid = None if held else 5000


@dataclass
class Simulators:
    """As much of a station as the box needs."""

    hall: SimulatedHall
    line: Line
    code: str = "LH-0042"
    programs: dict[str, FakeProgram] = field(default_factory=dict)
    screens: dict[str, Screen] = field(default_factory=dict)
    hall_url: str = ""


@dataclass
class Served:
    station: Simulators
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.url, headers={"Origin": self.url})


@pytest.fixture
async def simulators(tmp_path: Path) -> AsyncIterator[Simulators]:
    line = Line(target_port=9)
    await line.start()
    async with SimulatedHall(load_scene(folder() / "scenes" / "station.yaml"), tmp_path) as hall:
        programs = {"halld": FakeProgram(), "kiosk": FakeProgram()}
        screens = {"kiosk": Screen(str(tmp_path / "kiosk.screen"))}
        yield Simulators(hall, line, programs=programs, screens=screens)
    await line.stop()


@asynccontextmanager
async def serving(station: Simulators) -> AsyncIterator[Served]:
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(serve_box(station, 0, started=port.set_result))
    async with asyncio.timeout(60):
        try:
            yield Served(station, await port)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def box(simulators: Simulators) -> AsyncIterator[Served]:
    async with serving(simulators) as served:
        yield served
