"""The card's battery-backed clock, and its BCD numbers (led.md 1.4)."""

from datetime import datetime, time, timedelta
from typing import Final

# What the battery-backed clock says that nobody ever set.
NEVER_SET: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - the card knows no zone
CLOCK_BYTES: Final = 8


class BadMoment(ValueError):
    """Not BCD, or no such date or time."""


class Rtc:
    """Runs on the simulator's clock; survives a power cut."""

    def __init__(self) -> None:
        self._set_to = NEVER_SET
        self._set_at = 0.0

    def set(self, data: bytes, now: float) -> None:
        """Eight bytes as of command A2 03. Raises BadMoment."""
        self._set_to, self._set_at = read_moment(data), now

    def moment(self, now: float) -> datetime:
        return self._set_to + timedelta(seconds=now - self._set_at)

    def write(self, now: float) -> bytes:
        moment = self.moment(now)
        year = _bcd(moment.year // 100) + _bcd(moment.year % 100)
        parts = (moment.month, moment.day, moment.hour, moment.minute, moment.second, moment.isoweekday())
        return year[::-1] + b"".join(map(_bcd, parts))


def read_moment(data: bytes) -> datetime:
    """`data`: BCD: year (low, high), month, day, hour, minute, second, weekday (Monday = 1). Raises BadMoment."""
    if len(data) != CLOCK_BYTES:
        raise BadMoment(f"{len(data)} bytes")
    low, high, month, day, hour, minute, second, weekday = map(_number, data)
    try:
        moment = datetime(high * 100 + low, month, day, hour, minute, second)  # noqa: DTZ001 - the card knows no zone
    except ValueError as wrong:
        raise BadMoment(str(wrong)) from wrong
    if moment.isoweekday() != weekday:
        raise BadMoment(f"{moment:%Y-%m-%d} is no day {weekday} of the week")
    return moment


class PowerTimes:
    """Scheduled power of A3 01: times of day at which the panel goes on and off."""

    def __init__(self, payload: bytes) -> None:
        """Raises BadMoment: not a list of hours and minutes, or one too short or too long."""
        if not payload or len(payload) != 1 + 4 * payload[0]:
            raise BadMoment("number of groups and their bytes differ")
        times = [_time(payload[place : place + 2]) for place in range(1, len(payload), 2)]
        self._switches = sorted((moment, index % 2 == 0) for index, moment in enumerate(times))

    def __bool__(self) -> bool:
        return bool(self._switches)

    def is_on(self, moment: datetime) -> bool:
        """As the last switch says; before the day's first one, as the evening before left it."""
        past = [on for at, on in self._switches if at <= moment.time()]
        return past[-1] if past else self._switches[-1][1]


def _time(data: bytes) -> time:
    try:
        return time(_number(data[0]), _number(data[1]))
    except ValueError as wrong:
        raise BadMoment(str(wrong)) from wrong


def _bcd(number: int) -> bytes:
    return bytes([number // 10 << 4 | number % 10])


def _number(byte: int) -> int:
    if byte >> 4 > 9 or byte & 0x0F > 9:
        raise BadMoment(f"{byte:02X} is not BCD")
    return 10 * (byte >> 4) + (byte & 0x0F)
