"""How bright a panel looks at each of its levels."""

from typing import Any, Final

# A panel at its lowest level is still read.
_LOWEST: Final = 0.6


def dimmed(level: int, brightest: int) -> float:
    """Share of the full light, from 0.6 at level 0 to 1."""
    return round(_LOWEST + (1 - _LOWEST) * level / brightest, 3)


def is_level(value: Any, brightest: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= brightest
