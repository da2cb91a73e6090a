"""When to ask again and when to try again (protocol page, section 4, step 6)."""

from random import Random
from typing import Final

FIRST_SRTT_MS: Final = 1_000
SHORTEST_RTO_MS: Final = 3_000
LONGEST_RTO_MS: Final = 60_000
_OF: Final = 8  # a new answer weighs one part of so many


class Pace:
    """Lives as long as the uplink: what one connection learns about the way serves the next."""

    def __init__(self, cap_s: float) -> None:
        self._srtt_ms = float(FIRST_SRTT_MS)
        self._seen_ms: float | None = None  # the same without the guess it begins with: for people
        self._cap_s = cap_s
        self._tries = 0

    @property
    def rtt_ms(self) -> int | None:
        """Smoothed; None before the first answer."""
        return None if self._seen_ms is None else round(self._seen_ms)

    @property
    def rto_ms(self) -> int:
        return int(min(max(4 * self._srtt_ms, SHORTEST_RTO_MS), LONGEST_RTO_MS))

    def heard_after(self, ms: int) -> None:
        """A question was answered after `ms`."""
        ms = max(ms, 0)
        self._srtt_ms += (ms - self._srtt_ms) / _OF
        self._seen_ms = ms if self._seen_ms is None else self._seen_ms + (ms - self._seen_ms) / _OF

    def acknowledged(self) -> None:
        """The centre took something; only this (never a CONNACK) makes the next pause short again."""
        self._tries = 0

    def pause_s(self, random: Random) -> float:
        """Seconds to wait before the next try; counts it."""
        self._tries += 1
        longest = min(self._cap_s, 2.0 ** min(self._tries, 32))
        return random.uniform(min(1.0, longest), longest)
