"""The wire tap: what went over a link in the last minute, kept in memory for a technician's capture."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from drivers.contract import Link

WINDOW_SECONDS = 60.0
MOST_BYTES = 256 * 1024
OPENING_SECONDS = 5.0
MOST_OPENING_BYTES = 16 * 1024

Direction = Literal["in", "out", "open", "gap"]


@dataclass(frozen=True, slots=True)
class Chunk:
    """`at` is the link's monotonic clock. `data` is empty and `size` still right when the chunk was private.

    `open` and `gap` are marks without bytes: a connection began; what came in between was forgotten.
    """

    at: float
    direction: Direction
    data: bytes
    size: int


class WireTap:
    """A ring by time and by size. While `private` is set only sizes are kept: a person's data is on the wire."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._chunks: deque[Chunk] = deque()
        self._kept = 0
        self._opening: list[Chunk] = []
        self._opening_kept = 0
        self.private = False

    def opened(self) -> None:
        """A connection begins. Its first seconds are kept as long as it lives: without them nothing can be replayed."""
        self._opening, self._opening_kept = [], 0
        self._keep(Chunk(self._clock(), "open", b"", 0))

    def record(self, direction: Direction, data: bytes) -> None:
        self._keep(Chunk(self._clock(), direction, b"" if self.private else bytes(data), len(data)))

    def _keep(self, chunk: Chunk) -> None:
        self._chunks.append(chunk)
        self._kept += len(chunk.data)
        begun = self._opening[0].at if self._opening else chunk.at
        fits = self._opening_kept + len(chunk.data) <= MOST_OPENING_BYTES and chunk.at <= begun + OPENING_SECONDS
        if chunk.direction == "open" or (self._opening and fits):
            self._opening.append(chunk)
            self._opening_kept += len(chunk.data)
        self._forget()

    def recent(self) -> tuple[Chunk, ...]:
        """The bytes, oldest first, nothing older than a minute."""
        self._forget()
        return tuple(chunk for chunk in self._chunks if chunk.direction in ("in", "out"))

    def session(self) -> tuple[Chunk, ...]:
        """The last minute with its marks, and before it how the connection began."""
        self._forget()
        ring = tuple(self._chunks)
        if not self._opening or any(chunk is self._opening[0] for chunk in ring):
            return ring
        before = tuple(chunk for chunk in self._opening if not any(chunk is each for each in ring))
        return (*before, Chunk(ring[0].at if ring else self._clock(), "gap", b"", 0), *ring)

    def _forget(self) -> None:
        oldest = self._clock() - WINDOW_SECONDS
        while self._chunks and (self._chunks[0].at < oldest or self._kept > MOST_BYTES):
            self._kept -= len(self._chunks.popleft().data)


def keep_private(link: Link, private: bool) -> None:
    """Tell the link's tap, if it has one, whether personal data is about to cross the wire."""
    tap = getattr(link, "tap", None)
    if isinstance(tap, WireTap):
        tap.private = private
