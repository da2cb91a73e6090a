"""What serial lines and TCP have in common: an asyncio transport behind the Link contract."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable

from drivers.contract import Context, Link
from drivers.errors import Gone
from drivers.links.tap import WireTap
from drivers.links.trouble import LIBRARY_ERRORS, at_open, in_use

MOST_UNREAD = 64 * 1024


class Wire(asyncio.Protocol):
    """One connection from made to lost. Bytes wait here until somebody reads, so a cancelled read loses nothing."""

    def __init__(self, tap: WireTap) -> None:
        self._tap = tap
        self.transport: asyncio.Transport | None = None
        self.unread = bytearray()
        self.reason: BaseException | None = None
        self.lost = asyncio.Event()
        self.news = asyncio.Event()
        self.drained = asyncio.Event()
        self.drained.set()
        self._paused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        # With the marks at zero, resume_writing means: the operating system has every byte.
        transport.set_write_buffer_limits(high=0)

    def data_received(self, data: bytes) -> None:
        self._tap.record("in", data)
        self.unread += data
        self.news.set()
        if len(self.unread) > MOST_UNREAD and self.transport is not None:
            self._paused = True
            self.transport.pause_reading()

    def pause_writing(self) -> None:
        self.drained.clear()

    def resume_writing(self) -> None:
        self.drained.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.reason = exc
        self.lost.set()
        self.news.set()
        self.drained.set()

    @property
    def alive(self) -> bool:
        return self.transport is not None and not self.lost.is_set() and not self.transport.is_closing()

    def take(self, limit: int) -> bytes:
        data = bytes(self.unread[:limit])
        del self.unread[:limit]
        if self._paused and self.transport is not None and len(self.unread) <= MOST_UNREAD // 2:
            self._paused = False
            if self.alive:
                self.transport.resume_reading()
        return data


class StreamLink(ABC):
    """A Link over one asyncio transport. `tap` holds the last minute; `baud` is None where it has no meaning."""

    baud: int | None = None
    _path = ""

    def __init__(self, name: str, ctx: Context) -> None:
        self.name = name
        self.tap = WireTap(ctx.clock)
        self._grace = ctx.grace
        self._wire: Wire | None = None

    @abstractmethod
    async def _connect(self, new_wire: Callable[[], Wire]) -> Wire:
        """Make the connection; may raise any of LIBRARY_ERRORS."""

    def _let_go(self, transport: asyncio.Transport) -> None:
        """Start the end of the connection; whatever was not sent is dropped."""
        transport.abort()

    @property
    def is_open(self) -> bool:
        return self._wire is not None and self._wire.alive

    async def open(self) -> None:
        if self.is_open:
            return
        await self.close()
        try:
            self._wire = await self._connect(self._new_wire)
        except LIBRARY_ERRORS as problem:
            raise at_open(problem, self.name, self._path) from problem

    def _new_wire(self) -> Wire:
        self.tap.opened()
        return Wire(self.tap)

    async def close(self) -> None:
        wire, self._wire = self._wire, None
        if wire is None or wire.transport is None:
            return
        self._let_go(wire.transport)
        try:
            async with asyncio.timeout(self._grace):
                await wire.lost.wait()
        except TimeoutError:
            wire.connection_lost(None)  # the kernel still holds the port; whoever waits here need not

    async def read(self, limit: int = 4096) -> bytes:
        wire = self._opened()
        while not wire.unread:
            if not wire.alive:
                await wire.lost.wait()
                raise in_use(wire.reason, self.name)
            wire.news.clear()
            await wire.news.wait()
        return wire.take(limit)

    async def write(self, data: bytes) -> None:
        wire = self._opened()
        if not wire.alive or wire.transport is None:
            raise in_use(wire.reason, self.name)
        try:
            wire.transport.write(data)
        except LIBRARY_ERRORS as problem:
            raise in_use(problem, self.name) from problem
        self.tap.record("out", data)
        if wire.alive:
            await wire.drained.wait()
        if not wire.alive:
            raise in_use(wire.reason, self.name)

    def discard_input(self) -> bytes:
        return self._wire.take(len(self._wire.unread)) if self._wire else b""

    async def ended(self) -> None:
        """Returns when the open link is lost or closed; at once when it is not open."""
        if self._wire is not None:
            await self._wire.lost.wait()

    def _opened(self) -> Wire:
        if self._wire is None:
            raise Gone(f"{self.name}: not open")
        return self._wire


async def ended(link: Link) -> None:
    """Wait for the end of any link; for ever on one that cannot notice its end by itself."""
    if isinstance(link, StreamLink):
        await link.ended()
    else:
        await asyncio.Event().wait()
