import asyncio
from collections.abc import AsyncIterator

import pytest

from drivers.contract import Context
from drivers.errors import Absent, Gone
from drivers.links import make_link
from drivers.links.stream import StreamLink

pytestmark = pytest.mark.usefixtures("nothing_left")


class Server:
    def __init__(self) -> None:
        self.port = 0
        self.arrived: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self.arrived.put((reader, writer))


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    serving = Server()
    listener = await asyncio.start_server(serving.accept, "127.0.0.1", 0)
    serving.port = listener.sockets[0].getsockname()[1]
    yield serving
    listener.close()
    await listener.wait_closed()


async def test_bytes_both_ways_then_peer_closes(server: Server, ctx: Context) -> None:
    link = make_link(f"tcp://127.0.0.1:{server.port}?timeout=2", ctx)
    await link.open()
    reader, writer = await server.arrived.get()
    await link.write(b"ask")
    async with asyncio.timeout(30):
        assert await reader.readexactly(3) == b"ask"
        writer.write(b"answer")
        assert await link.read() == b"answer"
        writer.close()
        with pytest.raises(Gone):
            await link.read()
        with pytest.raises(Gone):
            await link.write(b"x")
    await link.close()


async def test_nobody_listens_is_absent(server: Server, ctx: Context) -> None:
    listener = await asyncio.start_server(server.accept, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    listener.close()
    await listener.wait_closed()
    with pytest.raises(Absent):
        await make_link(f"tcp://127.0.0.1:{port}", ctx).open()


async def test_write_returns_when_the_system_has_it_all(server: Server, ctx: Context) -> None:
    link = make_link(f"tcp://127.0.0.1:{server.port}", ctx)
    await link.open()
    reader, writer = await server.arrived.get()
    size = 8_000_000
    writing = asyncio.ensure_future(link.write(bytes(size)))
    await asyncio.sleep(0)
    assert not writing.done()
    async with asyncio.timeout(30):
        await reader.readexactly(size)
        await writing
    writer.close()
    await link.close()


async def test_a_write_nobody_takes_ends_with_the_connection(server: Server, ctx: Context) -> None:
    link = make_link(f"tcp://127.0.0.1:{server.port}", ctx)
    await link.open()
    _, writer = await server.arrived.get()
    writing = asyncio.ensure_future(link.write(bytes(20_000_000)))
    await asyncio.sleep(0)
    writer.transport.abort()
    async with asyncio.timeout(30):
        with pytest.raises(Gone):
            await writing
    await link.close()


async def test_the_link_opens_again_after_the_end(server: Server, ctx: Context) -> None:
    link = make_link(f"tcp://127.0.0.1:{server.port}", ctx)
    for _ in range(3):
        await link.open()
        _, writer = await server.arrived.get()
        writer.close()
        async with asyncio.timeout(30):
            with pytest.raises(Gone):
                await link.read()
    await link.close()


def test_tcp_has_no_speed(ctx: Context) -> None:
    link = make_link("tcp://127.0.0.1:9100", ctx)
    assert isinstance(link, StreamLink)
    assert link.baud is None
    assert link.name == "tcp://127.0.0.1:9100"
