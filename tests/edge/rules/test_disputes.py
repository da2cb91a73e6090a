"""The unit's word and a case that has moved on here: a record for people, never a silent choice."""

import pytest

from edge.rules import commands as c
from edge.rules import disputes
from edge.rules.about import About
from edge.rules.codes import Code
from edge.rules.dossier_commands import Person
from tests.edge.rules.test_case_story import CENTRE, next_day, received, site, step, through_registration

LEAD = "lead:l01"


def word(case: str, what: str, id: str = "d1", rev: int = 1, **more: object) -> c.RecordDecision:
    about = About(feed="decisions", id=id, rev=rev)
    return c.RecordDecision(about=about, case=case, said=what, unit="unit-1", **more)


@pytest.fixture
def hall():
    return site()


def withdrawn_while_lacking(hall) -> str:
    """The unit asked for a paper, and the applicant gave up instead, before the unit decided."""
    case = received(hall)
    step(hall, case, "forward", unit="unit-1")
    hall.do(word(case, "lack", reason="materials"), CENTRE)
    step(hall, case, "withdraw")
    return case


def test_a_word_out_of_order_moves_nothing_and_stands_in_sight(hall):
    case = withdrawn_while_lacking(hall)
    (made,) = hall.do(word(case, "denied", "d2"), CENTRE)
    assert (made.kind, made.subject, made.body.why, made.body.stage) == (
        "decision.disputed",
        case,
        Code.FLOW_OVER,
        "withdrawn",
    )
    assert hall.state.dossiers[case].outcome == ""
    (open_,) = disputes.open_ones(hall.state)
    assert (open_.case, open_.told.said) == (case, "denied")
    assert hall.do(word(case, "denied", "d2"), CENTRE) == []
    assert hall.replayed() == hall.state


def test_a_word_in_dispute_is_not_tried_again_when_it_would_fit_by_chance(hall):
    case = received(hall)
    step(hall, case, "forward", unit="unit-1")
    hall.do(word(case, "lack", reason="materials"), CENTRE)
    hall.do(word(case, "suspend", "d2", reason="hearing"), CENTRE)  # the papers are not there yet
    step(hall, case, "supply")
    assert hall.state.dossiers[case].stage == "forwarded"
    assert hall.do(word(case, "suspend", "d2", reason="hearing"), CENTRE) == []
    assert hall.state.dossiers[case].stage == "forwarded"
    hall.do(word(case, "suspend", "d2", rev=2, reason="hearing"), CENTRE)  # said again: meant so
    assert hall.state.dossiers[case].stage == "stayed"
    assert disputes.open_ones(hall.state) == []


def test_a_word_that_names_what_it_saw_is_in_dispute_when_that_is_over(hall):
    case = received(hall)
    step(hall, case, "forward", unit="unit-1")
    hall.do(word(case, "lack", reason="materials"), CENTRE)
    step(hall, case, "supply")
    (made,) = hall.do(word(case, "denied", "d2", saw="supplement"), CENTRE)
    assert (made.kind, made.body.stage) == ("decision.disputed", "forwarded")
    (made,) = hall.do(word(case, "granted", "d2", rev=2, saw="forwarded"), CENTRE)
    assert made.kind == "case.decided"


def test_a_correction_after_the_delivery_is_in_dispute_also_when_the_case_has_left(hall):
    case = received(hall)
    step(hall, case, "forward", unit="unit-1")
    hall.do(word(case, "granted"), CENTRE)
    through_registration(hall, case)
    step(hall, case, "shelve")
    person = Person(name="测试", id_number="119999199001010020")
    hall.do(
        c.DeliverResult(window="w1", case=case, way="counter", collector="applicant", proof="id_card", person=person)
    )
    (made,) = hall.do(word(case, "denied", rev=2), CENTRE)
    assert (made.kind, made.body.why) == ("decision.disputed", Code.FLOW_OVER)
    next_day(hall, "2026-11-24")
    assert case not in hall.state.dossiers
    (made,) = hall.do(word(case, "withdraw", "d9"), CENTRE)
    assert (made.kind, made.body.stage, made.body.why) == ("decision.disputed", "", Code.CASE_UNKNOWN)
    assert len(disputes.open_ones(hall.state)) == 2
    assert hall.replayed() == hall.state


def test_what_was_followed_and_taken_back_is_for_people(hall):
    case = received(hall)
    step(hall, case, "forward", unit="unit-1")
    hall.do(word(case, "granted"), CENTRE)
    (made,) = hall.do(c.TakeBackDecision(about=About(feed="decisions", id="d1", rev=1)), CENTRE)
    assert (made.kind, made.body.said) == ("decision.disputed", "gone")
    assert hall.state.dossiers[case].stage == "decided"
    assert hall.do(c.TakeBackDecision(about=About(feed="decisions", id="d8", rev=1)), CENTRE) == []


def test_who_leads_the_hall_settles_it_or_the_centre_takes_its_word_back(hall):
    case = withdrawn_while_lacking(hall)
    hall.do(word(case, "denied", "d2"), CENTRE)
    settle = c.SettleDispute(item="decisions/d2")
    assert hall.refused(settle).code == Code.NOT_YOUR_ROLE
    (made,) = hall.do(settle, LEAD)
    assert made.body.how == "told"
    assert disputes.open_ones(hall.state) == []
    assert hall.refused(settle, LEAD).code == Code.CASE_UNKNOWN
    hall.do(word(case, "granted", "d3"), CENTRE)
    (made,) = hall.do(c.TakeBackDecision(about=About(feed="decisions", id="d3", rev=1)), CENTRE)
    assert made.body.how == "taken_back"
    assert hall.do(c.TakeBackDecision(about=About(feed="decisions", id="d3", rev=1)), CENTRE) == []
    assert hall.replayed() == hall.state


def test_days_on_which_a_unit_stayed_a_case_count_from_its_word_not_from_the_line(hall):
    case = received(hall)  # on the 23rd, due on the 30th
    step(hall, case, "forward", unit="unit-1")
    next_day(hall, "2026-11-27")
    hall.do(word(case, "suspend", "d1", reason="hearing", date="2026-11-24"), CENTRE)
    (made,) = hall.do(word(case, "resume", "d2", date="2026-11-27"), CENTRE)
    assert made.body.date == "2026-11-27"
    assert hall.state.dossiers[case].due == "2026-12-02"  # 24th and 26th did not count, the 25th is off anyway
    (made,) = hall.do(word(case, "suspend", "d3", reason="hearing", date="2027-01-01"), CENTRE)
    assert made.body.date == "2026-11-27"  # nothing is said in days to come
