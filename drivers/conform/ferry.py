"""The kit's line behind a local socket, for drivers whose library wants a socket or that listen themselves.

Local sockets hand over at once, so time may stay virtual.
"""

import asyncio
import os
import socket
from typing import Final

from drivers.conform.line import Line
from drivers.contract import Context
from drivers.links.listen import ListenLink
from drivers.links.trouble import at_open

_DIALS_AGAIN: Final = 1.0  # seconds


class Ferry(asyncio.Protocol):
    """One connection: what the driver writes into its socket goes over the line, and back."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self.over = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._socket = transport
        self._far = self._line.attach(_Landing(transport)).far

    def data_received(self, data: bytes) -> None:
        self._far.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._far.abort()
        self.over.set()

    def abort(self) -> None:
        self._socket.abort()
        self._far.abort()


class _Landing(asyncio.Protocol):
    def __init__(self, near: asyncio.Transport) -> None:
        self._near = near

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.far = transport

    def data_received(self, data: bytes) -> None:
        self._near.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._near.abort()


def refuse(line: Line, name: str) -> None:
    """Raises what opening a link raises, when the line's trouble says so."""
    if line.trouble.refused:
        raise at_open(OSError(line.trouble.refused, os.strerror(line.trouble.refused)), name)


class Door:
    """A local socket at which a driver's library knocks."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._server: asyncio.Server | None = None
        self._ferries: list[Ferry] = []

    async def open(self, path: str) -> None:
        """Raises OSError."""
        if self._server is None:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_unix_server(self._knocked, path, start_serving=False)
            await self._server.start_serving()

    def close(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for ferry in self._ferries:
            ferry.abort()
        self._ferries.clear()

    def _knocked(self) -> Ferry:
        self._ferries = [ferry for ferry in self._ferries if not ferry.over.is_set()]
        self._ferries.append(Ferry(self._line))
        return self._ferries[-1]


class LineListenLink(ListenLink):
    """For drivers that listen: the peer dials in, and a second after its end again."""

    def __init__(self, ctx: Context, line: Line) -> None:
        super().__init__("ws://line", ctx, "line", 0)
        self._line = line
        self._dialling: asyncio.Task[None] | None = None
        self._ferry: Ferry | None = None

    async def open(self) -> None:
        if self.is_open:
            return
        await asyncio.sleep(0)
        refuse(self._line, self.name)
        self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._sock.bind("")
        self._sock.listen()
        self._sock.setblocking(False)
        self.tap.opened()
        self._dialling = asyncio.create_task(self._dial(self._sock.getsockname()))

    async def close(self) -> None:
        dialling, self._dialling = self._dialling, None
        if dialling is not None:
            dialling.cancel()
            await asyncio.gather(dialling, return_exceptions=True)
        if self._ferry is not None:
            self._ferry.abort()
            self._ferry = None
        await super().close()

    async def _dial(self, address: bytes) -> None:
        while True:
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            sock.setblocking(False)
            sock.connect(address)
            _, self._ferry = await asyncio.get_running_loop().create_connection(lambda: Ferry(self._line), sock=sock)
            await self._ferry.over.wait()
            await asyncio.sleep(_DIALS_AGAIN)
