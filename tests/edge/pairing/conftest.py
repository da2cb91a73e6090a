"""A hall's authority and list in a folder, and moments that the test sets."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.journal.keys import KeyRing
from edge.pairing.authority import SiteAuthority
from edge.pairing.names import Holder
from edge.pairing.roll import Roll

SITE = "LH-0042"
KEYS = KeyRing(b"k" * 32)


@dataclass
class Moments:
    """Wall clock and monotonic clock, moved by hand."""

    wall: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    seconds: float = 1000.0

    def now(self) -> datetime:
        return self.wall

    def clock(self) -> float:
        return self.seconds

    def pass_(self, seconds: float) -> None:
        self.seconds += seconds
        self.wall += timedelta(seconds=seconds)


@pytest.fixture
def moments() -> Moments:
    return Moments()


@pytest.fixture
def authority(tmp_path: Path, moments: Moments) -> SiteAuthority:
    return SiteAuthority.load_or_make(tmp_path / "hall" / "authority.json", keys=KEYS, site=SITE, now=moments.now())


@pytest.fixture
def roll(tmp_path: Path) -> Roll:
    return Roll(tmp_path / "hall" / "certificates.json")


@pytest.fixture
def holder() -> Callable[[str], Holder]:
    return lambda place: Holder(SITE, "devices", place)
