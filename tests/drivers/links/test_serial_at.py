"""A port by socket: found at every open, wherever the kernel put it; another device or another port is never used."""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from drivers.contract import Context
from drivers.errors import Absent, BadConfig, Busy, Gone, WrongDevice
from drivers.links import make_link
from tests.support.pty_ports import NamedPort
from tests.support.sysfs import FakeMachine, Usb

PLACE = "serial-at:pci-0000:00:14.0-usb-0:1.2:1.0-port0"


@pytest.fixture
def fake(tmp_path: Path) -> FakeMachine:
    return FakeMachine(tmp_path)


@pytest.fixture
def here(ctx: Context, fake: FakeMachine) -> Context:
    return dataclasses.replace(ctx, root=str(fake.root))


@pytest.fixture
async def ports() -> AsyncIterator[list[NamedPort]]:
    made = [NamedPort("first"), NamedPort("second")]
    yield made
    for port in made:
        port.unplug()


async def name_of(url: str, ctx: Context) -> str:
    link = make_link(url, ctx)
    await link.open()
    try:
        await link.write(b"?")
        said = b""
        while not said.endswith(b"\n"):
            said += await link.read()
        return said.decode().strip()
    finally:
        await link.close()


async def test_the_same_socket_under_another_name(here: Context, fake: FakeMachine, ports: list[NamedPort]) -> None:
    first, second = ports
    fake.usb_serial(Usb("1.2"), "ttyUSB0", first.plug())
    fake.usb_serial(Usb("1.3"), "ttyUSB1", second.plug())
    assert await name_of(f"{PLACE}?baud=115200", here) == "first"
    fake.unplug("ttyUSB0")
    fake.unplug("ttyUSB1")
    fake.usb_serial(Usb("1.3"), "ttyUSB0", second.plug())
    fake.usb_serial(Usb("1.2"), "ttyUSB1", first.plug())
    assert await name_of(PLACE, here) == "first"


async def test_one_link_object_looks_again_at_each_open(
    here: Context, fake: FakeMachine, ports: list[NamedPort]
) -> None:
    link = make_link(PLACE, here)
    fake.usb_serial(Usb("1.2"), "ttyUSB0", ports[0].plug())
    await link.open()
    ports[0].unplug()
    with pytest.raises(Gone):
        await link.read()
    fake.unplug("ttyUSB0")
    with pytest.raises(Absent):
        await link.open()
    fake.usb_serial(Usb("1.2"), "ttyUSB9", ports[0].plug())
    await link.open()
    assert link.is_open
    await link.close()


async def test_an_empty_socket_is_absent_even_when_the_next_one_is_full(
    here: Context, fake: FakeMachine, ports: list[NamedPort]
) -> None:
    fake.usb_serial(Usb("1.1"), "ttyUSB0", ports[0].plug())
    with pytest.raises(Absent):
        await make_link(PLACE, here).open()
    assert ports[0].heard == b""


@pytest.mark.parametrize("expected", ["id=067b:2303", "serial=B002", "id=1a86:7523&serial=B002"])
async def test_another_device_in_the_socket_gets_no_byte(
    here: Context, fake: FakeMachine, ports: list[NamedPort], expected: str
) -> None:
    fake.usb_serial(Usb("1.2", serial="A001"), "ttyUSB0", ports[0].plug())
    with pytest.raises(WrongDevice):
        await make_link(f"{PLACE}?{expected}", here).open()
    assert ports[0].heard == b""


async def test_the_right_device_is_taken(here: Context, fake: FakeMachine, ports: list[NamedPort]) -> None:
    fake.usb_serial(Usb("1.2", serial="A001"), "ttyUSB0", ports[0].plug())
    assert await name_of(f"{PLACE}?baud=9600&id=1A86:7523&serial=A001", here) == "first"


async def test_a_port_that_moves_while_it_is_opened_is_let_go(
    here: Context, fake: FakeMachine, ports: list[NamedPort], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel may give the node to another device between the look and the open."""
    fake.usb_serial(Usb("1.2"), "ttyUSB0", ports[0].plug())
    link = make_link(PLACE, here)
    look, looks = link._look, []  # type: ignore[attr-defined]

    def moving() -> object:
        looks.append(1)
        if len(looks) == 2:
            fake.unplug("ttyUSB0")
            fake.usb_serial(Usb("1.2"), "ttyUSB5", ports[0].plug())
        return look()

    monkeypatch.setattr(link, "_look", moving)
    with pytest.raises(Absent, match="moved"):
        await link.open()
    assert not link.is_open


async def test_two_links_to_one_socket_exclude_each_other(
    here: Context, fake: FakeMachine, ports: list[NamedPort]
) -> None:
    node = ports[0].plug()
    fake.usb_serial(Usb("1.2"), "ttyUSB0", node)
    first = make_link(PLACE, here)
    await first.open()
    with pytest.raises(Busy):
        await make_link(f"serial://{node}", here).open()
    await first.close()


@pytest.mark.parametrize("bad", ["serial-at:", "serial-at://x/y", "serial-at:a?id=7523", "serial-at:a?port=1"])
def test_bad_urls(ctx: Context, bad: str) -> None:
    with pytest.raises(BadConfig):
        make_link(bad, ctx)
