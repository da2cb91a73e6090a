"""The line between a station and its centre, as a cable one can pull: a TCP relay with a switch."""

import asyncio
from contextlib import suppress


class Line:
    """Relays 127.0.0.1:`port` to the broker while `up`. Pulling it cuts every connection at once."""

    def __init__(self, target_port: int) -> None:
        self.port = 0
        self.up = True
        self.octets = 0
        self._target_port = target_port
        self._relays: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        await self._cut()

    async def set_up(self, up: bool) -> None:
        self.up = up
        if not up:
            await self._cut()

    async def _cut(self) -> None:
        relays = list(self._relays)
        for relay in relays:
            relay.cancel()
        await asyncio.gather(*relays, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._relays.add(task)
        try:
            if self.up:
                await self._relay(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._relays.discard(task)
            writer.close()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
        try:
            with suppress(ExceptionGroup):
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._pour(reader, far_writer))
                    group.create_task(self._pour(far_reader, writer))
        finally:
            far_writer.close()

    async def _pour(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65_536):
            self.octets += len(data)
            sink.write(data)
            await sink.drain()
        raise ConnectionError("one end closed")
