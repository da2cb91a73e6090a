"""A calendar on the wall: the days off of `config/calendar`, read and counted without a line of the product's code."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from ruamel.yaml import YAML

FOLDER: Final = Path(__file__).parents[3] / "config" / "calendar"
_CLOSES: Final = "17:30:00.000"


class NotPrinted(Exception):
    """The page of that year is not on the wall."""


class Wall:
    """`more`: years that no notice has been given for, with days off made up for the run."""

    def __init__(self, more: Mapping[int, Iterable[str]] = {}) -> None:
        self.off: set[str] = set()
        self.worked: set[str] = set()
        self.years: set[int] = set(more)
        for path in FOLDER.glob("cn-*.yaml"):
            page = YAML(typ="safe").load(path.read_text("utf-8"))
            if not page["complete"]:
                continue
            self.years.add(page["year"])
            for span in page["off"]:
                self.off |= set(_days(span["from"], span["to"]))
            self.worked |= {each["date"] for each in page["worked"]}
        for days in more.values():
            self.off |= set(days)

    def works(self, day: str) -> bool:
        """Raises NotPrinted."""
        if int(day[:4]) not in self.years:
            raise NotPrinted(day)
        weekend = date.fromisoformat(day).isoweekday() > 5
        return day in self.worked or not (weekend or day in self.off)

    def counts_from(self, at: str) -> str:
        """`at`: ISO moment in the hall's time. The working day on which something handed in then was received."""
        day, clock = at[:10], at[11:23]
        if clock > _CLOSES:
            day = tomorrow(day)
        while not self.works(day):
            day = tomorrow(day)
        return day

    def due(self, at: str, days: int, stood: Iterable[tuple[str, str]] = ()) -> str:
        """`stood`: spans of days, both ends included, on which the clock stood still."""
        still = {day for first, last in stood for day in _days(first, last)}
        day = self.counts_from(at)
        while days:
            day = tomorrow(day)
            if self.works(day) and day not in still:
                days -= 1
        return day


def tomorrow(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def yesterday(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def days_from(earlier: str, later: str) -> int:
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).days


def _days(first: str, last: str) -> Iterable[str]:
    while first <= last:
        yield first
        first = tomorrow(first)
