"""The USB link over a real USB/IP line: pyusb, our backend, a server written from the kernel's page for tests."""

import asyncio
import errno
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import usb.core
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.contract import Context
from drivers.errors import Absent, BadConfig, Busy, Denied, DeviceError, Garbled, Gone, ServiceDown, WrongDevice
from drivers.links import make_link
from drivers.links.usb import UsbLink, Wanted
from drivers.links.usb_descriptors import configuration, device_descriptor
from tests.support.usbip_server import UsbDevice, UsbIpServer

Until = Callable[[Callable[[], bool]], Awaitable[None]]


@pytest.fixture
async def server(nothing_left: None) -> AsyncIterator[UsbIpServer]:
    device = UsbDevice()
    async with UsbIpServer(device) as serving:
        device.hear = lambda address, data: serving.say(0x81, data)
        yield serving


@pytest.fixture
async def link(server: UsbIpServer, ctx: Context) -> AsyncIterator[Any]:
    made = make_link(server.url, ctx)
    await made.open()
    yield made
    await made.close()


async def read(link: Any) -> bytes:
    async with asyncio.timeout(30):
        return await link.read()


async def test_bytes_there_and_back(link: Any, server: UsbIpServer) -> None:
    await link.write(b"hello")
    assert await read(link) == b"hello"
    assert server.device.heard == [(2, b"hello")]
    assert [(chunk.direction, chunk.data) for chunk in link.tap.recent()] == [("out", b"hello"), ("in", b"hello")]


async def test_a_cancelled_read_loses_nothing(link: Any, server: UsbIpServer) -> None:
    waiting = asyncio.ensure_future(link.read())
    await asyncio.sleep(0)
    waiting.cancel()
    server.say(0x81, b"late")
    assert await read(link) == b"late"


async def test_waiting_longer_than_a_transfer_lasts(link: Any, server: UsbIpServer, until: Until) -> None:
    """Reads are withdrawn and made anew; nothing is lost between them."""
    await until(lambda: server.unlinked >= 2)
    server.say(0x81, b"still here")
    assert await read(link) == b"still here"


async def test_unplugged_is_gone(link: Any, server: UsbIpServer) -> None:
    waiting = asyncio.ensure_future(read(link))
    await asyncio.sleep(0)
    server.unplug()
    with pytest.raises(Gone):
        await waiting
    assert not link.is_open
    with pytest.raises(Gone):
        await link.write(b"x")
    with pytest.raises(Absent):
        await link.open()
    server.plug_in()
    await link.open()
    await link.write(b"again")
    assert await read(link) == b"again"


@pytest.mark.parametrize("says", [1, 2])
async def test_a_device_in_use_is_busy(link: Any, server: UsbIpServer, ctx: Context, says: int) -> None:
    server.busy_says = says
    other = make_link(server.url, ctx)
    with pytest.raises(Busy):
        await other.open()
    await link.close()
    await other.open()
    await other.close()


async def test_nobody_there(server: UsbIpServer, ctx: Context) -> None:
    with pytest.raises(Absent):
        await make_link(server.url.replace("1-1.2", "9-9"), ctx).open()
    with pytest.raises(Absent):
        await make_link("usbip://127.0.0.1:1/1-1", ctx).open()


async def test_another_device_in_its_place(server: UsbIpServer, ctx: Context, until: Until) -> None:
    with pytest.raises(WrongDevice):
        await make_link(server.url + "?id=0483:5652", ctx).open()
    await until(lambda: server.importers == 0)
    right = make_link(server.url + "?id=0400:C35A", ctx)
    await right.open()
    await right.close()


async def test_endpoints_by_configuration(server: UsbIpServer, ctx: Context) -> None:
    server.device.endpoints = (0x81, 0x82, 0x02, 0x03)
    server.device.hear = lambda address, data: server.say(0x82, data)
    link = make_link(server.url + "?in=82&out=03", ctx)
    await link.open()
    await link.write(b"x")
    assert await read(link) == b"x"
    assert server.device.heard == [(3, b"x")]
    await link.close()
    with pytest.raises(BadConfig):
        await make_link(server.url + "?in=84", ctx).open()


async def test_a_hid_device_gets_whole_reports(server: UsbIpServer, ctx: Context) -> None:
    server.device.interface_class, server.device.kind = 3, 3
    link = make_link(server.url, ctx)
    await link.open()
    await link.write(b"abc")
    assert await read(link) == b"abc" + bytes(61)
    await link.close()


async def test_opened_and_closed_many_times(server: UsbIpServer, ctx: Context) -> None:
    link = make_link(server.url, ctx)
    for _ in range(5):
        await link.open()
        await link.open()
        assert link.is_open
        await link.close()
        await link.close()
        assert server.importers <= 1


async def test_an_opening_that_was_cancelled_lets_go(server: UsbIpServer, ctx: Context, until: Until) -> None:
    for turns in range(0, 40, 4):
        link = make_link(server.url, ctx)
        opening = asyncio.ensure_future(link.open())
        for _ in range(turns):
            await asyncio.sleep(0)
        opening.cancel()
        await asyncio.wait([opening])
        if not opening.cancelled():
            await link.close()
        await until(lambda: server.importers == 0)


@pytest.mark.parametrize(
    "url",
    [
        "usb-at:?id=0400:c35a",
        "usb-at:pci-0000:00:14.0-usb-0:1.2",
        "usb-at:pci-0000:00:14.0-usb-0:1.2?id=400",
        "usb-at:pci-0000:00:14.0-usb-0:1.2?id=0400:c35a&in=xx",
        "usb-at:pci-0000:00:14.0-usb-0:1.2?id=0400:c35a&baud=9600",
        "usbip://127.0.0.1/1-1",
        "usbip://127.0.0.1:99999/1-1",
        "usbip://127.0.0.1:3240",
    ],
)
def test_urls_that_say_too_little(url: str, ctx: Context) -> None:
    with pytest.raises(BadConfig):
        make_link(url, ctx)


def test_what_the_operating_system_refuses(ctx: Context) -> None:
    def refuse(code: int) -> DeviceError:
        def find() -> Any:
            raise usb.core.USBError("no", errno=code)

        link = UsbLink("usb", ctx, find, Wanted())
        with pytest.raises(DeviceError) as caught:
            link._claim()
        return caught.value

    assert isinstance(refuse(errno.EACCES), Denied)
    assert isinstance(refuse(errno.EBUSY), Busy)
    assert isinstance(refuse(errno.ENODEV), Absent)


def test_a_machine_without_libusb_says_so(ctx: Context) -> None:
    def find() -> Any:
        raise usb.core.NoBackendError("No backend available")

    with pytest.raises(ServiceDown, match="libusb"):
        UsbLink("usb", ctx, find, Wanted())._claim()


async def test_a_device_that_left_between_the_look_and_the_opening(ctx: Context, tmp_path: Path) -> None:
    """No node, so the machine's own libusb is asked, which knows no such address (or is not installed)."""
    ctx.root = str(tmp_path / "machine")
    plug(Path(ctx.root), "1-1.2", 127, "0400", "c35a", "")
    (tmp_path / "machine/dev/bus/usb/001/127").unlink()
    with pytest.raises((Absent, ServiceDown)):
        await make_link("usb-at:pci-0000:00:14.0-usb-0:1.2?id=0400:c35a", ctx).open()


async def test_by_socket_below_another_root(server: UsbIpServer, ctx: Context, tmp_path: Path) -> None:
    """The socket's node names the simulated device; the socket is looked up anew at each opening."""
    ctx.root = str(tmp_path / "machine")
    plug(Path(ctx.root), "1-1.2", 7, "0400", "c35a", server.url)
    link = make_link("usb-at:pci-0000:00:14.0-usb-0:1.2?id=0400:c35a", ctx)
    await link.open()
    await link.write(b"x")
    assert await read(link) == b"x"
    await link.close()
    with pytest.raises(Absent):
        await make_link("usb-at:pci-0000:00:14.0-usb-0:1.3?id=0400:c35a", ctx).open()
    with pytest.raises(WrongDevice):
        await make_link("usb-at:pci-0000:00:14.0-usb-0:1.2?id=0483:5652", ctx).open()


def plug(root: Path, name: str, number: int, vendor: str, product: str, url: str) -> None:
    """A device in sysfs as Linux lays it out, behind the controller pci-0000:00:14.0."""
    pci = root / "sys/devices/pci0000:00/0000:00:14.0"
    device = pci / f"usb1/1-1/{name}"
    device.mkdir(parents=True)
    for folder, subsystem in ((pci, "pci"), (pci / "usb1", "usb"), (pci / "usb1/1-1", "usb"), (device, "usb")):
        (root / f"sys/bus/{subsystem}").mkdir(parents=True, exist_ok=True)
        (folder / "subsystem").symlink_to(root / f"sys/bus/{subsystem}")
    facts = {"idVendor": vendor, "idProduct": product, "busnum": "1", "devnum": str(number), "bDeviceClass": "00"}
    for fact, value in facts.items():
        (device / fact).write_text(value + "\n")
    (root / "sys/bus/usb/devices").mkdir(parents=True)
    # As the kernel does it: relative, through devices.
    (root / f"sys/bus/usb/devices/{name}").symlink_to(Path("../../..") / device.relative_to(root / "sys"))
    node = root / f"dev/bus/usb/001/{number:03}"
    node.parent.mkdir(parents=True)
    node.write_text(url)


WHOLE = UsbDevice(endpoints=(0x81, 0x85, 0x02, 0x06), interface_class=3).configuration()


def test_descriptors() -> None:
    made = configuration(WHOLE)
    assert (made.head.bNumInterfaces, len(made.interfaces)) == (1, 1)
    [alternate] = made.interfaces[0]
    assert [e.bEndpointAddress for e in alternate.endpoints] == [0x81, 0x85, 0x02, 0x06]
    assert device_descriptor(UsbDevice().device_descriptor(), bus=1).idProduct == 0xC35A


def test_descriptors_cut_at_every_offset() -> None:
    for end in range(len(WHOLE)):
        try:
            made = configuration(WHOLE[:end])
        except Garbled:
            continue
        assert sum(len(a.endpoints) for i in made.interfaces for a in i) < 4


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_damaged_descriptors_are_garbled_or_odd_but_nothing_worse(at: int, change: int) -> None:
    bad = bytearray(WHOLE)
    bad[at] ^= change
    try:
        configuration(bytes(bad))
    except Garbled:
        return


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=120))
def test_any_bytes_for_descriptors(data: bytes) -> None:
    for parse in (configuration, device_descriptor):
        try:
            parse(data)
        except Garbled:
            continue
