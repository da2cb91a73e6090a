"""Averages that begin at what is usual elsewhere and forget slowly. All are plain sums over records."""

import math
from dataclasses import dataclass
from typing import Final

from edge.rules.waits import Pace, Usual
from edge.rules.waits.learned import MINUTE

PRIOR: Final = Pace.of(8 * MINUTE, 0.8)
PRIOR_WEIGHT: Final = 8.0  # turns
KEPT: Final = 1500.0  # turns after which the oldest fade
SHORTEST_MS: Final = 5_000
LONGEST_MS: Final = 4 * 60 * MINUTE  # longer was forgotten over night, not served
_PULL: Final = 0.02  # of one error on where half and nine in ten of them lie
_MEAN_PULL: Final = 0.004  # on their mean: errors of one rush are alike, and must not be taken for a habit


@dataclass
class Lengths:
    """Of one service, in logarithms: one very long turn does not spoil the average."""

    n: float = 0.0
    total: float = 0.0
    squares: float = 0.0

    def add(self, ms: int) -> None:
        if not SHORTEST_MS <= ms <= LONGEST_MS:
            return
        fade = min(1.0, KEPT / (self.n + 1))
        length = math.log(ms)
        self.n = self.n * fade + 1
        self.total = self.total * fade + length
        self.squares = self.squares * fade + length * length

    def pace(self, like: Pace) -> Pace:
        """Pulled to `like` as long as there is little to go by."""
        weight = self.n + PRIOR_WEIGHT
        mu = (self.total + PRIOR_WEIGHT * like.mu) / weight
        own = self.squares - 2 * mu * self.total + self.n * mu * mu
        sigma2 = (own + PRIOR_WEIGHT * (like.sigma**2 + (like.mu - mu) ** 2)) / weight
        return Pace(mu, math.sqrt(max(sigma2, 0.01)))


@dataclass
class Share:
    """`hits` of `n`, begun as if `n` had been seen already."""

    hits: float
    n: float
    kept: float = 500.0

    def add(self, hit: float, of: float = 1.0) -> None:
        fade = min(1.0, self.kept / (self.n + of))
        self.hits = self.hits * fade + hit
        self.n = self.n * fade + of

    @property
    def value(self) -> float:
        return self.hits / self.n


@dataclass
class Errors:
    """Where forecasts were wrong lately, in units of their spread."""

    mean: float = 0.0
    p50: float = -0.1
    p90: float = 1.0

    def add(self, waited: int, mean: int, spread: int) -> None:
        if spread <= 0:
            return  # a window was free: nothing was forecast
        error = (waited - mean) / spread
        self.mean += _MEAN_PULL * (max(-4.0, min(4.0, error)) - self.mean)
        self.p50 += _PULL * 1.5 * (0.5 if error > self.p50 else -0.5)
        self.p90 += _PULL * 2.0 * (0.9 if error > self.p90 else -0.1)

    def usual(self) -> Usual:
        return Usual(self.mean, self.p50, self.p90)
