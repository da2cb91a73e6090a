"""The page docs/devices-conformance.md says what the kit says; here fewer places are tried than in the page's run."""

from pathlib import Path

import pytest

from drivers.conform import find_benches, kit, page

PAGE = Path(__file__).parents[3] / "docs" / "devices-conformance.md"
OURS = sorted(find_benches())


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


def test_nothing_here_is_above_silver() -> None:
    assert {tier for tier, *_ in page.verdicts(PAGE.read_text("utf-8")).values()} <= {"none", "bronze", "silver"}
