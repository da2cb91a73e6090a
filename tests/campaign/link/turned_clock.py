"""A wall clock that somebody turned; the monotonic one goes on, as the machine's does."""

import time
from dataclasses import dataclass


@dataclass
class TurnedClock:
    """`offset`: ms by which it is wrong now."""

    offset: int = 0

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000 + self.offset

    def up_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000
