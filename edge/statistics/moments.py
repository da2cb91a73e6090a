"""Moments for measuring: the monotonic clock of each boot, laid on the wall clock once, so that a clock set in the
middle of a wait neither lengthens nor shortens it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sync.protocol.record import Record

JUMP_MS: Final = 5_000  # wall clock against monotonic: more is a clock that was set


class Moments:
    """`of` gives ms; only differences mean anything. `jumps`: how often the wall clock was set while it ran."""

    def __init__(self) -> None:
        self.jumps = 0
        self._laid: dict[str, int] = {}  # boot -> wall clock at monotonic 0
        self._last: dict[str, int] = {}

    def of(self, record: Record) -> int:
        wall, up, boot = wall_ms(record.at), int(record.data["up"]), str(record.data["boot"])
        offset = wall - up
        laid = self._laid.setdefault(boot, offset)
        before = self._last.setdefault(boot, offset)
        if abs(offset - before) > JUMP_MS:
            self.jumps += 1
        self._last[boot] = offset
        return laid + up


def wall_ms(at: str) -> int:
    return round(datetime.fromisoformat(at).timestamp() * 1000)


def hour(at: str) -> int:
    """Of the hall's own wall clock."""
    return int(at[11:13])


def moments(records: Iterable[Record]) -> list[tuple[Record, int]]:
    clock = Moments()
    return [(record, clock.of(record)) for record in records]
