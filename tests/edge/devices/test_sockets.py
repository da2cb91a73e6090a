"""A hub loses power: every USB device vanishes and comes back in another order under other names (F17); devices are
swapped by hand (F18); an unknown one is plugged (F19). Real supervisors and links on ptys."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel

from drivers.contract import Context, Event, Health, Identity, Info, Kind, Link
from drivers.errors import Absent
from drivers.links import make_link
from edge.devices.attached import Attached
from edge.devices.hotplug import HotPlug
from edge.devices.supervisor import build_supervisors
from edge.site_sections.lines import Device
from tests.support.pty_ports import NamedPort
from tests.support.sysfs import FakeMachine, Usb

PORTS = 60
HUBS = 10


class NoConfig(BaseModel):
    pass


class Namesake:
    """Asks the device for its name at every opening and takes lines it sends as keys."""

    info: ClassVar[Info] = Info(kind=Kind.KEYPAD, maker="test", models=("n",), links=("serial",))
    Config: ClassVar[type[BaseModel]] = NoConfig

    def __init__(self, config: NoConfig, link: Link, ctx: Context) -> None:
        self.link = link

    async def open(self) -> Identity:
        await self.link.open()
        self.link.discard_input()
        await self.link.write(b"?")
        return Identity(serial=await self._line())

    async def check(self) -> Health:
        return Health(state="ready")

    async def close(self) -> None:
        await self.link.close()

    async def events(self) -> AsyncIterator[Event]:
        while True:
            yield Event(name="key", data={"key": await self._line()})

    async def _line(self) -> str:
        said = b""
        while not said.endswith(b"\n"):
            said += await self.link.read()
        return said.decode().strip()


@dataclass
class Hall:
    """`places`: usb port by device id. `seen`: every (device, what it said it is) since the start."""

    fake: FakeMachine
    ports: dict[str, NamedPort]
    places: dict[str, Usb]
    nodes: dict[str, str] = field(default_factory=dict)
    attached: dict[str, Attached] = field(default_factory=dict)
    heard: list[tuple[str, Event]] = field(default_factory=list)
    told: asyncio.Event = field(default_factory=asyncio.Event)

    def plug(self, name: str, node: str, place: Usb | None = None) -> None:
        self.nodes[name] = node
        self.fake.usb_serial(place or self.places[name], node, self.ports[name].plug())

    def unplug(self, name: str) -> None:
        self.fake.unplug(self.nodes.pop(name))
        self.ports[name].unplug()

    async def until(self, holds: Callable[[], bool], seconds: float = 30.0) -> None:
        async with asyncio.timeout(seconds):
            while not holds():
                self.told.clear()
                await self.told.wait()

    def ready(self) -> bool:
        return all(device.health.state == "ready" for device in self.attached.values())

    def on_health(self, device: Attached) -> None:
        self.told.set()

    def on_event(self, device: str, event: Event) -> None:
        self.heard.append((device, event))
        self.told.set()


def places(count: int, serials: bool = False) -> dict[str, Usb]:
    return {
        f"d{n}": Usb(f"{n // (count // HUBS or 1) + 1}.{n % (count // HUBS or 1) + 1}", serial=f"S{n}" * serials)
        for n in range(count)
    }


@asynccontextmanager
async def running(tmp_path: Path, count: int, options: str = "", serials: bool = False) -> AsyncIterator[Hall]:
    where = places(count, serials)
    hall = Hall(FakeMachine(tmp_path), {name: NamedPort(name) for name in where}, where)
    ctx = Context(time.monotonic, Random(1), lambda *_, **__: None, runtime=str(tmp_path), root=str(tmp_path))
    for number, (name, usb) in enumerate(where.items()):
        hall.plug(name, f"ttyUSB{number}")
        expected = options.format(n=number)
        link = f"serial-at:pci-0000:00:14.0-usb-0:{usb.port}:1.0-port0?baud=115200{expected}"
        setup = Device(id=name, driver="test.namesake", link=link)
        hall.attached[name] = Attached(setup, Namesake, ctx, hall.on_health)  # type: ignore[arg-type]
    claims = tmp_path / "claims"
    claims.mkdir()
    async with HotPlug(str(tmp_path)) as hotplug, asyncio.TaskGroup() as group:
        facts: Any = {"make_link": make_link, "ctx": ctx, "on_event": hall.on_event, "holder": "test"}
        supervisors = build_supervisors(hall.attached, **facts, claims=claims, hotplug=hotplug)
        tasks = [group.create_task(supervisor.run()) for supervisor in supervisors]
        try:
            await hall.until(hall.ready, 30)
            yield hall
        finally:
            for task in tasks:
                task.cancel()
            for port in hall.ports.values():
                port.unplug()


def identities(hall: Hall) -> dict[str, str]:
    return {name: device.identity.serial for name, device in hall.attached.items()}


async def test_sixty_ports_return_in_another_order_under_other_names(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    async with running(tmp_path, PORTS) as hall:
        random = Random(7)
        for away in (0.0, 1.0):
            for name in hall.places:
                hall.unplug(name)
            await hall.until(lambda: not any(each.health.state == "ready" for each in hall.attached.values()), 20)
            await asyncio.sleep(away)
            order, numbers = list(hall.places), list(range(PORTS))
            random.shuffle(order)
            random.shuffle(numbers)
            begun = time.monotonic()
            for name, number in zip(order, numbers, strict=True):
                hall.plug(name, f"ttyUSB{number}")
            await hall.until(hall.ready, 30)
            spent = time.monotonic() - begun
            record_property(f"recovery of {PORTS} ports after {away:g} s away", round(spent, 2))
            print(f"{PORTS} ports ready {spent:.2f} s after the first came back")
            assert identities(hall) == {name: name for name in hall.places}
        # Not only what was asked at opening: what each device says now arrives as its own.
        for name, port in hall.ports.items():
            port.say(f"{name}\n".encode())
        await hall.until(lambda: len(hall.heard) >= PORTS, 20)
        assert {(device, event.data["key"]) for device, event in hall.heard} == {(name, name) for name in hall.places}


async def test_two_swapped_devices_with_numbers_are_both_refused_and_named(tmp_path: Path) -> None:
    async with running(tmp_path, 20, options="&serial=S{n}", serials=True) as hall:
        one, two = "d0", "d1"
        hall.unplug(one)
        hall.unplug(two)
        hall.plug(one, "ttyUSB0", Usb(hall.places[two].port, serial="S0"))
        hall.plug(two, "ttyUSB1", Usb(hall.places[one].port, serial="S1"))
        swapped = (hall.attached[one], hall.attached[two])
        asked = len(hall.ports[one].heard), len(hall.ports[two].heard)
        await hall.until(lambda: all(each.health.code == "wrong_device" for each in swapped))
        assert "holds number S1, not S0" in swapped[0].health.detail
        assert (len(hall.ports[one].heard), len(hall.ports[two].heard)) == asked, "no byte to either"
        assert all(hall.attached[f"d{n}"].health.state == "ready" for n in range(2, 20))


async def test_an_unknown_device_is_bound_to_nothing(tmp_path: Path) -> None:
    async with running(tmp_path, 10) as hall:
        stranger = NamedPort("stranger")
        hall.fake.usb_serial(Usb("11.1", usb_id="dead:beef"), "ttyUSB77", stranger.plug())
        hall.unplug("d3")
        await hall.until(lambda: hall.attached["d3"].health.code == "absent")
        hall.plug("d3", "ttyUSB3")
        await hall.until(hall.ready)
        assert stranger.heard == b""
        stranger.unplug()


async def test_plain_absence_is_never_given_up(tmp_path: Path) -> None:
    """Absent a hundred times is no quarantine: the socket filled at last is served at once."""
    async with running(tmp_path, 10) as hall:
        hall.unplug("d5")
        device = hall.attached["d5"]
        await hall.until(lambda: device.health.code in ("absent", "gone"))
        with pytest.raises(Absent):
            await device.call("identify", None, 1.0)
        await asyncio.sleep(1.2)
        begun = time.monotonic()
        hall.plug("d5", "ttyUSB40")
        await hall.until(hall.ready)
        assert time.monotonic() - begun < 1.0
