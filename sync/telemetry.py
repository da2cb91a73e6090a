"""What a site measures of itself, kept in a ring until the line is idle (protocol page, sections 4 and 8, stream `t`).

Nothing personal can be in it: only these names are ever sent, each with a number.
"""

from collections import deque
from collections.abc import Callable, Mapping
from typing import Final

from sync.protocol.messages import Measured

UNITS: Final[Mapping[str, str]] = {
    "disk.used": "%",
    "files.waiting": "files",
    "journal.commits": "commits",
    "journal.next": "seq",
    "link.pending": "records",
    "link.oldest": "s",
    "link.held": "records",
    "link.rtt": "ms",
}
EVERY_S: Final = 300.0
AGAIN_S: Final = 5.0  # between tries to tell what was noted
ALL_AGAIN: Final = 12  # of so many looks one notes all: what was told may have been lost, or the centre with it
THINNED: Final = 5  # of so many looks one, where the disk is fuller than 70 %
SIZE: Final = 256
MOST: Final = 64  # in one message
_THIN_AT, _OFF_AT = 70, 80  # per cent of the disk


class Telemetry:
    """Newest wins: what does not fit any more pushes out the oldest, which is counted in `dropped`.

    `measure`: the numbers of now, by names of UNITS; one that is left out is not known.
    """

    def __init__(self, measure: Callable[[], Mapping[str, int]], up_ms: Callable[[], int], size: int = SIZE) -> None:
        self.dropped = 0
        self._measure = measure
        self._up_ms = up_ms
        self._ring: deque[Measured] = deque()
        self._size = size
        self._looks = 0
        self._last: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._ring)

    def look(self) -> None:
        """Note what changed since the last look; all of it now and then."""
        found = self._measure()
        used = found.get("disk.used", 0)
        self._looks += 1
        if used >= _OFF_AT or (used >= _THIN_AT and self._looks % THINNED):
            return
        if self._looks % ALL_AGAIN == 0:
            self._last.clear()
        for name, value in found.items():
            if self._last.get(name) != value:
                self._note(Measured(name=name, up=self._up_ms(), value=value, unit=UNITS[name]))
                self._last[name] = value

    def take(self) -> tuple[Measured, ...]:
        """The oldest, no longer kept: telemetry is sent once."""
        return tuple(self._ring.popleft() for _ in range(min(MOST, len(self._ring))))

    def _note(self, one: Measured) -> None:
        if len(self._ring) >= self._size:
            self._ring.popleft()
            self.dropped += 1
        self._ring.append(one)
