"""One device host with a district hall's loop devices: how long until all are ready, and its cost when nobody comes.

Forty panels (twenty of each card), four RS-485 lines with forty keypads and forty pads, forty-four ID readers, ten
printers, six speakers; no cameras, which have workers of their own. The hall's side is played here: a welcome, then a
beat every two seconds. The peer opens the same lines at once and asks the same heartbeats every ten seconds; it has no
supervisor, no link to a hall, no stations on its lines.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil

from bench.desk import Desk
from bench.programs import ROOT
from bench.rows import Row, alone, lower_is_better
from bench.samples import p50
from bench.stations import SEED, edit_site
from config import folder as config_folder
from hw_sim.demo.site_file import write_site
from hw_sim.demo.station import BIN
from hw_sim.hall import SimulatedHall
from hw_sim.scene import load_scene

PEER: Final = "hand-written asyncio loop"
ROUNDS: Final = 3
SECONDS: Final = 30.0
SETTLE: Final = 5.0
OPEN_SECONDS: Final = 90.0
BEAT: Final = 2.0
_READY: Final = ("ready", "warning")
_MEGA: Final = 1 << 20


@dataclass(slots=True)
class Side:
    """`idle`: per cent of a core, MB of PSS, wake-ups (voluntary context switches) a second."""

    opened: list[float] = field(default_factory=list)
    idle: tuple[float, float, float] = (0.0, 0.0, 0.0)


class PlayedHall:
    """The hall's end of the host link."""

    def __init__(self, wanted: Iterable[str]) -> None:
        self._missing = set(wanted)
        self.ready = asyncio.Event()

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        beating = asyncio.create_task(_beats(writer))
        try:
            while line := await reader.readline():
                self._hear(json.loads(line))
        finally:
            beating.cancel()
            writer.close()

    def missing(self) -> list[str]:
        return sorted(self._missing)

    def _hear(self, message: dict[str, Any]) -> None:
        if message.get("m") != "health":
            return
        if message["health"]["state"] in _READY:
            self._missing.discard(message["device"])
        if not self._missing:
            self.ready.set()


async def _beats(writer: asyncio.StreamWriter) -> None:
    writer.write(b'{"m": "welcome", "fence": 1}\n')
    while True:
        writer.write(b'{"m": "beat"}\n')
        await asyncio.sleep(BEAT)


async def measure(desk: Desk, rounds: int = ROUNDS, seconds: float = SECONDS, settle: float = SETTLE) -> list[Row]:
    folder = desk.drawer("hall")
    (folder / "dev").mkdir()
    ours, peers = Side(), Side()
    async with SimulatedHall(load_scene(config_folder() / "scenes" / "district.yaml"), folder, seed=SEED) as hall:
        site = folder / "site.yaml"
        links = hall.links()
        write_site(config_folder() / "sites" / "district.yaml", site, links=links, centre_url="", listen="127.0.0.1:1")
        devices: list[dict[str, Any]] = []
        edit_site(site, lambda tree: devices.extend(_without_cameras(tree)))
        for number in range(rounds):
            desk.tell(f"round {number + 1} of {rounds}, {len(devices)} devices")
            last = number == rounds - 1
            await _ours(site, folder, [device["id"] for device in devices], ours, seconds if last else 0, settle)
            await _peers(folder, devices, peers, seconds if last else 0, settle)
    return rows(ours, peers, len(devices))


def rows(ours: Side, peers: Side, devices: int) -> list[Row]:
    named = (("processor", "% of a core"), ("memory (PSS)", "MB"), ("wake-ups", "1/s"))
    name = f"host: exec to all {devices} devices ready, p50 of {len(ours.opened)}"
    return [
        lower_is_better(name, p50(ours.opened), "s", PEER, p50(peers.opened)),
        *(
            lower_is_better(f"host: idle, {what}", value, unit, PEER, other)
            for (what, unit), value, other in zip(named, ours.idle, peers.idle, strict=True)
        ),
        alone("host: idle, wake-ups a device", ours.idle[2] / devices, "1/s"),
    ]


def _without_cameras(tree: Any) -> list[dict[str, Any]]:
    gone = {device["id"] for device in tree["devices"] if device["driver"].startswith("camera.")}
    tree["devices"][:] = [device for device in tree["devices"] if device["id"] not in gone]
    for place in (*tree["windows"], *tree["kiosks"]):
        if place.get("camera") in gone:
            del place["camera"]
    tree.pop("centre", None)
    return [dict(device) for device in tree["devices"]]


async def _ours(site: Path, folder: Path, wanted: Sequence[str], side: Side, seconds: float, settle: float) -> None:
    address, hall = folder / "host.sock", PlayedHall(wanted)
    server = await asyncio.start_unix_server(hall.meet, str(address))
    address.chmod(0o600)
    words = [str(BIN / "hall-devices"), "--site", str(site), "--socket", str(address), "--runtime", str(folder)]
    with (folder / "host.log").open("ab") as log:
        began = time.perf_counter()
        process = await asyncio.create_subprocess_exec(*words, stdout=log, stderr=log)
    try:
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                await hall.ready.wait()
        except TimeoutError:
            raise RuntimeError(f"not ready: {', '.join(hall.missing())}") from None
        side.opened.append(time.perf_counter() - began)
        if seconds:
            side.idle = await _idle(process.pid, seconds, settle)
    finally:
        await _ended(process)
        server.close()


async def _peers(folder: Path, devices: Sequence[dict[str, Any]], side: Side, seconds: float, settle: float) -> None:
    words = [
        f"{device['driver'].partition('.')[2]}={_address(folder, device['link'])}"
        for device in devices
        if _has_line(device)
    ]
    argv = [sys.executable, "-m", "bench.peers.host_loop", *(word.replace("bus=", "hall485=") for word in words)]
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(*argv, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(OPEN_SECONDS):
            if await process.stdout.readline() != b"ready\n":
                raise RuntimeError("the peer did not open its lines")
        side.opened.append(time.perf_counter() - began)
        if seconds:
            side.idle = await _idle(process.pid, seconds, settle)
    finally:
        await _ended(process)


def _has_line(device: dict[str, Any]) -> bool:
    """Not a station on somebody's line, and not a speaker, which is a folder here."""
    return bool(device.get("link")) and not device["driver"].startswith("speaker.")


def _address(folder: Path, link: str) -> str:
    scheme, _, rest = link.partition(":")
    return str(folder / rest) if scheme == "serial" else rest.removeprefix("//").partition("?")[0]


async def _idle(pid: int, seconds: float, settle: float) -> tuple[float, float, float]:
    await asyncio.sleep(settle)
    process = psutil.Process(pid)
    before, woken, began = process.cpu_times(), _woken(pid), time.monotonic()
    await asyncio.sleep(seconds)
    passed, now = time.monotonic() - began, process.cpu_times()
    spent = now.user + now.system - before.user - before.system
    return spent / passed * 100, process.memory_full_info().pss / _MEGA, (_woken(pid) - woken) / passed


def _woken(pid: int) -> int:
    """Of all threads."""
    files = Path(f"/proc/{pid}/task").glob("*/status")
    lines = (line for file in files for line in file.read_text("ascii", "replace").splitlines())
    return sum(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt_switches"))


async def _ended(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    await process.wait()
