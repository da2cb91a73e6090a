"""Tickets that come back, go away, turn out to be of another class; one open ticket a person; clerks and pauses."""

import pytest

from edge.rules import commands as c
from edge.rules import queue_commands as q

MINUTE = 60_000


@pytest.fixture(autouse=True)
def nothing_lives_only_in_memory(hall):
    yield
    assert hall.replayed() == hall.state


def missed(hall, window="w1", **who):
    uid = hall.issue(**who)
    hall.do(c.CallNext(window=window))
    hall.do(c.MissTicket(window=window))
    return uid


def revive(hall, uid):
    return hall.do(q.ReviveTicket(ticket=uid, by="guide"))


def settle(uid, holds=True):
    return q.SettleGreen(ticket=uid, ground="elderly", holds=holds)


def test_a_revived_ticket_comes_a_little_before_who_comes_now(hall):
    uid = missed(hall)
    hall.clock.ms += 20 * MINUTE
    long, short = hall.issue(), hall.issue()
    hall.clock.ms += 6 * MINUTE
    now = hall.issue()
    revive(hall, uid)
    order = []
    for _ in range(4):
        order.append(hall.do(c.CallNext(window="w1"))[0].subject)
        hall.do(c.FinishService(window="w1"))
    assert order == [long, short, uid, now]
    assert hall.refused(q.ReviveTicket(ticket=uid, by="guide")).code == "ticket_not_missed"


def test_the_guard_does_not_count_an_absence(hall):
    uid = missed(hall)
    hall.clock.ms += 29 * MINUTE
    revive(hall, uid)
    assert hall.state.tickets[uid].since == hall.state.tickets[uid].arrived


def test_once_and_in_time(hall):
    uid = missed(hall)
    revive(hall, uid)
    hall.do(c.CallNext(window="w1"))
    hall.do(c.MissTicket(window="w1"))
    assert hall.refused(q.ReviveTicket(ticket=uid, by="guide")).code == "revive_spent"
    late = missed(hall)
    hall.clock.ms += 31 * MINUTE
    assert hall.refused(q.ReviveTicket(ticket=late, by="clerk")).code == "revive_spent"


def test_who_took_another_number_meanwhile_cannot_revive_the_first(hall):
    uid = missed(hall, person="p1")
    hall.issue(person="p1")
    refused = hall.refused(q.ReviveTicket(ticket=uid, by="kiosk"))
    assert (refused.code, refused.values["number"]) == ("person_has_ticket", "A002")


def test_one_open_ticket_counts_every_item(hall):
    holder = c.Holder(ref="p1", name="张测试", id_number="119999199001010012")
    hall.do(c.IssueTicket(service="general", more=("social",), channel="kiosk", place="k1", holder=holder))
    for more in ((), ("residence",)):
        wish = c.IssueTicket(service="social", more=more, channel="kiosk", place="k1", holder=holder)
        assert hall.refused(wish).code == "person_has_ticket"
    hall.issue("residence", person="p1")


def test_a_ticket_is_given_back_while_it_waits_or_was_missed(hall):
    waiting, gone = hall.issue("residence"), missed(hall, window="w2")
    for uid in (waiting, gone):
        hall.do(q.CancelTicket(ticket=uid, by="kiosk"))
    assert hall.refused(q.CancelTicket(ticket=waiting, by="kiosk")).code == "ticket_not_waiting"
    assert hall.refused(q.CancelTicket(ticket="t:none", by="kiosk")).code == "ticket_unknown"


def test_green_counts_only_after_a_person_looked(hall):
    first = hall.issue()
    uid = hall.do(c.IssueTicket(service="general", channel="kiosk", place="k1", declared="elderly"))[0].subject
    ticket = hall.state.tickets[uid]
    assert (ticket.klass, ticket.key, ticket.declared) == ("walk_in", ticket.arrived, "elderly")
    hall.do(settle(uid))
    assert (ticket.klass, ticket.key) == ("green", ticket.arrived - 40 * MINUTE)
    assert hall.do(settle(uid)) == []
    hall.do(settle(uid, holds=False))
    assert (ticket.klass, ticket.key, ticket.declared) == ("walk_in", ticket.arrived, "")
    hall.do(settle(uid))
    assert hall.do(c.CallNext(window="w1"))[0].subject == uid
    assert hall.refused(settle(uid)).code == "ticket_not_waiting"
    assert first in hall.state.tickets


def test_a_claim_denied_takes_nothing_else(hall):
    uid = missed(hall)
    hall.clock.ms += MINUTE
    revive(hall, uid)
    before = hall.state.tickets[uid].key
    hall.state.tickets[uid].declared = "pregnant"
    hall.do(settle(uid, holds=False))
    assert hall.state.tickets[uid].key == before


def test_pauses_have_a_reason_and_an_end_to_come(hall):
    end = hall.clock.ms + 30 * MINUTE
    lunch = q.PauseWindow(window="w1", reason="lunch", until=end)
    hall.do(lunch)
    assert (hall.state.windows["w1"].paused, hall.state.windows["w1"].until) == ("lunch", end)
    assert hall.do(lunch) == []
    over = q.PauseWindow(window="w1", reason="lunch", until=hall.clock.ms - 1)
    assert hall.refused(over).code == "pause_end_past"
    hall.do(q.ResumeWindow(window="w1"))
    assert hall.do(q.ResumeWindow(window="w1")) == []
    hall.issue()
    hall.do(c.CallNext(window="w1"))
    assert hall.refused(q.PauseWindow(window="w1", reason="break")).code == "window_has_called"
    hall.do(c.StartService(window="w1"))
    assert hall.refused(q.PauseWindow(window="w1", reason="break")).code == "window_is_serving"


def test_who_relieves_for_lunch_begins_to_work(hall):
    hall.do(c.SignIn(window="w1", clerk="c01"))
    hall.do(q.PauseWindow(window="w1", reason="lunch"))
    kinds = [draft.kind for draft in hall.do(c.SignIn(window="w1", clerk="c02"))]
    assert kinds == ["clerk.signed_out", "window.resumed", "clerk.signed_in"]


def test_a_manager_seats_another_clerk_in_the_middle_of_a_turn(hall):
    hall.serve()
    drafts = hall.do(q.TakeOver(window="w1", clerk="c02"), "clerk:c02")
    assert [(d.kind, d.body.before) for d in drafts] == [("clerk.taken_over", "c01")]
    assert hall.do(q.TakeOver(window="w1", clerk="c02")) == []
    assert hall.refused(q.TakeOver(window="w2", clerk="c02")).code == "clerk_busy_elsewhere"
    assert hall.refused(q.TakeOver(window="w1", clerk="c09")).code == "clerk_unknown"


def test_a_lease_lapses_only_between_citizens(hall):
    hall.serve()
    lapse = q.LapseLease(window="w1", clerk="c01")
    assert hall.do(lapse) == []
    hall.finish()
    assert hall.do(q.LapseLease(window="w1", clerk="c02")) == []
    assert [draft.kind for draft in hall.do(lapse)] == ["clerk.lapsed"]
    assert hall.state.windows["w1"].clerk == ""


def test_issuing_stops_and_the_forecast_lifts_only_its_own_stop(hall):
    stop = q.StopIssuing(service="general", why="manager")
    hall.do(stop)
    assert hall.do(stop) == hall.do(q.StopIssuing(service="general", why="forecast")) == []
    assert hall.do(q.ResumeIssuing(service="general", why="forecast")) == []
    for wish in ({"service": "general"}, {"service": "social", "more": ("general",)}):
        assert hall.refused(c.IssueTicket(channel="kiosk", place="k1", **wish)).code == "issuing_stopped"
    hall.do(q.ResumeIssuing(service="general"))
    hall.issue()
    assert hall.do(q.ResumeIssuing(service="general")) == []
    assert hall.refused(q.StopIssuing(service="nothing", why="manager")).code == "service_unknown"
    assert hall.refused(q.ResumeIssuing(service="nothing")).code == "service_unknown"


def test_a_frozen_service_is_left_alone_until_the_next_day(hall):
    hall.fold_unknown("issuing.halved", "service:general")
    assert hall.refused(q.StopIssuing(service="general", why="manager")).code == "subject_frozen"
    hall.do(c.CloseDay())
    hall.do(c.OpenDay(date="2026-11-24"))
    assert not hall.state.frozen
