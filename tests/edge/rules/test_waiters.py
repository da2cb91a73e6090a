"""前台受理、后台同步办理: the applicant waits in the hall for the unit, and is asked back when its word is there."""

from hypothesis import given
from hypothesis import strategies as st

from edge.rules import commands as c
from edge.rules import supervision, waiters
from edge.rules.codes import Code
from edge.rules.moment import Moment
from tests.edge.rules.test_case_story import CENTRE, received, said, site, step


def alarms(hall):
    moment = Moment(hall.clock.ms, "2026-11-23T10:00:00+08:00", lambda kind: kind, "lead:l01", hall.books)
    return [(each.kind, each.number) for each in supervision.alarms(hall.state, moment) if each.kind[:7] == "citizen"]


def waiting(hall):
    """A case with its unit, whose applicant waits in the hall with his ticket put aside."""
    case = received(hall)
    step(hall, case, "forward", unit="unit-1")
    hall.do(c.AwaitDecision(window="w1", case=case))
    hall.do(c.HoldTicket(window="w1"))
    return case


def test_from_the_wait_to_the_word_and_back_to_the_window():
    hall = site()
    case = waiting(hall)
    (one,) = waiters.waiters(hall.state)
    assert (one.dossier.uid, one.ticket.state, one.told) == (case, "held", False)
    assert one.since == hall.state.dossiers[case].waiting.since
    assert alarms(hall) == [("citizen_waits", one.ticket.number)]
    hall.do(said(case, "granted", 1), CENTRE)
    (one,) = waiters.waiters(hall.state)
    assert one.told
    assert alarms(hall) == [("citizen_to_call", one.ticket.number)]
    hall.do(c.ResumeTicket(window="w1", ticket=one.ticket.uid))
    hall.finish("w1")
    assert list(waiters.waiters(hall.state)) == []
    assert alarms(hall) == []


def test_a_supplement_is_a_word_too_and_a_withdrawal_ends_it():
    hall = site()
    case = waiting(hall)
    hall.do(said(case, "lack", 1, reason="materials"), CENTRE)
    assert [each.told for each in waiters.waiters(hall.state)] == [True]
    other = site()
    case = waiting(other)
    other.do(said(case, "withdraw", 1), CENTRE)
    assert list(waiters.waiters(other.state)) == []


def test_only_of_who_stands_there_for_a_case_with_its_unit_and_once():
    hall = site()
    case = received(hall)
    assert hall.refused(c.AwaitDecision(window="w1", case=case)).code == Code.FLOW_AT_DESK
    step(hall, case, "forward", unit="unit-1")
    hall.do(c.AwaitDecision(window="w1", case=case))
    refused = hall.refused(c.AwaitDecision(window="w1", case=case))
    assert (refused.code, refused.who_can, refused.instead) == (Code.CASE_AWAITED, "clerk", "ticket.hold")
    hall.finish("w1")
    assert hall.refused(c.AwaitDecision(window="w1", case=case)).code == Code.NOBODY_CALLED


def test_the_day_ends_every_wait():
    hall = site()
    case = received(hall)
    step(hall, case, "forward", unit="unit-1")
    hall.do(c.AwaitDecision(window="w1", case=case))
    hall.finish("w1")
    hall.do(c.CloseDay())
    hall.at("2026-11-24T09:00")
    hall.do(c.OpenDay(date="2026-11-24"))
    assert case in hall.state.dossiers
    assert list(waiters.waiters(hall.state)) == []


@given(order=st.permutations(["word", "hold", "await"]))
def test_in_whatever_order_the_word_comes_nobody_is_forgotten(order):
    """The word may arrive before the wait is entered, or before the ticket is put aside."""
    hall = site()
    case = received(hall)
    step(hall, case, "forward", unit="unit-1")
    told = False
    for act in order:
        if act == "word":
            hall.do(said(case, "granted", 1), CENTRE)
            told = True
        elif act == "hold":
            hall.do(c.HoldTicket(window="w1"))
        elif told or hall.state.windows["w1"].ticket == "":
            hall.refused(c.AwaitDecision(window="w1", case=case))
        else:
            hall.do(c.AwaitDecision(window="w1", case=case))
    entered = hall.state.dossiers[case].waiting is not None
    assert [each.told for each in waiters.waiters(hall.state)] == ([True] if entered else [])
