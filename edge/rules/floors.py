"""Least numbers of a station that may have given some it no longer knows of: restored from an image."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Floors:
    """On `date` the next number is above these, by prefix of tickets and letter of cases; elsewhere above `gap`."""

    gap: int = 0
    date: str = ""
    tickets: Mapping[str, int] = field(default_factory=dict)
    cases: Mapping[str, int] = field(default_factory=dict)

    def ticket(self, date: str, prefix: str) -> int:
        return self.tickets.get(prefix, self.gap) if date == self.date else self.gap

    def case(self, date: str, letter: str) -> int:
        return self.cases.get(letter, self.gap) if date == self.date else self.gap


NO_FLOORS: Final = Floors()
