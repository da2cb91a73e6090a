"""How long a service takes here, learned from the records of turns as they end."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sync.protocol.record import Record

_WEIGHT: Final = 0.1  # of the newest turn: about the last twenty count
_SHORTEST_MS: Final = 10_000  # less is a mistake of the hand, not a service
_LONGEST_MS: Final = 4 * 3_600_000  # more is a turn that nobody ended


class ServiceTimes:
    """Moving means, ms, by service; `first` until one has been seen. Learned anew after a start."""

    def __init__(self, first: int) -> None:
        self._first = first
        self._means: dict[str, float] = {}
        self._begun: dict[str, tuple[str, datetime]] = {}  # turn -> service, start

    def mean(self, service: str) -> int:
        return round(self._means.get(service, self._first))

    def follow(self, records: Iterable[Record]) -> None:
        for record in records:
            turn = str(record.body.get("service", ""))
            if record.kind == "service.started":
                self._begun[turn] = str(record.body["item"]), datetime.fromisoformat(record.at)
            elif record.kind == "service.finished" and turn in self._begun:
                service, start = self._begun.pop(turn)
                self._learn(service, (datetime.fromisoformat(record.at) - start).total_seconds() * 1000)
            elif record.kind == "day.closed":
                self._begun.clear()

    def _learn(self, service: str, took: float) -> None:
        if _SHORTEST_MS <= took <= _LONGEST_MS:
            known = self._means.get(service, float(self._first))
            self._means[service] = known + _WEIGHT * (took - known)
