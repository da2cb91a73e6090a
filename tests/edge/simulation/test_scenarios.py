"""The scenario files, what happens in them, and what a wrong one says."""

from pathlib import Path

import pytest

import config
from edge.rules.queue_setup import QueueSetup
from edge.simulation.guests import Findings
from edge.simulation.people import capacity, draw, mean_length
from edge.simulation.report import people, summary
from edge.simulation.run import Plan, run
from edge.simulation.scenario import MINUTE, Lateness, Peak, Scenario, Work
from edge.simulation.scenario_file import check_scenario, load_scenario

FILES = sorted((Path(config.__file__).parent / "queue_scenarios").glob("*.yaml"))


def played(scenario: Scenario, days: int = 2, policy: str = "vt", load: float = 0.95) -> list[Findings]:
    return run(Plan(scenario, load=load, windows=3, days=days, seed=2), QueueSetup(policy=policy))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_nobody_idles_and_nobody_is_passed_beyond_the_bound(file: Path) -> None:
    found = played(load_scenario(file))
    figures = summary(found, QueueSetup())
    assert (figures["idle_while_waiting"], figures["overtakes"]["beyond_bound"]) == (0, 0)
    counts = people(found)
    assert counts["came"] == counts["served"] + counts["cancelled"] + counts["missed"]
    assert counts["expired"] == 0


def test_in_the_peaks_people_leave_come_back_and_stay_away() -> None:
    found = played(load_scenario(next(file for file in FILES if file.stem == "peaks")), days=4)
    counts = people(found)
    assert min(counts["cancelled"], counts["missed"], counts["no_shows"]) > 0
    assert any(guest.revived and guest.fate == "served" for day in found for guest in day.guests)


def test_turns_are_put_aside_sent_back_and_followed_by_another() -> None:
    scenario = load_scenario(next(file for file in FILES if file.stem == "skills"))
    guests = [guest for day in played(scenario, days=4) for guest in day.guests]
    assert {guest.person.turn for guest in guests} == {"", "hold", "return", "two_items"}
    changed = [guest for guest in guests if guest.service != guest.person.service]
    assert changed
    assert all(guest.service == guest.person.second for guest in changed)


def test_too_late_for_the_slot_is_an_ordinary_ticket() -> None:
    scenario = Scenario(lateness=Lateness(mean=45, deviation=1), no_shows=0)
    late = QueueSetup().late
    guests = [guest for day in played(scenario, days=1) for guest in day.guests]
    lapsed = [guest for guest in guests if guest.slot is not None and guest.came > guest.slot + late]
    assert lapsed
    assert {guest.klass for guest in lapsed} == {"walk_in"}


def test_the_load_is_the_work_that_comes() -> None:
    scenario = Scenario(profile=(Peak(at="10:00", factor=2.0), Peak(at="12:00", factor=0.5)), no_shows=0.2)
    come = [
        one
        for day in range(40)
        for one in draw(scenario, load=0.8, windows=2, seed=1, day=day)
        if one.comes is not None
    ]
    expected = 40 * 0.8 * capacity(scenario, 2) / mean_length(scenario)
    assert len(come) == pytest.approx(expected, rel=0.04)
    assert sum(one.lengths[0] for one in come) / len(come) == pytest.approx(8 * MINUTE, rel=0.05)
    shares = {klass: sum(one.klass == klass for one in come) / len(come) for klass in ("green", "appointment")}
    assert shares == pytest.approx({"green": 0.10, "appointment": 0.25}, abs=0.02)
    first, second = (sum(1 for one in come if lo <= one.comes < lo + 120 * MINUTE) for lo in (0, 180 * MINUTE))
    assert first > 1.5 * second


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ("opens: '9:00'\n", 1, None),
        ("closes: '17:00'\ngren: 0.1\n", 2, "unknown_key"),
        ("profile:\n  - {at: '10:00', factor: -1}\n", 2, "too_small"),
        ("windows:\n  - id: w1\n    breaks:\n      - {at: '12:00'}\n", 4, None),
        ("a: [\n", 2, "syntax"),
    ],
)
def test_a_mistake_has_its_line(text: str, line: int, code: str | None) -> None:
    scenario, mistakes = check_scenario(text.encode())
    assert scenario is None
    assert mistakes[0].line == line
    assert code is None or mistakes[0].code == code
    assert all(mistake.sentence(language) for mistake in mistakes for language in ("en", "zh-Hans", "zh-Hant"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"opens": "17:00"},
        {"green": 0.9},
        {"services": ()},
        {"windows": ({"id": "w1", "services": ("nothing",)},)},
        {"services": (Work(id="a", share=1, minutes=1), Work(id="a", share=1, minutes=2))},
    ],
)
def test_what_cannot_be_is_refused(wrong: dict) -> None:
    with pytest.raises(ValueError):
        Scenario.model_validate(wrong)
