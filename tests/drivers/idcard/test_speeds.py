"""Finding the module's speed on its own port (idcard.md section 1.1)."""

import asyncio
import termios
from typing import Any

import pytest

from drivers.contract import Context
from drivers.errors import DeviceError, Garbled, Late, Refused
from drivers.idcard.sam import SamConfig, SamReader
from drivers.links import make_link

pytestmark = pytest.mark.usefixtures("nothing_left")
SPEEDS = {
    115200: termios.B115200,
    57600: termios.B57600,
    38400: termios.B38400,
    19200: termios.B19200,
    9600: termios.B9600,
}


class OneSpeed:
    """Lets bytes through only while the host's port has the module's speed; else it answers `otherwise`."""

    def __init__(self, peer: Any, speed: int, otherwise: bytes = b"") -> None:
        self.speed = speed
        self.tried: list[int] = []
        self._peer = peer
        self._hear = peer.answer
        self._otherwise = otherwise
        peer.answer = self.hear

    def hear(self, data: bytes) -> None:
        now = next(speed for speed, code in SPEEDS.items() if code == termios.tcgetattr(self._peer.slave)[5])
        self.tried += [now] if self.tried[-1:] != [now] else []
        if now == self.speed:
            self._hear(data)
        elif self._otherwise:
            self._peer.send(self._otherwise)


def reader_at(peer: Any, ctx: Context, baud: int, **settings: Any) -> SamReader:
    link = make_link(f"serial://{peer.path}?baud={baud}", ctx)
    return SamReader(SamConfig(patience=0.1, baud="auto", **settings), link, ctx)


@pytest.mark.parametrize("speed", SPEEDS)
async def test_every_speed_is_found(peer: Any, sam: Any, ctx: Context, speed: int) -> None:
    module = OneSpeed(peer, speed)
    reader = reader_at(peer, ctx, 115200)
    assert (await reader.open()).serial.startswith("05.01-")
    assert module.tried == [s for s in SPEEDS if s >= speed]
    await reader.close()


async def test_the_configured_speed_comes_first_and_the_known_one_before_it(peer: Any, sam: Any, ctx: Context) -> None:
    module = OneSpeed(peer, 38400, otherwise=b"\x00\xfc\xfe")
    reader = reader_at(peer, ctx, 9600)
    await reader.open()
    assert module.tried == [9600, 115200, 57600, 38400]
    await reader.close()
    module.tried.clear()
    again = reader_at(peer, ctx, 9600)
    await again.open()
    assert module.tried == [38400]
    await again.close()


async def test_a_module_that_says_no_has_been_found(peer: Any, sam: Any, ctx: Context) -> None:
    sam.play("sam_status", "status_unauthorised")
    module = OneSpeed(peer, 57600)
    reader = reader_at(peer, ctx, 115200)
    with pytest.raises(Refused):
        await reader.open()
    assert module.tried == [115200, 57600]
    await reader.close()


@pytest.mark.parametrize(("otherwise", "error"), [(b"", Late), (b"hello\r\n", Garbled)])
async def test_no_speed_at_all(peer: Any, sam: Any, ctx: Context, otherwise: bytes, error: type[DeviceError]) -> None:
    OneSpeed(peer, 0, otherwise)
    link = make_link(f"serial://{peer.path}?baud=19200", ctx)
    reader = SamReader(SamConfig(patience=0.1, baud="auto"), link, ctx)
    with pytest.raises(error):
        await reader.open()
    assert not link.is_open
    assert link.baud == 19200  # type: ignore[attr-defined]


async def test_only_when_told_to(peer: Any, sam: Any, ctx: Context) -> None:
    module = OneSpeed(peer, 9600)
    reader = SamReader(SamConfig(patience=0.1), make_link(f"serial://{peer.path}?baud=115200", ctx), ctx)
    with pytest.raises(Late):
        await reader.open()
    assert module.tried == [115200]


async def test_a_line_without_a_speed_is_just_opened(ctx: Context, sam: Any) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sam.peer.send = writer.write
        while data := await reader.read(100):
            sam.peer.answer(data)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    reader = SamReader(SamConfig(baud="auto"), make_link(f"tcp://127.0.0.1:{port}", ctx), ctx)
    assert (await reader.open()).serial.startswith("05.01-")
    sam.lay_card()
    assert (await reader.read()).name == "张测试"
    await reader.close()
    server.close()
    await server.wait_closed()
