"""Time and identity come from outside, so tests run in virtual time and replay from a seed."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Clock(Protocol):
    def now_ms(self) -> int:
        """Wall clock, ms since 1970-01-01T00:00Z; may be wrong, never used for order."""

    def up_ms(self) -> int:
        """Monotonic clock, ms; for durations and deadlines."""


@dataclass(frozen=True, slots=True)
class SystemClock:
    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def up_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000


def iso(now_ms: int, zone: ZoneInfo) -> str:
    """`2026-11-23T09:14:07.312+08:00`: the form of `at` in records."""
    moment = datetime.fromtimestamp(now_ms // 1000, zone) + timedelta(milliseconds=now_ms % 1000)
    return moment.isoformat(timespec="milliseconds")


@dataclass(frozen=True, slots=True)
class Ids:
    """Makes ids from a clock and a random source: `new("t")` -> `t:01JD…` (a ULID)."""

    clock: Clock
    random_bytes: Callable[[int], bytes] = os.urandom

    def new(self, prefix: str) -> str:
        number = self.clock.now_ms() << 80 | int.from_bytes(self.random_bytes(10), "big")
        digits = "".join(CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))
        return f"{prefix}:{digits}"

    def hex16(self) -> str:
        return self.random_bytes(8).hex()
