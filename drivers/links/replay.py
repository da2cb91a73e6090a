"""A capture in the place of a device: the same bytes in the same order, as fast as the driver asks."""

import asyncio
from collections import deque
from collections.abc import Iterable
from pathlib import Path

from drivers.contract import Context
from drivers.errors import Absent, BadConfig, Gone
from drivers.links import capture
from drivers.links.tap import Chunk, Direction, WireTap


class ReplayLink:
    """Answers only what was asked in the capture: the first byte that differs ends the link, and so does its end.

    Each opening goes on with the next connection of the capture; in a capture without such marks it starts from the
    beginning. What came in and was never read is passed over, as a driver does that discards its input. Masked bytes
    sent are only counted; reading masked bytes raises BadConfig, because nobody has them.
    """

    def __init__(self, name: str, ctx: Context, path: Path, quiet_end: bool = False) -> None:
        """`quiet_end`: after its last byte the capture's peer is silent, not gone."""
        self.name = name
        self._quiet_end = quiet_end
        self.tap = WireTap(ctx.clock)
        self._path = path
        self._bursts: deque[_Burst] = deque()
        self._marked = False
        self._news = asyncio.Event()
        self._open = False

    @property
    def is_open(self) -> bool:
        return self._open

    async def open(self) -> None:
        """Raises Absent without the file or another connection in it, BadConfig when it is no capture, Gone when the
        capture sent more on the connection before.
        """
        if self._open:
            return
        if self._marked:
            self._next_connection()
        else:
            self._load()
        self.tap.opened()
        self._open = True

    def _load(self) -> None:
        try:
            chunks = capture.load(self._path.read_text("utf-8"))
        except OSError as problem:
            raise Absent(f"{self.name}: {problem.strerror}") from problem
        except ValueError as problem:
            raise BadConfig(f"{self.name}: {problem}") from problem
        self._bursts = deque(_joined(chunks))
        self._marked = any(burst.direction == "open" for burst in self._bursts)
        if self._bursts and self._bursts[0].direction == "open":
            self._bursts.popleft()

    def _next_connection(self) -> None:
        while self._bursts:
            burst = self._bursts.popleft()
            if burst.direction == "open":
                return
            if burst.direction == "out":
                raise Gone(f"{self.name}: {burst.size} bytes of the capture were not sent")
        raise Absent(f"{self.name}: no other connection in the capture")

    @property
    def unsent(self) -> int:
        """Bytes that were sent in the capture and not yet now."""
        return sum(burst.size for burst in self._bursts if burst.direction == "out")

    async def close(self) -> None:
        self._open = False
        self._news.set()

    async def read(self, limit: int = 4096) -> bytes:
        while not self._heard():
            self._alive()
            if (not self._bursts and not self._quiet_end) or (self._bursts and self._bursts[0].direction == "open"):
                raise self._gone("the capture ends here")
            self._news.clear()
            await self._news.wait()
        self._alive()
        if self._bursts[0].data is None:
            raise BadConfig(f"{self.name}: {self._bursts[0].size} bytes received are masked in this capture")
        return self._take(limit)

    async def write(self, data: bytes) -> None:
        self._alive()
        self.discard_input()
        if not self._bursts or not self._bursts[0].agrees(data):
            raise self._gone(f"not in the capture: {data.hex(' ')}")
        self._bursts[0].drop(len(data))
        if not self._bursts[0].size:
            self._bursts.popleft()
        self.tap.record("out", data)
        self._news.set()

    def discard_input(self) -> bytes:
        return self._take(self._bursts[0].size) if self._heard() else b""

    def _heard(self) -> bool:
        while self._bursts and self._bursts[0].direction == "gap":
            self._bursts.popleft()
        return bool(self._bursts) and self._bursts[0].direction == "in"

    def _take(self, limit: int) -> bytes:
        burst = self._bursts[0]
        taken = burst.drop(limit)
        if not burst.size:
            self._bursts.popleft()
        self.tap.record("in", taken)
        return taken

    def _alive(self) -> None:
        if not self._open:
            raise Gone(f"{self.name}: not open")

    def _gone(self, why: str) -> Gone:
        self._open = False
        return Gone(f"{self.name}: {why}")


class _Burst:
    """Bytes of one direction with nothing between; `data` is None when they are masked."""

    def __init__(self, chunk: Chunk) -> None:
        self.direction: Direction = chunk.direction
        self.size = chunk.size
        self.data = chunk.data if len(chunk.data) == chunk.size else None

    def joins(self, chunk: Chunk) -> bool:
        same = self.direction == chunk.direction and self.direction in ("in", "out")
        return same and (self.data is None) == (len(chunk.data) != chunk.size)

    def join(self, chunk: Chunk) -> None:
        self.size += chunk.size
        self.data = None if self.data is None else self.data + chunk.data

    def agrees(self, sent: bytes) -> bool:
        if self.direction != "out":
            return False
        return len(sent) <= self.size if self.data is None else self.data.startswith(sent)

    def drop(self, count: int) -> bytes:
        count = min(count, self.size)
        self.size -= count
        taken = b"" if self.data is None else self.data[:count]
        self.data = None if self.data is None else self.data[count:]
        return taken


def _joined(chunks: Iterable[Chunk]) -> list[_Burst]:
    bursts: list[_Burst] = []
    for chunk in chunks:
        if bursts and bursts[-1].joins(chunk):
            bursts[-1].join(chunk)
        elif chunk.size or chunk.direction in ("open", "gap"):
            bursts.append(_Burst(chunk))
    return bursts
