"""Brightness as people say it, and as Onbon cards count it: levels 0 (darkest) .. 15."""

_TOP = 15


def level_of(percent: int) -> int:
    """Nothing but 0 percent gives level 0."""
    return 0 if percent <= 0 else max(1, min(_TOP, round(percent * _TOP / 100)))


def percent_of(level: int) -> int:
    return round(level * 100 / _TOP)
