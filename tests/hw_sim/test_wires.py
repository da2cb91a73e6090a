import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from random import Random

import pytest
import serialx

from hw_sim.clock import RealClock, VirtualClock
from hw_sim.faults import FaultBox
from hw_sim.wires import FolderBerth, PtyWire, TcpWire
from tests.hw_sim.hosts import Tcp, serial_host

RATE = 960  # bytes a second at 9600 baud, ten bits each


class Echo:
    """Answers each packet with itself; remembers when bytes came."""

    def __init__(self) -> None:
        self.wire: PtyWire | TcpWire | None = None
        self.got = bytearray()
        self.moments: list[float] = []
        self.arrived = asyncio.Event()
        self.joins = self.leaves = 0

    def heard(self, data: bytes) -> None:
        self.got += data
        self.moments.append(time.monotonic())
        self.arrived.set()

    def joined(self) -> None:
        self.joins += 1
        self.arrived.set()

    def left(self) -> None:
        self.leaves += 1
        self.arrived.set()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(30):
            while len(self.got) < count:
                self.arrived.clear()
                await self.arrived.wait()


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
async def port(tmp_path: Path, echo: Echo) -> AsyncIterator[PtyWire]:
    wire = PtyWire(FolderBerth(tmp_path, "port-1"), RealClock(), FaultBox(), Random(1), baud=9600)
    await wire.open(echo)
    yield wire
    await wire.close()


async def test_a_port_is_a_link_under_dev_and_carries_bytes_both_ways(
    tmp_path: Path, port: PtyWire, echo: Echo
) -> None:
    assert port.link == "serial:dev/port-1?baud=9600"
    with serial_host(tmp_path / "dev/port-1", 9600) as host:
        host.write(b"\x00\x11\x13\xff\r\n")
        await echo.until(6)
        assert bytes(echo.got) == b"\x00\x11\x13\xff\r\n"
        port.say(b"\x03\x04\x1a\r")
        assert await host.read(4) == b"\x03\x04\x1a\r"


async def best_rate(count: int, cross: Callable[[], Awaitable[None]]) -> float:
    """Bytes a second of the first good run of five: a busy machine can make one late, nothing makes one early."""
    rates: list[float] = []
    while len(rates) < 5 and max(rates, default=0.0) < 0.9 * RATE:
        began = time.monotonic()
        await cross()
        rates.append(count / (time.monotonic() - began))
    return max(rates)


async def test_the_device_speaks_at_the_configured_speed(tmp_path: Path, port: PtyWire) -> None:
    with serial_host(tmp_path / "dev/port-1", 9600) as host:

        async def cross() -> None:
            port.say(bytes(480))
            await host.read(480)

        assert await best_rate(480, cross) == pytest.approx(RATE, rel=0.1)


async def test_the_host_is_heard_at_the_configured_speed(tmp_path: Path, port: PtyWire, echo: Echo) -> None:
    with serial_host(tmp_path / "dev/port-1", 9600) as host:

        async def cross() -> None:
            echo.got.clear()
            host.write(bytes(480))
            await echo.until(480)

        assert await best_rate(480, cross) == pytest.approx(RATE, rel=0.1)


async def test_at_another_speed_nothing_is_understood(tmp_path: Path, port: PtyWire, echo: Echo) -> None:
    sent = bytes(range(64))
    with serial_host(tmp_path / "dev/port-1", 115200) as host:
        host.write(sent)
        await echo.until(64)
        assert not any(a == b for a, b in zip(sent, echo.got, strict=True))
        port.say(sent)
        got = await host.read(64)
        assert not any(a == b for a, b in zip(sent, got, strict=True))


async def test_unplugging_is_an_input_output_error_and_plugging_in_a_new_pty_behind_the_same_link(
    tmp_path: Path, port: PtyWire, echo: Echo
) -> None:
    with serial_host(tmp_path / "dev/port-1", 9600) as host:
        port.unplug()
        assert not (tmp_path / "dev/port-1").is_symlink()
        with pytest.raises(OSError):
            await host.read(1)
        with pytest.raises(OSError):
            host.write(b"x")
    port.plug()
    with serial_host(tmp_path / "dev/port-1", 9600) as host:
        host.write(b"again")
        await echo.until(5)
    assert bytes(echo.got) == b"again"


async def test_a_port_can_come_back_elsewhere_and_return(tmp_path: Path, port: PtyWire) -> None:
    port.unplug()
    port.plug(elsewhere=True)
    assert os.listdir(tmp_path / "dev") == ["port-1-elsewhere"]
    assert port.link == "serial:dev/port-1-elsewhere?baud=9600"
    port.unplug()
    port.plug()
    assert os.listdir(tmp_path / "dev") == ["port-1"]


async def test_what_nobody_reads_is_lost_and_counted(tmp_path: Path, echo: Echo) -> None:
    wire = PtyWire(FolderBerth(tmp_path, "port-1"), RealClock(), FaultBox(), Random(1), baud=115200 * 100)
    await wire.open(echo)
    done = asyncio.Event()
    wire.say(bytes(100_000), done.set)
    async with asyncio.timeout(30):
        await done.wait()
    assert wire.overrun > 0
    await wire.close()


async def test_the_products_serial_library_speaks_on_it_and_sees_it_unplugged(
    tmp_path: Path, port: PtyWire, echo: Echo
) -> None:
    reader, writer = await serialx.open_serial_connection(str(tmp_path / "dev/port-1"), baudrate=9600)
    writer.write(b"ask")
    await echo.until(3)
    port.say(b"answer")
    async with asyncio.timeout(30):
        assert await reader.readexactly(6) == b"answer"
        port.unplug()
        with pytest.raises((OSError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
    writer.close()


@pytest.fixture
async def plug(clock: VirtualClock, echo: Echo) -> AsyncIterator[TcpWire]:
    wire = TcpWire(clock, FaultBox(), Random(1), idle=60.0)
    await wire.open(echo)
    yield wire
    await wire.close()


async def test_tcp_carries_bytes_both_ways(plug: TcpWire, echo: Echo, tcp: Tcp) -> None:
    host = await tcp(plug.link)
    host.write(b"hello")
    await echo.until(5)
    plug.say(b"world")
    assert await host.read(5) == b"world"


async def test_a_second_client_waits_until_the_first_has_gone(plug: TcpWire, echo: Echo, tcp: Tcp) -> None:
    first = await tcp(plug.link)
    first.write(b"first")
    await echo.until(5)
    second = await tcp(plug.link)
    second.write(b"second")
    plug.say(b"for the first")
    assert await first.read(13) == b"for the first"
    assert bytes(echo.got) == b"first"
    first.writer.close()
    await echo.until(11)
    assert bytes(echo.got) == b"firstsecond"
    plug.say(b"for the second")
    assert await second.read(14) == b"for the second"


async def test_an_idle_client_is_closed_after_a_minute(
    plug: TcpWire, echo: Echo, clock: VirtualClock, tcp: Tcp
) -> None:
    host = await tcp(plug.link)
    host.write(b"x")
    await echo.until(1)
    await clock.advance(59)
    plug.say(b"still here")
    assert await host.read(10) == b"still here"
    await clock.advance(1.1)
    assert await host.ended()


async def test_unplugged_tcp_refuses_and_comes_back_on_the_same_port(plug: TcpWire, echo: Echo, tcp: Tcp) -> None:
    link = plug.link
    host = await tcp(link)
    host.write(b"x")
    await echo.until(1)
    plug.unplug()
    assert await host.ended()
    with pytest.raises(ConnectionRefusedError):
        await tcp(link)
    plug.plug()
    assert plug.link == link
    again = await tcp(link)
    again.write(b"y")
    await echo.until(2)


async def test_tcp_elsewhere_is_another_port(plug: TcpWire, tcp: Tcp) -> None:
    link = plug.link
    plug.unplug()
    plug.plug(elsewhere=True)
    assert plug.link != link
    await tcp(plug.link)
    plug.unplug()
    plug.plug()
    assert plug.link == link


async def test_virtual_time_wakes_sleepers_in_order(clock: VirtualClock) -> None:
    order: list[str] = []

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        order.append(f"{name} {clock.now():g}")

    async with asyncio.TaskGroup() as group:
        for name, seconds in (("late", 5.0), ("early", 1.0), ("never", 20.0)):
            group.create_task(sleeper(name, seconds))
        await clock.advance(10)
        assert order == ["early 1", "late 5"]
        assert clock.now() == 10
        await clock.advance(10)
