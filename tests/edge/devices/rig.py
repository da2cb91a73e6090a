"""A hall's registry and a device host in one loop, joined by a real unix socket, with drivers made for the test."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, ClassVar

from pydantic import BaseModel

from config import folder
from drivers.contract import Context, Event, Health, Identity, Info, Kind, Page, Paper, Printed, PrintJob, Prompt
from drivers.errors import DeviceError
from edge.devices.attached import Attached
from edge.devices.host import Host
from edge.devices.registry import Happened, Registry
from edge.devices.supervisor import build_supervisors
from edge.site import Site
from edge.site_sections.lines import Device
from tests.support.virtual_time import now


class NoConfig(BaseModel):
    pass


@dataclass
class Bench:
    """What the test's devices are told and do. `trouble[id]` is raised by open, check and verbs of that device."""

    trouble: dict[str, DeviceError] = field(default_factory=dict)
    shown: list[tuple[str, Any]] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    events: dict[str, asyncio.Queue[Event | DeviceError]] = field(default_factory=dict)
    verb_seconds: float = 0.0
    printed: list[str] = field(default_factory=list)

    def queue(self, device: str) -> asyncio.Queue[Event | DeviceError]:
        return self.events.setdefault(device, asyncio.Queue())

    def check(self, device: str) -> None:
        if device in self.trouble:
            raise self.trouble[device]


class Toy:
    """The life of a device whose wire is the Bench."""

    Config = NoConfig
    kind: ClassVar[Kind] = Kind.DISPLAY

    def __init__(self, config: NoConfig, link: Any, ctx: Context) -> None:
        self.bench: Bench = ctx.extra["bench"]
        self.id: str = link if isinstance(link, str) else f"{link.id}/station"

    async def open(self) -> Identity:
        self.bench.check(self.id)
        self.bench.opened.append(self.id)
        return Identity(model="toy")

    async def check(self) -> Health:
        self.bench.check(self.id)
        return Health(state="ready")

    async def close(self) -> None:
        return

    async def events(self) -> AsyncIterator[Event]:
        while True:
            item = await self.bench.queue(self.id).get()
            if isinstance(item, DeviceError):
                raise item
            yield item


def _info(kind: Kind) -> Info:
    return Info(kind=kind, maker="test", models=("toy",), links=("toy",))


class ToyDisplay(Toy):
    info = _info(Kind.DISPLAY)

    async def show(self, page: Page) -> None:
        self.bench.check(self.id)
        self.bench.shown.append((self.id, [line.text for line in page.lines]))

    async def clear(self) -> None:
        self.bench.shown.append((self.id, None))


class ToyBus(Toy):
    info = _info(Kind.BUS)


class ToyPad(Toy):
    info = _info(Kind.RATING_PAD)

    async def ask(self, prompt: Prompt) -> None:
        self.bench.shown.append((self.id, prompt.nonce))

    async def withdraw(self) -> None:
        self.bench.shown.append((self.id, None))


class ToyPrinter(Toy):
    info = _info(Kind.PRINTER)

    async def status(self) -> Paper:
        self.bench.check(self.id)
        return Paper(state="ok")

    async def print(self, job: PrintJob) -> Printed:
        self.bench.check(self.id)
        await asyncio.sleep(self.bench.verb_seconds)
        self.bench.printed.append(job.id)
        return Printed(bytes=1)


TOYS: dict[str, Any] = {
    "led.onbon6e": ToyDisplay,
    "hall485.bus": ToyBus,
    "hall485.pad": ToyPad,
    "printer.escpos": ToyPrinter,
}


def small_site() -> Site:
    from ruamel.yaml import YAML

    site = Site.model_validate(YAML(typ="safe").load((folder() / "sites/station.yaml").read_text("utf-8")))
    keep = {"led-1", "printer-1", "rs485-1", "pad-1"}
    return site.model_copy(update={"devices": tuple(d for d in site.devices if d.id in keep)})


@dataclass
class Rig:
    bench: Bench
    registry: Registry
    host: Host
    happened: list[Happened]
    socket: Path
    hall: asyncio.Task[None]
    machine: asyncio.Task[None]

    async def kill_hall(self) -> None:
        await _end(self.hall)


async def until(holds: Any, seconds: float = 60.0) -> None:
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.05)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def new_registry(happened: list[Happened], fence: int = 1) -> Registry:
    async def on_event(event: Happened) -> None:
        happened.append(event)

    return Registry(small_site(), fence=fence, on_event=on_event, on_change=lambda: None)


@asynccontextmanager
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    bench = Bench()
    ctx = Context(clock=now, random=Random(1), note=lambda *a, **k: None, extra={"bench": bench})
    site = small_site()
    happened: list[Happened] = []
    registry = new_registry(happened)
    host: Host

    def attach(setup: Device) -> Attached:
        return Attached(setup, TOYS[setup.driver], ctx, lambda device: host.on_health(device))

    attached = {setup.id: attach(setup) for setup in site.devices}
    supervisors = build_supervisors(
        attached,
        make_link=lambda url, _: next(d.id for d in site.devices if d.link == url),  # type: ignore[arg-type,return-value]
        ctx=ctx,
        on_event=lambda device, event: host.on_event(device, event),
        holder="test",
        claims=tmp_path,
    )
    host = Host("main", "00" * 8, attached, supervisors, ctx)
    socket = tmp_path / "d.sock"
    hall = asyncio.ensure_future(registry.serve(socket))
    machine = asyncio.ensure_future(host.run(str(socket)))
    made = Rig(bench, registry, host, happened, socket, hall, machine)
    try:
        yield made
    finally:
        await _end(machine)
        await _end(made.hall)
