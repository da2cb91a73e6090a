"""The line between an end and its broker, with everything that lines do: slow, cut, silent, torn, twice, shuffled."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Final

_PUBLISH: Final = 3
LONGEST_BEHIND_S: Final = 0.2


@dataclass
class Weather:
    """`delay`: s each way; `rate`: bytes/s; `up`: new connections come through; `swallow`: octets vanish, "up", "down"
    or both; `tear`: reset the connection in the middle of the next packet; `twice`, `shuffle`: share of publishes."""

    delay: float = 0.0
    rate: float = 0.0
    up: bool = True
    swallow: frozenset[str] = frozenset()
    tear: bool = False
    twice: float = 0.0
    shuffle: float = 0.0


@dataclass
class FaultLine:
    """Relays 127.0.0.1:`port` to `target`; `weather` may change at any moment."""

    target: int
    random: Random
    port: int = 0
    weather: Weather = field(default_factory=Weather)
    doubled: int = 0
    _relays: set[asyncio.Task[None]] = field(default_factory=set)
    _server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        await self.cut()

    async def cut(self) -> None:
        """Every connection ends now; a new one may come at once."""
        relays = list(self._relays)
        for relay in relays:
            relay.cancel()
        await asyncio.gather(*relays, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._relays.add(task)
        try:
            if self.weather.up:
                await self._relay(reader, writer)
        except (OSError, asyncio.CancelledError, asyncio.IncompleteReadError):
            pass
        finally:
            self._relays.discard(task)
            writer.transport.abort()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        try:
            with suppress(ExceptionGroup):
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._pour("up", reader, far_writer, writer))
                    group.create_task(self._pour("down", far_reader, writer, writer))
        finally:
            far_writer.transport.abort()

    async def _pour(
        self, way: str, source: asyncio.StreamReader, sink: asyncio.StreamWriter, near: asyncio.StreamWriter
    ) -> None:
        async for packet in self._packets(source):
            weather = self.weather
            if weather.delay or weather.rate:
                await asyncio.sleep(weather.delay + (len(packet) / weather.rate if weather.rate else 0.0))
            if way in self.weather.swallow:
                continue
            if weather.tear and len(packet) > 1:
                weather.tear = False
                sink.write(packet[: self.random.randrange(1, len(packet))])
                await sink.drain()
                _reset(near)
                raise ConnectionResetError
            sink.write(packet)
            await sink.drain()
        raise ConnectionError("one end closed")

    async def _packets(self, source: asyncio.StreamReader) -> AsyncIterator[bytes]:
        """MQTT packets, some publishes twice or behind the next one."""
        reading = asyncio.ensure_future(_packet(source))
        try:
            while True:
                packet = await reading
                reading = asyncio.ensure_future(_packet(source))
                is_publish = packet[0] >> 4 == _PUBLISH
                if is_publish and self.random.random() < self.weather.shuffle:
                    await asyncio.wait({reading}, timeout=LONGEST_BEHIND_S)
                    if reading.done():
                        yield reading.result()
                        reading = asyncio.ensure_future(_packet(source))
                yield packet
                if is_publish and self.random.random() < self.weather.twice:
                    self.doubled += 1
                    yield packet
        finally:
            reading.cancel()


async def _packet(source: asyncio.StreamReader) -> bytes:
    head = await source.readexactly(2)
    length, shift = head[1] & 0x7F, 7
    while head[-1] & 0x80:
        head += await source.readexactly(1)
        length |= (head[-1] & 0x7F) << shift
        shift += 7
    return head + (await source.readexactly(length) if length else b"")


def _reset(writer: asyncio.StreamWriter) -> None:
    """The peer gets RST, not FIN."""
    sock = writer.get_extra_info("socket")
    with suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
