"""The wire tap: what went over a link in the last minute, kept in memory for a technician's capture."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from drivers.contract import Link

WINDOW_SECONDS = 60.0
MOST_BYTES = 256 * 1024

Direction = Literal["in", "out"]


@dataclass(frozen=True, slots=True)
class Chunk:
    """`at` is the link's monotonic clock. `data` is empty and `size` still right when the chunk was private."""

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
        self.private = False

    def record(self, direction: Direction, data: bytes) -> None:
        kept = b"" if self.private else bytes(data)
        self._chunks.append(Chunk(self._clock(), direction, kept, len(data)))
        self._kept += len(kept)
        self._forget()

    def recent(self) -> tuple[Chunk, ...]:
        """Oldest first, nothing older than a minute."""
        self._forget()
        return tuple(self._chunks)

    def _forget(self) -> None:
        oldest = self._clock() - WINDOW_SECONDS
        while self._chunks and (self._chunks[0].at < oldest or self._kept > MOST_BYTES):
            self._kept -= len(self._chunks.popleft().data)


def keep_private(link: Link, private: bool) -> None:
    """Tell the link's tap, if it has one, whether personal data is about to cross the wire."""
    tap = getattr(link, "tap", None)
    if isinstance(tap, WireTap):
        tap.private = private
