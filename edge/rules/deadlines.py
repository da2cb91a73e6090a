"""Working days and due dates. Pure: the calendar, the opening hours and the day it is are passed in.

Day 0 is the working day a case counts as received on; the first working day after it is day 1. A case handed in after
closing, or on a day off, counts as received on the next working day. Suspended days are not counted.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal

Light = Literal["green", "yellow", "red"]

_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5
_LAST_MONTH: Final = 12
_LAST_WORKING_DAYS: Final = 1
_SHARE: Final = 20  # per cent


class UnknownYear(Exception):
    """A date lies in a year whose holidays are not known here; nobody may guess them."""

    def __init__(self, year: int) -> None:
        super().__init__(f"no calendar for {year}")
        self.year = year


@dataclass(frozen=True, slots=True)
class Calendar:
    """`holidays`: days off on any weekday; `working_weekend_days`: Saturdays and Sundays that are worked (调休).

    `years`: the years whose list is complete. A date in any other year raises UnknownYear.
    """

    holidays: frozenset[date]
    working_weekend_days: frozenset[date]
    years: frozenset[int]

    def __post_init__(self) -> None:
        both = self.holidays & self.working_weekend_days
        if both:
            raise ValueError(f"{min(both)} is both off and worked")
        weekdays = [day for day in self.working_weekend_days if day.weekday() < _SATURDAY]
        if weekdays:
            raise ValueError(f"{min(weekdays)} is no weekend day")


@dataclass(frozen=True, slots=True)
class Session:
    """A stretch of the day in which the hall is open, local time."""

    opens: time
    closes: time

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError(f"{self.opens} is not before {self.closes}")


@dataclass(frozen=True, slots=True)
class Hours:
    """The sessions of a working day, in order; between two of them is the lunch break."""

    sessions: tuple[Session, ...]

    def __post_init__(self) -> None:
        if not self.sessions:
            raise ValueError("no session")
        for earlier, later in zip(self.sessions, self.sessions[1:], strict=False):
            if earlier.closes > later.opens:
                raise ValueError(f"{later.opens} is before {earlier.closes}")

    @property
    def close(self) -> time:
        return self.sessions[-1].closes


@dataclass(frozen=True, slots=True)
class Suspension:
    """A case's clock stands still on every day from `first` to `last`, both included; None = until further notice."""

    first: date
    last: date | None

    def __post_init__(self) -> None:
        if self.last is not None and self.last < self.first:
            raise ValueError(f"{self.last} is before {self.first}")

    def covers(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


def is_working_day(day: date, calendar: Calendar) -> bool:
    """Raises UnknownYear."""
    if day.year not in calendar.years:
        raise UnknownYear(day.year)
    if day in calendar.working_weekend_days:
        return True
    return day.weekday() < _SATURDAY and day not in calendar.holidays


def first_working_day(day: date, calendar: Calendar) -> date:
    """`day` itself, or the next working day. Raises UnknownYear."""
    while not is_working_day(day, calendar):
        day += _DAY
    return day


def add_working_days(start: date, n: int, calendar: Calendar) -> date:
    """The n-th working day after `start`; n = 0 is `start`, or the next working day where `start` is off.

    Raises UnknownYear; ValueError for a negative n.
    """
    return _add(start, n, calendar, ())


def working_days_after(start: date, end: date, calendar: Calendar) -> int:
    """Working days after `start`, up to and with `end`; negative when `end` is earlier. Raises UnknownYear."""
    if end < start:
        return -working_days_after(end, start, calendar)
    return sum(is_working_day(day, calendar) for day in _days_after(start, end))


def received_on(moment_local: datetime, close: time, calendar: Calendar) -> date:
    """The working day a case counts as received on. `moment_local`: the hall's wall time; `close` itself is in time.

    Raises UnknownYear.
    """
    day = moment_local.date()
    if moment_local.time() > close:
        day += _DAY
    return first_working_day(day, calendar)


def due_date(
    received_at: datetime,
    days: int,
    calendar: Calendar,
    hours: Hours,
    suspensions: Iterable[Suspension] = (),
) -> date | None:
    """The last day on which a limit of `days` working days is kept; None while a suspension has no end.

    `received_at`: the hall's wall time. Raises UnknownYear; ValueError for negative days.
    """
    stops = tuple(suspensions)
    if any(stop.last is None for stop in stops):
        return None
    return _add(received_on(received_at, hours.close, calendar), days, calendar, stops)


def remaining_working_days(today: date, due: date, calendar: Calendar) -> int:
    """Working days left after today, the due day included; 0 on the due day; negative after it. Raises UnknownYear."""
    return working_days_after(today, due, calendar)


def traffic_light(
    today: date, due: date, days: int, calendar: Calendar, *, share: int = _SHARE, last_days: int = _LAST_WORKING_DAYS
) -> Light:
    """red: the due day is over; yellow: `last_days` working days or `share` % of the limit of `days` is left, or less.

    Raises UnknownYear.
    """
    if today > due:
        return "red"
    left = remaining_working_days(today, due, calendar)
    return "yellow" if left <= last_days or 100 * left <= share * days else "green"


def next_year_is_missing(today: date, calendar: Calendar) -> bool:
    """From 1 December on: due dates of the next year cannot be computed, somebody must install its calendar."""
    return today.month == _LAST_MONTH and today.year + 1 not in calendar.years


def _add(start: date, n: int, calendar: Calendar, stops: tuple[Suspension, ...]) -> date:
    if n < 0:
        raise ValueError(f"{n} working days")
    day = first_working_day(start, calendar) if n == 0 else start
    while n > 0:
        day += _DAY
        n -= is_working_day(day, calendar) and not any(stop.covers(day) for stop in stops)
    return day


def _days_after(start: date, end: date) -> Iterator[date]:
    while start < end:
        start += _DAY
        yield start
