"""The line between a driver and its peer, in memory, and everything that can happen to it.

The driver's end is the ordinary StreamLink, so its code is tested with the driver's.
"""

import asyncio
import errno
import heapq
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, Literal, Protocol, TypeVar

from drivers.conform.peers import Peer, Say
from drivers.contract import Context, Link
from drivers.links.http import HttpLink
from drivers.links.stream import StreamLink, Wire

Spoiling = Literal["invert", "flip", "drop", "double"]
SPOILINGS: Final[tuple[Spoiling, ...]] = ("invert", "flip", "drop", "double")
_BYTE_SECONDS: Final = 0.0001
End = TypeVar("End", bound=asyncio.Protocol)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Offsets count the bytes towards the driver since the line was plugged in, over all its connections.

    `unplug_at`: the connection ends when the driver writes for that time, counted from 1. `refused`: errno of opening.
    """

    cut_at: int | None = None
    spoil_at: int | None = None
    spoiling: Spoiling = "invert"
    crumbs: bool = False
    unplug_at: int | None = None
    refused: int = 0


class Connected(Protocol):
    """A driver's hold of the line."""

    def lose(self) -> None: ...

    def play(self, says: Iterable[Say]) -> None: ...


class Line:
    """One cable. `said` bytes towards the driver, `writes` of the driver, and whether somebody holds it open."""

    def __init__(self, make_peer: Callable[[], Peer], trouble: Trouble | None = None) -> None:
        self._make_peer = make_peer
        self.trouble = trouble or Trouble()
        self.peer = make_peer()
        self.said = 0
        self.writes = 0
        self.connections: set[Connected] = set()

    def heal(self, make_peer: Callable[[], Peer] | None = None) -> None:
        """Another cable; the device switched on anew, or the right one in a stranger's place."""
        self.unplug()
        self.trouble = Trouble()
        self.peer = (make_peer or self._make_peer)()

    def unplug(self) -> None:
        for connection in tuple(self.connections):
            connection.lose()

    async def connect(self, new_wire: Callable[[], End]) -> End:
        await asyncio.sleep(0)
        if self.trouble.refused:
            raise OSError(self.trouble.refused, errno.errorcode[self.trouble.refused])
        return self.attach(new_wire())

    def attach(self, end: End) -> End:
        connection = _Connection(self, end)
        self.connections.add(connection)
        end.connection_made(connection)
        connection.play(self.peer.connected())
        return end

    def spoiled(self, data: bytes) -> tuple[bytes, bool]:
        """What arrives of `data`, and whether the cable is cut behind it."""
        start, trouble = self.said, self.trouble
        self.said += len(data)
        if trouble.cut_at is not None and self.said > trouble.cut_at:
            return data[: max(0, trouble.cut_at - start)], True
        at = -1 if trouble.spoil_at is None else trouble.spoil_at - start
        if not 0 <= at < len(data):
            return data, False
        byte = data[at]
        changed = {
            "invert": bytes((byte ^ 0xFF,)),
            "flip": bytes((byte ^ (1 << trouble.spoil_at % 8),)),  # type: ignore[operator]
            "drop": b"",
            "double": bytes((byte, byte)),
        }[trouble.spoiling]
        return data[:at] + changed + data[at + 1 :], False


class _Connection(asyncio.Transport):
    """From open to lost. Says come in the order of their moments; while the driver reads nothing, they wait."""

    def __init__(self, line: Line, wire: asyncio.Protocol) -> None:
        super().__init__()
        self._line = line
        self._wire = wire
        self._loop = asyncio.get_running_loop()
        self._order = count()
        self._coming: list[tuple[float, int, bytes, Iterator[Say]]] = []
        self._answers: deque[Iterable[Say]] = deque()  # a device answers one request after the other
        self._answering: Iterator[Say] | None = None
        self._under_way = b""
        self._timer: asyncio.TimerHandle | None = None
        self._paused = False
        self._closing = False

    def play(self, says: Iterable[Say]) -> None:
        voice = iter(says)
        if (say := next(voice, None)) is not None:
            heapq.heappush(self._coming, (self._loop.time() + say.after, next(self._order), say.data, voice))
            self._schedule()
        elif voice is self._answering:
            self._answering = None

    def answer(self, says: Iterable[Say]) -> None:
        self._answers.append(says)
        self._answer_next()

    def _answer_next(self) -> None:
        while self._answering is None and self._answers:
            voice = self._answering = iter(self._answers.popleft())
            self.play(voice)

    def lose(self) -> None:
        self._end(ConnectionResetError(errno.ECONNRESET, "unplugged"))

    # --- asyncio.Transport

    def write(self, data: Any) -> None:
        if self._closing:
            return
        self._line.writes += 1
        if self._line.writes == self._line.trouble.unplug_at:
            self.lose()
            return
        self._wire.pause_writing()  # so that writing has a moment at which it can be cut off
        self._loop.call_soon(self._wire.resume_writing)
        self.answer(self._line.peer.hear(bytes(data)))

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        return

    def is_closing(self) -> bool:
        return self._closing

    def abort(self) -> None:
        self._end(None)

    def close(self) -> None:
        self._end(None)

    def pause_reading(self) -> None:
        self._paused = True

    def resume_reading(self) -> None:
        self._paused = False
        self._schedule()

    # --- deliveries

    def _end(self, why: Exception | None) -> None:
        if self._closing:
            return
        self._closing = True
        self._line.connections.discard(self)
        if self._timer is not None:
            self._timer.cancel()
        self._loop.call_soon(self._wire.connection_lost, why)

    def _schedule(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._closing or self._paused or not (self._coming or self._under_way):
            return
        due = self._loop.time() + _BYTE_SECONDS if self._under_way else self._coming[0][0]
        self._timer = self._loop.call_at(due, self._deliver)

    def _deliver(self) -> None:
        if not self._under_way:
            _, _, self._under_way, voice = heapq.heappop(self._coming)
            self.play(voice)
            self._answer_next()
        size = 1 if self._line.trouble.crumbs else len(self._under_way)
        data, self._under_way = self._under_way[:size], self._under_way[size:]
        arriving, cut = self._line.spoiled(data)
        if arriving:
            self._wire.data_received(arriving)
        if cut:
            self.lose()
        self._schedule()


class LineLink(StreamLink):
    """The driver's end of a Line."""

    def __init__(self, ctx: Context, line: Line, baud: int | None = None) -> None:
        super().__init__("line", ctx)
        self._line = line
        self.baud = baud

    async def _connect(self, new_wire: Callable[[], Wire]) -> Wire:
        return await self._line.connect(new_wire)


class LineHttpLink(HttpLink):
    """The same for drivers that need a page of a web server."""

    def __init__(self, ctx: Context, line: Line, target: str = "/") -> None:
        super().__init__(ctx, "line", 80, target)
        self._ctx, self._line = ctx, line

    async def _connect(self, new_wire: Callable[[], Wire]) -> Wire:
        return await self._line.connect(new_wire)

    def beside(self, target: str) -> HttpLink:
        return LineHttpLink(self._ctx, self._line, target)


def line_link(scheme: str, ctx: Context, line: Line, baud: int | None = None) -> Link:
    return LineHttpLink(ctx, line) if scheme == "http" else LineLink(ctx, line, baud)
