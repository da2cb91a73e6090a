"""A station whose first window hangs on another machine: real programs, a real cable between two networks."""

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config import folder
from hw_sim.box.led_reader import read_panel
from hw_sim.demo.programs import Program
from hw_sim.demo.station import BIN, Station, station
from hw_sim.hall import SimulatedHall
from hw_sim.scene import Scene, load_scene
from tests.support.namespace import Namespace, namespace
from tests.system.sites import change_site

PLACE = "window-3"
MOVED = ("led-1", "rs485-1")


@dataclass(slots=True)
class TwoMachines:
    hall: Station
    net: Namespace
    there: SimulatedHall
    port: int
    folder: Path
    devices: Program
    _running: asyncio.Task[None] | None = None

    @property
    def address(self) -> str:
        return f"{self.net.here}:{self.port}"

    @property
    def identity(self) -> Path:
        return self.folder / "identity"

    def on_panel(self, text: str) -> bool:
        """Read from the lamps of the display that hangs there."""
        return read_panel(self.there.device("led-1").panel_image(), [text]) == text

    def press(self, key: str) -> None:
        """Once, whoever hears it; `press` of tests.system.people is the finger that tries again."""
        self.keypad.act("press", key=key)

    @property
    def keypad(self) -> Any:
        return self.there.device("keypad-1")

    def start_devices(self) -> None:
        self._running = asyncio.create_task(self.devices.run())

    async def stop_devices(self) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    def said(self) -> str:
        return self.devices.log.read_text() if self.devices.log.exists() else ""


@asynccontextmanager
async def two_machines(data: Path) -> AsyncIterator[TwoMachines]:
    """Both run; no device is at the second one yet and it is not paired."""
    async with AsyncExitStack() as stack:
        net = stack.enter_context(namespace())
        hall = await stack.enter_async_context(station("station", data / "hall", seed=7, with_screens=False))
        port = _free_pair(net.here)
        change_site(data / "hall", lambda site: site.update({"hosts": {"listen": f"{net.here}:{port}"}}))
        machine = data / "window"
        machine.mkdir()
        there = SimulatedHall(_scene_there(hall), machine, seed=8)
        with net.inside():
            await there.start()
        stack.push_async_callback(there.stop)
        words = ("--hall", f"tls://{net.here}:{port}", "--identity", str(machine / "identity"))
        argv = net.command(str(BIN / "hall-devices"), *words, "--runtime", str(machine))
        devices = Program("window", argv, machine / "devices.log")
        made = TwoMachines(hall, net, there, port, machine, devices)
        stack.push_async_callback(made.stop_devices)
        await hall.ready()
        yield made


def _scene_there(hall: Station) -> Scene:
    """The same display and the same line, as they are after somebody carried them over."""
    ports = {name: int(link.rpartition(":")[2]) for name, link in hall.hall.links().items() if link.startswith("tcp")}
    scene = load_scene(folder() / "scenes" / "station.yaml")
    devices = tuple(device for device in scene.devices if device.id in MOVED)
    moved = tuple(
        device.model_copy(update={"port": ports[device.id]}) if device.id in ports else device for device in devices
    )
    return scene.model_copy(update={"devices": moved})


def move_to(folder: Path, device: str, host: str) -> None:
    """One more word in the device's own line."""
    path = folder / "site.yaml"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    (at,) = (n for n, line in enumerate(lines) if _is(line, device))
    lines[at] = lines[at].replace(f"id: {_written(lines[at])}", f"id: {_written(lines[at])}, host: {host}", 1)
    path.write_text("".join(lines), "utf-8")


def _is(line: str, device: str) -> bool:
    return line.lstrip().startswith("- {id: ") and _written(line).strip("\"'") == device


def _written(line: str) -> str:
    return line.partition("id: ")[2].partition(",")[0]


async def hallctl(*words: str, net: Namespace | None = None) -> tuple[int, str]:
    """Exit code and everything it said."""
    argv = [str(BIN / "hallctl"), "--lang", "en", *words]
    process = await asyncio.create_subprocess_exec(
        *(net.command(*argv) if net else argv), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


@asynccontextmanager
async def opened(two: TwoMachines, place: str) -> AsyncIterator[tuple[str, str]]:
    """The digits as `hallctl pair open` shows them, and where a machine joins. It is waited for at the end."""
    words = ("--place", place, "--runtime", str(two.hall.folder), "--json")
    process = await asyncio.create_subprocess_exec(
        *(str(BIN / "hallctl"), "pair", "open", *words), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        shown: dict[str, Any] = json.loads(await process.stdout.readline())
        yield shown["digits"], shown["listen"]
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def joined(two: TwoMachines, digits: str, at: str, identity: Path) -> tuple[int, str]:
    return await hallctl("pair", "join", at, "--digits", digits, "--identity", str(identity), net=two.net)


def _free_pair(host: str) -> int:
    """A port with a free one after it."""
    while True:
        with socket.socket() as one, socket.socket() as next_one:
            one.bind((host, 0))
            port = int(one.getsockname()[1])
            try:
                next_one.bind((host, port + 1))
            except OSError as taken:
                print(f"{port + 1}: {taken.strerror}", file=sys.stderr)
                continue
            return port
