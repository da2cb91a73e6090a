"""What a driver that hangs, eats memory or crashes costs the devices beside it, in one device host with real workers.

Three ill printers fail whenever they are ready: one blocks in native code, one takes memory without end, one aborts.
Beside them run devices that are asked all the time: four in the host's own loop (each an echo over TCP) and two in a
worker of their own kind. Their times are taken before and while the others fail, in the same run.
"""

import asyncio
import os
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final

from bench.desk import Desk
from bench.ill import IllPrinter, IllReader, IllSpeaker, WellInLoop, WellInProcess
from bench.rows import Row, alone
from bench.samples import p50, p99
from drivers.contract import Context
from drivers.errors import DeviceError
from drivers.links import make_link
from edge.devices.attached import Attached
from edge.devices.supervisor import build_supervisors
from edge.devices.worker_process import Limits
from edge.devices.worker_proxy import Workers
from edge.site_sections.lines import Device

WAYS: Final = {"hangs": IllPrinter, "eats memory": IllReader, "crashes": IllSpeaker}
QUIET_SECONDS: Final = 10.0
FAULTS: Final = 5
ASK_EVERY: Final = 0.02
_VERB_SECONDS: Final = 1.0
_LONGEST: Final = 100.0
_ROOT: Final = Path(__file__).parents[2]


@dataclass(slots=True)
class Seen:
    """`times`: (phase, "loop" | "process") -> seconds of each verb. `killed`, `back`: way -> seconds from the bad verb
    to the end of its worker, and from there to ready again. `faults`: until the quarantine. `failed`: verbs of well
    devices that failed."""

    times: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    back: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    killed: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    faults: dict[str, int] = field(default_factory=dict)
    failed: int = 0


async def measure(desk: Desk, quiet: float = QUIET_SECONDS) -> list[Row]:
    return rows(await watch(desk, quiet))


async def watch(desk: Desk, quiet: float) -> Seen:
    seen, before = Seen(), os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(_ROOT)  # workers import this module's drivers
    try:
        async with _host(desk.drawer("host")) as host:
            asking = [asyncio.create_task(host.ask(device, seen)) for device in host.well]
            try:
                desk.tell(f"all well for {quiet:g} s")
                host.phase = "before"
                await asyncio.sleep(quiet)
                desk.tell(f"three drivers fail {FAULTS} times each")
                host.phase = "during"
                async with asyncio.TaskGroup() as group:
                    for way, device in host.ill.items():
                        group.create_task(host.make_ill(way, device, seen))
            finally:
                for task in asking:
                    task.cancel()
                await asyncio.gather(*asking, return_exceptions=True)
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before
    return seen


def rows(seen: Seen) -> list[Row]:
    found = []
    for where in ("loop", "process"):
        for phase in ("before", "during"):
            times = [spent * 1e3 for spent in seen.times[phase, where]]
            for name, of in (("p50", p50), ("p99", p99)):
                found.append(alone(f"isolate: a verb beside, in a {where}, {phase}, {name}", of(times), "ms"))
    for way in WAYS:
        found.append(alone(f"isolate: {way}: from the bad verb to its end, most", max(seen.killed[way]), "s"))
        found.append(alone(f"isolate: {way}: from its end to ready again, most", max(seen.back[way]), "s"))
        found.append(alone(f"isolate: {way}: faults until quarantine", seen.faults[way], "faults"))
    return [*found, alone("isolate: verbs beside that failed", seen.failed, "verbs")]


class _Host:
    """`well`: asked all the time. `phase`: "" while nothing is measured."""

    def __init__(self, attached: dict[str, Attached]) -> None:
        self.attached = attached
        self.ill = {way: attached[f"ill-{number}"] for number, way in enumerate(WAYS)}
        self.well = [device for device in attached.values() if not device.id.startswith("ill-")]
        self.phase = ""
        self.news = asyncio.Event()

    def tell(self, device: Attached) -> None:
        self.news.set()

    async def until(self, device: Attached, *states: str) -> None:
        async with asyncio.timeout(_LONGEST):
            while (device.health.code or device.health.state) not in states:
                self.news.clear()
                await self.news.wait()

    async def ask(self, device: Attached, seen: Seen) -> None:
        kind = device.id.partition("-")[0]
        while True:
            begun = time.perf_counter()
            try:
                await device.call("beep", None, 5.0)
            except DeviceError:
                seen.failed += 1
            if self.phase:
                seen.times[self.phase, kind].append(time.perf_counter() - begun)
            await asyncio.sleep(ASK_EVERY)

    async def make_ill(self, way: str, device: Attached, seen: Seen) -> None:
        """As soon as it is ready it fails again, until it is set aside."""
        for number in range(1, 3 * FAULTS):
            began = time.perf_counter()
            # Before it is made ill: on a busy machine it is dead and buried before a task of ours begins.
            handle = os.pidfd_open(int(device.identity.serial))
            ending = asyncio.create_task(_ends(handle))
            try:
                await device.call("print", {"id": way, "lines": []}, _VERB_SECONDS)
            except DeviceError:
                pass
            died = await ending
            seen.killed[way].append(died - began)
            await self.until(device, "driver_fault", "quarantined", "starting")
            await self.until(device, "ready", "quarantined")
            if device.health.code == "quarantined":
                seen.faults[way] = number
                return
            seen.back[way].append(time.perf_counter() - died)


async def _ends(handle: int) -> float:
    """When the process behind this pidfd, closed then, was seen dead."""
    gone = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(handle, gone.set)
    try:
        async with asyncio.timeout(_LONGEST):
            await gone.wait()
    finally:
        loop.remove_reader(handle)
        os.close(handle)
    return time.perf_counter()


@asynccontextmanager
async def _host(folder: Path) -> AsyncIterator[_Host]:
    async with _echo() as port:
        link = f"tcp://127.0.0.1:{port}"
        ctx = Context(time.monotonic, Random(1), lambda *_, **__: None, runtime=str(folder))
        claims = folder / "claims"
        claims.mkdir()
        host: _Host

        def attach(name: str, cls: type[Any], number: int) -> Attached:
            # Every device its own port as far as claims go.
            setup = Device(id=f"{name}-{number}", driver="bench", link=f"{link}?timeout={number + 1}")
            return Attached(setup, cls, ctx, lambda device: host.tell(device), workers)

        async with Workers(ctx, Limits(memory=160 * 1024 * 1024)) as workers, asyncio.TaskGroup() as group:
            made = [attach("ill", cls, number) for number, cls in enumerate(WAYS.values())]
            made += [attach("loop", WellInLoop, number) for number in range(4)]
            made += [attach("process", WellInProcess, number) for number in range(2)]
            host = _Host({device.id: device for device in made})
            tasks = []
            for device in made:
                own = claims / device.id
                own.mkdir()
                facts: Any = {"make_link": make_link, "ctx": ctx, "holder": "bench", "claims": own}
                (one,) = build_supervisors({device.id: device}, on_event=lambda *_: None, **facts)
                tasks.append(group.create_task(one.run()))
            for device in made:
                await host.until(device, "ready")
            try:
                yield host
            finally:
                for task in tasks:
                    task.cancel()


@asynccontextmanager
async def _echo() -> AsyncIterator[int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(100):
                writer.write(data)
        except ConnectionError:
            return
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
