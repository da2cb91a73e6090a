"""What a case meets while it is under way: the end of a day, days off, the turn of the year, another site file."""

from dataclasses import replace
from datetime import date

import pytest

from edge.rules import commands as c
from edge.rules.case_commands import TakeUpCase
from edge.rules.codes import Code
from edge.rules.deadlines import Calendar
from edge.rules.delegation import FlowSetup
from edge.rules.numbers import is_number
from edge.rules.records import WindowSetup
from tests.edge.rules.conftest import SETUP
from tests.edge.rules.test_case_story import CENTRE, next_day, received, said, site, step


@pytest.fixture
def hall():
    return site()


def calendar(*years: int, off: tuple[str, ...] = ()) -> Calendar:
    return Calendar(frozenset(map(date.fromisoformat, off)), frozenset(), frozenset(years))


def test_the_end_of_a_day_moves_no_case_and_its_papers_can_go_on_the_next(hall):
    case = received(hall)
    step(hall, case, "forward", unit="unit-1")
    (sealed,) = hall.do(c.SealBatch(window="w1", what="materials", to="unit-1", cases=(case,)))
    next_day(hall, "2026-11-24")
    dossier = hall.state.dossiers[case]
    assert (dossier.stage, dossier.holdings["m1"].on_way) == ("forwarded", 3)
    sign = c.SignBatch(window="w1", batch=sealed.subject, signer="u77", counted=sealed.body.sheet.lines)
    hall.do(sign)
    assert dossier.holdings["m1"].there == 3
    next_day(hall, "2026-11-26")
    assert hall.state.batches == {}
    assert hall.replayed() == hall.state


def test_while_the_day_is_closed_no_clerk_moves_a_case_and_the_unit_may(hall):
    case = received(hall)
    step(hall, case, "forward", unit="unit-1")
    hall.finish()
    hall.do(c.CloseDay())
    assert hall.refused(c.StepCase(window="w1", case=case, act="supply")).code == Code.DAY_CLOSED
    hall.at("2026-11-23T22:00")
    hall.do(said(case, "granted", 1), CENTRE)
    assert hall.state.dossiers[case].stage == "decided"


def test_a_draft_left_at_closing_is_taken_up_on_another_day_with_its_marks(hall):
    hall.serve()
    case = hall.open_case("licence")
    hall.mark(case, "m1", originals=1, copies=2)
    hall.do(c.CloseDay(abandon=True))
    hall.at("2026-11-24T09:00")
    hall.do(c.OpenDay(date="2026-11-24"))
    hall.serve()
    hall.do(TakeUpCase(window="w1", case=case))
    assert list(hall.state.cases[case].marks) == ["m1"]


def test_days_off_are_not_counted_whether_the_hall_was_open_or_not(hall):
    hall.books = replace(hall.books, calendar=calendar(2026, off=("2026-11-24", "2026-11-25", "2026-11-26")))
    case = received(hall)
    assert hall.state.dossiers[case].due == "2026-12-03"  # 27, 30, 1, 2, 3


def test_at_the_turn_of_the_year_a_case_waits_for_the_calendar_and_numbers_begin_anew(hall):
    next_day(hall, "2026-12-28")
    hall.books = replace(hall.books, calendar=calendar(2026))
    hall.serve()
    late = hall.open_case("licence")
    for n in range(1, 6):
        hall.mark(late, f"m{n}", originals=1, copies=2)
    refused = hall.refused(c.ReceiveCase(window="w1", case=late))
    assert (refused.code, refused.values) == (Code.CALENDAR_UNKNOWN, {"year": 2027})
    hall.books = replace(hall.books, calendar=calendar(2026, 2027, off=("2027-01-01",)))  # the notice came
    (old,) = hall.do(c.ReceiveCase(window="w1", case=late))
    assert hall.state.dossiers[late].due == "2027-01-05"
    next_day(hall, "2027-01-04")
    new = hall.state.dossiers[received(hall)]
    assert old.body.number[11:24] == "2026122800001"
    assert new.number[11:24] == "2027010400001"
    assert is_number(new.number)
    assert hall.state.dossiers[late].due == "2027-01-05"
    assert hall.replayed() == hall.state


def test_a_suspension_over_new_year_is_refused_its_end_only_until_the_calendar_is_there(hall):
    next_day(hall, "2026-12-21")
    hall.books = replace(hall.books, calendar=calendar(2026))
    case = received(hall)
    step(hall, case, "forward", unit="unit-1")
    hall.do(said(case, "suspend", 1, reason="hearing"), CENTRE)
    next_day(hall, "2026-12-30")
    assert hall.refused(said(case, "resume", 2), CENTRE).code == Code.CALENDAR_UNKNOWN
    assert not hall.state.disputes, "no calendar is no dispute: the same word is followed later"
    hall.books = replace(hall.books, calendar=calendar(2026, 2027, off=("2027-01-01",)))
    hall.do(said(case, "resume", 2), CENTRE)
    assert hall.state.dossiers[case].due == "2027-01-06"  # 30, 31, 4, 5, 6


def test_another_site_file_takes_no_case_with_it(hall):
    case = received(hall)
    hall.finish()
    hall.serve()
    draft = hall.open_case("licence")
    new = c.ConfigureSite(
        hash="1" * 64,
        windows=(WindowSetup(id="w2", area="a", services=("general",)),),
        services=SETUP.services[:1],
        clerks=("c02",),
    )
    hall.do(new)
    assert set(hall.state.windows) == {"w1", "w2"}, "somebody sits there: the window stays until it is free"
    assert hall.state.windows["w1"].clerk == "", "its clerk is no longer of this hall"
    hall.do(c.SignIn(window="w2", clerk="c02"), "clerk:c02")
    hall.do(c.StepCase(window="w2", case=case, act="forward", unit="unit-1"), "clerk:c02")
    assert hall.state.dossiers[case].stage == "forwarded"
    assert hall.state.cases[draft].state == "draft"
    assert hall.replayed() == hall.state


def test_cases_under_way_end_as_they_began_when_the_hall_stops_following_new_ones(hall):
    case = received(hall)
    hall.books = replace(hall.books, flow=FlowSetup(place="S042"))
    step(hall, case, "forward", unit="unit-1")
    hall.do(said(case, "granted", 1), CENTRE)
    for act in ("arrive", "verify"):
        step(hall, case, act)
    hall.do(c.RegisterResult(window="w1", case=case))
    step(hall, case, "shelve")
    hall.finish()
    later = received(hall)
    assert list(hall.state.dossiers) == [case]
    assert hall.state.cases[later].state == "received"
