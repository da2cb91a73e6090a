"""The host's end of the wires, written with the standard library only, and devices whose wire is a list."""

import asyncio
import json
import os
import termios
import tty
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from hw_sim.clock import VirtualClock
from hw_sim.faults import FaultBox
from hw_sim.wires import Wire

VECTORS = Path(__file__).parent / "vectors"
GOLDEN = Path(__file__).parent / "golden"


def vectors(name: str) -> dict[str, Any]:
    return json.loads((VECTORS / f"{name}_vectors.json").read_text("utf-8"))


class ListWire(Wire):
    """A wire without a host: what the device says is kept."""

    def __init__(self, clock: VirtualClock, faults: FaultBox, random: Random) -> None:
        super().__init__(clock, faults, random)
        self.said: list[bytes] = []

    @property
    def link(self) -> str:
        return "test:"

    def plug(self, *, elsewhere: bool = False) -> None:
        self.plugged = True

    def unplug(self) -> None:
        self.plugged = False
        self._forget()

    async def _write(self, data: bytes) -> None:
        self.said.append(data)

    def taken(self) -> bytes:
        said, self.said = b"".join(self.said), []
        return said


class SerialHost:
    """A port opened as a driver does: raw, at a speed, read by the loop."""

    def __init__(self, path: Path, baud: int = 115200) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(self._fd)
        mode = termios.tcgetattr(self._fd)
        mode[4] = mode[5] = getattr(termios, f"B{baud}")
        termios.tcsetattr(self._fd, termios.TCSANOW, mode)

    def write(self, data: bytes) -> None:
        os.write(self._fd, data)

    async def read(self, count: int, seconds: float = 30.0) -> bytes:
        """Until `count` bytes; TimeoutError with what came; OSError when the port is gone."""
        loop, got, ready = asyncio.get_running_loop(), bytearray(), asyncio.Event()
        loop.add_reader(self._fd, ready.set)
        try:
            async with asyncio.timeout(seconds):
                while len(got) < count:
                    await ready.wait()
                    ready.clear()
                    try:
                        data = os.read(self._fd, count - len(got))
                    except BlockingIOError:
                        continue
                    if not data:
                        raise OSError("port gone")
                    got += data
        except TimeoutError as late:
            raise TimeoutError(bytes(got)) from late
        finally:
            loop.remove_reader(self._fd)
        return bytes(got)

    async def silent(self, seconds: float = 0.1) -> bool:
        try:
            await self.read(1, seconds)
        except TimeoutError:
            return True
        return False

    def close(self) -> None:
        os.close(self._fd)


@contextmanager
def serial_host(path: Path, baud: int = 115200) -> Iterator[SerialHost]:
    host = SerialHost(path, baud)
    try:
        yield host
    finally:
        host.close()


class TcpHost:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def write(self, data: bytes) -> None:
        self.writer.write(data)

    async def read(self, count: int, seconds: float = 30.0) -> bytes:
        async with asyncio.timeout(seconds):
            return await self.reader.readexactly(count)

    async def ended(self, seconds: float = 30.0) -> bool:
        """The device closed or reset the connection."""
        try:
            async with asyncio.timeout(seconds):
                return not await self.reader.read(1)
        except ConnectionError:
            return True

    async def silent(self, seconds: float = 0.1) -> bool:
        try:
            async with asyncio.timeout(seconds):
                return not await self.reader.read(1)
        except TimeoutError:
            return True


Tcp = Callable[[str], Awaitable["TcpHost"]]


async def connect(link: str) -> TcpHost:
    address, port = link.removeprefix("tcp://").split(":")
    return TcpHost(*await asyncio.open_connection(address, int(port)))


class Bench:
    """Parts for one device on a ListWire."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.faults = FaultBox()
        self.random = Random(7)
        self.wire = ListWire(clock, self.faults, Random(8))

    def parts(self) -> tuple[ListWire, FaultBox, VirtualClock, Random]:
        return self.wire, self.faults, self.clock, self.random
