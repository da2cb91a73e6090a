"""Looked through before the receipt (预审), and somebody of the department asked to the window (指导)."""

import pytest

from edge.rules import commands as c
from edge.rules.codes import Code
from edge.rules.rating_records import RatingAsked
from tests.edge.rules.conftest import Hall


def check(hall: Hall, case: str, unit: str = "") -> list:
    return hall.do(c.PrecheckCase(window="w1", case=case, unit=unit))


def test_a_precheck_says_what_is_lacking_and_counts_as_nothing(hall: Hall) -> None:
    hall.serve()
    case = hall.open_case()
    hall.mark(case, "id-card")
    hall.mark(case, "photo", state="defect", form="paper", originals=1, copies=0, defect="unclear")
    (told,) = check(hall, case, "unit-2")
    assert [(point.material, point.why) for point in told.body.points] == [
        ("household-book", "missing"),
        ("photo", "unclear"),
    ]
    found = hall.state.cases[case]
    assert (found.state, found.notices, found.papers, found.received) == ("draft", [], {}, None)
    assert hall.state.case_counters == {}
    assert check(hall, case, "unit-2") == []
    assert len(check(hall, case)) == 1


def test_after_a_precheck_it_is_received_or_told_once(hall: Hall) -> None:
    hall.serve()
    case = hall.open_case()
    check(hall, case)
    assert hall.refused(c.ReceiveCase(window="w1", case=case)).code == Code.CASE_LACKS
    hall.do(c.SetCaseAside(window="w1", case=case, why="fetching_materials"))
    assert hall.refused(c.PrecheckCase(window="w1", case=case)).code == Code.CASE_ASIDE
    hall.do(c.TakeUpCase(window="w1", case=case))
    hall.complete(case)
    (told,) = check(hall, case)
    assert told.body.points == ()
    hall.do(c.ReceiveCase(window="w1", case=case))
    assert hall.refused(c.PrecheckCase(window="w1", case=case)).code == Code.CASE_ENDED
    assert hall.replayed() == hall.state


def test_a_notice_after_a_precheck_raises_no_alarm_by_itself(hall: Hall) -> None:
    hall.serve()
    case = hall.open_case()
    check(hall, case)
    (given,) = hall.do(c.GiveNotice(window="w1", case=case))
    assert (given.body.differs, given.body.added) == (False, 0)


def test_the_service_stands_still_while_a_department_is_waited_for(hall: Hall) -> None:
    ticket = hall.serve()
    hall.open_case()
    hall.do(c.CallGuidance(window="w1", unit="unit-2"))
    again = hall.refused(c.CallGuidance(window="w1", unit="unit-3"))
    assert (again.code, again.values, again.who_can, again.instead) == (
        Code.GUIDANCE_CALLED,
        {"unit": "unit-2"},
        "clerk",
        "guidance.end",
    )
    hall.clock.ms += 300_000
    (ended,) = hall.do(c.EndGuidance(window="w1", outcome="by_phone"))
    assert ended.body.took == 300_002
    assert hall.state.tickets[ticket].stood == 300_002
    nothing = hall.refused(c.EndGuidance(window="w1", outcome="came"))
    assert (nothing.code, nothing.instead) == (Code.GUIDANCE_NOT_CALLED, "guidance.call")


@pytest.mark.parametrize(
    "command",
    [
        c.FinishService(window="w1"),
        c.HoldTicket(window="w1"),
        c.ReturnTicket(window="w1", reason="materials_missing"),
        c.TransferTicket(window="w1", service="social", reason="wrong_window"),
    ],
)
def test_whatever_ends_the_turn_ends_the_waiting(hall: Hall, command: c.Command) -> None:
    ticket = hall.serve()
    hall.do(c.CallGuidance(window="w1", unit="unit-2"))
    drafts = hall.do(command)
    assert (drafts[0].kind, drafts[0].body.outcome) == ("guidance.ended", "turn_ended")
    assert hall.state.tickets[ticket].guidance is None
    assert hall.replayed() == hall.state


def test_nobody_is_asked_where_nobody_is_served(hall: Hall) -> None:
    assert hall.refused(c.CallGuidance(window="w1", unit="unit-2")).code == Code.NOBODY_CALLED
    hall.issue()
    hall.do(c.SignIn(window="w1", clerk="c01"))
    hall.do(c.CallNext(window="w1"))
    assert hall.refused(c.CallGuidance(window="w1", unit="unit-2")).code == Code.NOT_IN_SERVICE


def test_the_next_turn_counts_from_nothing(hall: Hall) -> None:
    hall.serve()
    hall.do(c.CallGuidance(window="w1", unit="unit-2"))
    finished = hall.do(c.FinishService(window="w1"))
    assert any(isinstance(draft.body, RatingAsked) for draft in finished)
    ticket = hall.issue()
    hall.do(c.CallNext(window="w1"))
    hall.do(c.StartService(window="w1"))
    assert hall.state.tickets[ticket].stood == 0
