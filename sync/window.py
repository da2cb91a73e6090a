"""What is out and unacknowledged on one connection, and how large the next batch may be."""

from collections import deque
from typing import Final, NamedTuple

from sync.protocol.frames import MAX_BATCH

FIRST_LIMIT: Final = 16 * 1024
LEAST_LIMIT: Final = 1024


class Sent(NamedTuple):
    last: int
    at_ms: int


class Window:
    """Lives as long as the uplink; `open` begins it anew for a connection."""

    def __init__(self) -> None:
        self.limit = FIRST_LIMIT
        self._out: deque[Sent] = deque()

    def open(self) -> None:
        self.limit = min(self.limit, FIRST_LIMIT)
        self._out.clear()

    def given_up(self) -> None:
        """The connection did not carry what was sent: begin smaller next time."""
        self.limit = max(self.limit // 2, LEAST_LIMIT)
        self._out.clear()

    def one_record_only(self) -> None:
        """The centre refused the form of a batch: let the next one show which record it is."""
        self.limit = 1

    def __len__(self) -> int:
        return len(self._out)

    @property
    def oldest_ms(self) -> int | None:
        return self._out[0].at_ms if self._out else None

    def sent(self, last: int, now_ms: int) -> None:
        self._out.append(Sent(last, now_ms))

    def acknowledged(self, upto: int) -> int | None:
        """The mark moved to `upto`: returns when the newest batch it covers was sent."""
        at_ms = None
        while self._out and self._out[0].last <= upto:
            at_ms = self._out.popleft().at_ms
        self.limit = min(max(self.limit, LEAST_LIMIT) * 2, MAX_BATCH)
        return at_ms

    def forget(self) -> None:
        """Everything out counts as lost and will be sent again."""
        self._out.clear()
