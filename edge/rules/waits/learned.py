"""What a hall has learned of itself, as a forecast uses it. Made from records only, so it can be made again."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Final

MINUTE: Final = 60_000
_NORMAL: Final = NormalDist()
_EDGE: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Pace:
    """How long one call keeps a window, until it is done: log-normal. `mu`, `sigma`: of the logarithm of ms."""

    mu: float
    sigma: float

    @classmethod
    def of(cls, mean: float, cv: float) -> "Pace":
        """`mean` ms; `cv`: standard deviation by mean."""
        sigma2 = math.log(1 + cv * cv)
        return cls(math.log(mean) - sigma2 / 2, math.sqrt(sigma2))

    @property
    def mean(self) -> float:
        return math.exp(self.mu + self.sigma**2 / 2)

    def at(self, share: float) -> float:
        """The length that `share` of all do not exceed."""
        return math.exp(self.mu + self.sigma * _NORMAL.inv_cdf(share))

    def left(self, gone_by: float, share: float) -> float:
        """The same of what is left when it has taken `gone_by` ms already."""
        if gone_by <= 0:
            return self.at(share)
        past = _NORMAL.cdf((math.log(gone_by) - self.mu) / self.sigma)
        if past > 1 - 1e-4:  # far beyond all experience: as long again as it may take, from the tail's own slope
            return gone_by * self.sigma**2 * 0.25 * -math.log(1 - share)
        whole = min(1 - _EDGE, past + share * (1 - past))
        return max(0.0, self.at(max(_EDGE, whole)) - gone_by)


@dataclass(frozen=True, slots=True)
class Usual:
    """Recent errors of forecasts in units of their spread: their mean, and where half and nine in ten of them lie."""

    mean: float = 0.0
    p50: float = -0.1
    p90: float = 1.0


@dataclass(frozen=True, slots=True)
class Learned:
    """`paces`: by service; `pace` for one never seen. Rates are per ms.

    `walked`: of a person who waits, to leave without a word, and be missed when called, which costs `missed` ms of
    a window. `cancelled`: to give the number back. `greens`: green tickets coming, by service. `shows`: share of
    bookings that check in, on average `punctual` ms from their slot. `breaks`: windows' next planned absence, from
    and until, wall clock. `working`: windows that called somebody lately, signed in or not. `errors`: see Usual.
    """

    paces: Mapping[str, Pace] = field(default_factory=dict)
    pace: Pace = field(default_factory=lambda: Pace.of(8 * MINUTE, 0.8))
    walked: float = 0.0
    missed: float = 1.5 * MINUTE
    cancelled: float = 0.0
    greens: Mapping[str, float] = field(default_factory=dict)
    shows: float = 0.9
    punctual: float = -3 * MINUTE
    breaks: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    working: frozenset[str] = frozenset()
    errors: Usual = Usual()

    def pace_of(self, service: str) -> Pace:
        return self.paces.get(service, self.pace)
