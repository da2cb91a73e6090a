"""The page docs/devices-conformance.md says what the kit says; here fewer places are tried than in the page's run."""

from importlib.metadata import entry_points
from pathlib import Path
from typing import get_args

import pytest

from drivers.conform import find_benches, kit, page
from drivers.conform.tiers import Tier

DOCS = Path(__file__).parents[3] / "docs"
PAGE = DOCS / "devices-conformance.md"
DEVICES = DOCS / "devices.md"
OURS = sorted(find_benches())
TIER_NAMES = get_args(Tier)


@pytest.mark.parametrize("driver", OURS)
def test_the_page_says_what_the_kit_says(driver: str) -> None:
    """Fewer places may miss a fault that the page names, never the other way round."""
    report = kit.run(driver, kit.QUICK)
    tier, *marks = page.verdicts(page.page_of([report]))[driver]
    said_tier, *said = page.verdicts(PAGE.read_text("utf-8"))[driver]
    assert [(now, then) for now, then in zip(marks, said, strict=True) if now != then and then != "✗"] == [], (
        report.faults
    )
    assert tier == said_tier or "✗" in said


def test_the_page_has_no_driver_that_is_gone() -> None:
    assert sorted(page.verdicts(PAGE.read_text("utf-8"))) == OURS


def test_the_devices_page_claims_the_same_tiers() -> None:
    rows = (line.strip("| ").split(" | ") for line in DEVICES.read_text("utf-8").splitlines() if line.startswith("| `"))
    claimed = {row[0].strip("`"): row[-1] for row in rows if row[-1] in TIER_NAMES}
    assert claimed == {driver: tier for driver, (tier, *_) in page.verdicts(PAGE.read_text("utf-8")).items()}


def test_every_driver_of_ours_has_a_bench() -> None:
    ours = {entry.name for entry in entry_points(group="hall_edge.drivers") if entry.value.startswith("drivers.")}
    assert ours == set(OURS)


def test_nothing_here_is_above_silver() -> None:
    assert {tier for tier, *_ in page.verdicts(PAGE.read_text("utf-8")).values()} <= {"none", "bronze", "silver"}
