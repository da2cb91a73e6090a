"""A day without the line, in cases: each fact once at the centre, every conflict before people, none in silence."""

import pytest

from edge.rules import disputes, handovers
from sync.centre import feeds
from tests.sync.simulation.offline_day import play


@pytest.mark.parametrize("seed", range(1, 9))
def test_a_day_of_cases_without_the_line(seed: int) -> None:
    assert play(seed).faults == []


def test_people_at_the_centre_would_miss_a_dispute_that_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "DISPUTED", "no.such.kind")
    assert any("before people at the centre" in fault for fault in play(1).faults)


def test_a_unit_that_is_not_heard_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disputes, "instead", lambda *_: [])
    assert any("before people at the hall" in fault for fault in play(1).faults)


def test_a_sheet_that_is_missing_in_silence_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handovers, "_differences", lambda sheet, counted: ())
    assert any("a sheet is short" in fault for fault in play(1).faults)
