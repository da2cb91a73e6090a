"""A small door for HTTP on the loopback: can be shut and opened again, breaks every connection when it shuts."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from typing import Final

from hw_sim.loopback import listener

_LONGEST_REQUEST: Final = 8192
_PATIENCE: Final = 10.0  # seconds for a request to come

Serve = Callable[[str, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class HttpDoor:
    """`serve` gets the path of each good GET; `tell` is called when a client has left.

    `port` 0: a free one, kept over shutting.
    """

    def __init__(
        self, port: int, serve: Serve, spawn: Callable[..., asyncio.Task[None]], tell: Callable[[], None]
    ) -> None:
        self._port = self.port = port
        self._serve = serve
        self._spawn = spawn
        self._tell = tell
        self._listener: socket.socket | None = None
        self._accepting: asyncio.Task[None] | None = None
        self._open: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @property
    def clients(self) -> int:
        return len(self._open)

    def open(self, *, elsewhere: bool = False) -> None:
        if self._listener is not None:
            return
        door = listener(0 if elsewhere else self._port)
        self.port = door.getsockname()[1]
        if not elsewhere:
            self._port = self.port
        self._listener = door
        self._accepting = self._spawn(self._accept(door))

    def shut(self) -> None:
        if self._accepting is not None:
            self._accepting.cancel()
        if self._listener is not None:
            self._listener.close()
        self._accepting = self._listener = None
        for task, writer in list(self._open.items()):
            writer.transport.abort()
            task.cancel()

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            client, _ = await loop.sock_accept(listener)
            reader, writer = await asyncio.open_connection(sock=client, limit=_LONGEST_REQUEST)
            task = self._spawn(self._attend(reader, writer))
            self._open[task] = writer
            task.add_done_callback(self._gone)

    def _gone(self, task: asyncio.Task[None]) -> None:
        self._open.pop(task, None)
        self._tell()

    async def _attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(OSError, TimeoutError):
                path = await _asked(reader, writer)
                if path is not None:
                    await self._serve(path, reader, writer)
                await writer.drain()
        finally:
            writer.close()


async def _asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str | None:
    """The path; None: answered already, or gone."""
    try:
        async with asyncio.timeout(_PATIENCE):
            head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        say(writer, 431)
        return None
    except asyncio.IncompleteReadError:
        return None
    match head.split(b"\r\n", 1)[0].split(b" "):
        case [b"GET", path, version] if version.startswith(b"HTTP/1."):
            return path.partition(b"?")[0].decode("ascii", "replace")
        case [_, _, version] if version.startswith(b"HTTP/1."):
            say(writer, 405)
        case _:
            say(writer, 400)
    return None


_REASONS: Final = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}


def say(writer: asyncio.StreamWriter, status: int, kind: str = "text/plain", content: bytes | None = b"") -> None:
    """`content` None: it follows by itself, until the connection ends."""
    reason = _REASONS.get(status, "Error")
    length = "" if content is None else f"Content-Length: {len(content)}\r\n"
    head = f"HTTP/1.1 {status} {reason}\r\nContent-Type: {kind}\r\n{length}Cache-Control: no-store\r\n"
    writer.write(f"{head}Connection: close\r\n\r\n".encode() + (content or b""))
