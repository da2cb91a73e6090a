"""What a single value may look like to cross. Nothing crosses that somebody could write a sentence or a name into.

A shape turns the hall's value into the one that crosses (`crosses`) and, at the other end, looks at that again
(`fits`). Neither says the value it refused: refusals are logged.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from edge.rules import numbers

_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ULID: Final = re.compile(rf"[0-7][{_CROCKFORD}]{{25}}")
_TICKET: Final = re.compile(r"[A-Z]{1,2}[0-9]{3,4}")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LOCK: Final = re.compile(r"[0-9a-f]{64}")
_MINUTE_MS: Final = 60_000
_DAY_MS: Final = 86_400_000
_AGO_DAYS: Final = 400  # how far dates and moments may lie from their record: no date of birth does
_AHEAD_DAYS: Final = 800
_OLD_DAYS: Final = 3660  # a case may be as old


class Misfit(ValueError):
    """The value does not cross. The message names the shape, never the value."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What values are held against: ids of windows, services and areas that both ends know, the eleven digits that
    the site's numbers begin with ('' = it gives none), and the record's own moment.
    """

    places: frozenset[str]
    numbers: str
    at: datetime


Test = Callable[[Any, Frame], bool]
Turn = Callable[[Any, Mapping[str, Any]], Any]


def _same(value: Any, _body: Mapping[str, Any]) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Shape:
    """`said`: how the list of what crosses names it. `turn`: what the hall's value becomes before it is held against
    `test`; it sees the whole body.
    """

    said: str
    test: Test
    turn: Turn = _same

    def crosses(self, value: Any, body: Mapping[str, Any], frame: Frame) -> Any:
        """Raises Misfit."""
        try:
            turned = self.turn(value, body)
        except (TypeError, ValueError) as error:
            raise Misfit(self.said) from error
        if not self.fits(turned, frame):
            raise Misfit(self.said)
        return turned

    def fits(self, value: Any, frame: Frame) -> bool:
        try:
            return self.test(value, frame)
        except (TypeError, ValueError, OverflowError):
            return False


def uid(prefix: str) -> Shape:
    """`t:<ulid>`; its time is that of something that happened not long before the record."""

    def test(value: Any, frame: Frame) -> bool:
        begin, _, rest = value.partition(":")
        if begin != prefix or not _ULID.fullmatch(rest):
            return False
        made = 0
        for character in rest[:10]:
            made = made * 32 + _CROCKFORD.index(character)
        now = int(frame.at.timestamp() * 1000)
        return now - _OLD_DAYS * _DAY_MS <= made <= now + _DAY_MS

    return Shape(f"{prefix}:ulid", test)


def word(*allowed: str) -> Shape:
    return Shape("one of " + " ".join(allowed), lambda value, _frame: type(value) is str and value in allowed)


def words(*allowed: str) -> Shape:
    """Several, none twice."""

    def test(value: Any, _frame: Frame) -> bool:
        return isinstance(value, list | tuple) and len(set(value)) == len(value) and set(value) <= set(allowed)

    return Shape("some of " + " ".join(allowed), test)


def count(most: int) -> Shape:
    return Shape(f"0 to {most}", lambda value, _frame: type(value) is int and 0 <= value <= most)


def place(prefix: str = "") -> Shape:
    """An id that the card of the hall names: window, service or area."""

    def test(value: Any, frame: Frame) -> bool:
        return type(value) is str and value.startswith(prefix) and value[len(prefix) :] in frame.places

    return Shape(f"{prefix}place", test)


def _near(day: date, frame: Frame) -> bool:
    of = frame.at.date()
    return of - timedelta(days=_AGO_DAYS) <= day <= of + timedelta(days=_AHEAD_DAYS)


def _is_date(value: Any, frame: Frame) -> bool:
    return _DATE.fullmatch(value) is not None and _near(date.fromisoformat(value), frame)


def _is_number(value: Any, frame: Frame) -> bool:
    return numbers.is_number(value) and bool(frame.numbers) and value.lstrip("RNBTJHZ").startswith(frame.numbers)


def _is_instant(value: Any, frame: Frame) -> bool:
    now = int(frame.at.timestamp() * 1000)
    return type(value) is int and (value == 0 or now - _AGO_DAYS * _DAY_MS <= value <= now + _AHEAD_DAYS * _DAY_MS)


def _in_minutes(value: Any, _body: Mapping[str, Any]) -> int:
    return int(value) // _MINUTE_MS


def lock_of(number: str, query_code: str) -> str:
    """What the other side compares with what a citizen types in: slow to try out, 64 hex digits."""
    made = hashlib.scrypt(query_code.encode(), salt=number.encode(), n=2**14, r=8, p=1, dklen=32)
    return made.hex()


def _locked(value: Any, body: Mapping[str, Any]) -> str:
    return lock_of(str(body["number"]), str(value))


TICKET: Final = Shape("ticket number", lambda value, _frame: _TICKET.fullmatch(value) is not None)
NUMBER: Final = Shape("number of this site", _is_number)
DATE: Final = Shape("date", _is_date)
DATE_OR_NONE: Final = Shape("date or none", lambda value, frame: value == "" or _is_date(value, frame))
DAY: Final = Shape(
    "day:date", lambda value, frame: value.startswith("day:") and _is_date(value.removeprefix("day:"), frame)
)
INSTANT: Final = Shape("moment or 0", _is_instant)
MINUTES: Final = Shape("minutes", lambda value, _frame: type(value) is int and 0 <= value <= 720, _in_minutes)
LOCK: Final = Shape("lock", lambda value, _frame: _LOCK.fullmatch(value) is not None, _locked)
