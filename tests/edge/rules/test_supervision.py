"""What a shift leader must see to, read off the state: clocks in words, and what only a person can settle."""

from dataclasses import replace
from datetime import date

import pytest
from pydantic import SecretStr

from edge.clock import iso
from edge.rules import commands as c
from edge.rules import supervision
from edge.rules.handover_records import Line
from edge.rules.moment import Moment
from edge.rules.paper_state import Run, Stock
from tests.edge.rules.conftest import FLOW, ZONE, Hall
from tests.edge.rules.test_case_story import CENTRE, next_day, received, said, site, step, through_registration


def moment(hall: Hall) -> Moment:
    return Moment(hall.clock.ms, iso(hall.clock.ms, ZONE), hall.ids.new, "lead:l01", hall.books)


def due(hall: Hall) -> list[supervision.Due]:
    return supervision.due(hall.state, moment(hall))


def alarms(hall: Hall) -> list[tuple[str, str, int]]:
    return [(each.kind, each.number, each.n) for each in supervision.alarms(hall.state, moment(hall))]


def complain(hall: Hall) -> str:
    told = c.RegisterComplaint(type="complaint", channel="phone", text=SecretStr("等了很久"))
    return hall.do(told, "lead:l01")[0].subject


def test_a_cases_light_is_said_in_words_day_by_day():
    hall = site()
    case = received(hall)
    hall.finish()
    assert hall.state.dossiers[case].due == "2026-11-30"  # the 25th is off, Sunday the 29th is worked
    told = []
    for day in ("2026-11-24", "2026-11-26", "2026-11-27", "2026-11-29", "2026-11-30", "2026-12-01"):
        next_day(hall, day)
        (line,) = due(hall)
        assert (line.kind, line.number) == ("case", hall.state.dossiers[case].number)
        told.append((line.pace, line.left))
    assert told == [("in_time", 4), ("in_time", 3), ("in_time", 2), ("soon", 1), ("soon", 0), ("overdue", -1)]


def test_a_clock_that_stands_still_or_has_ended_is_not_listed():
    hall = site()
    case = received(hall)
    step(hall, case, "lack", reason="materials")
    assert due(hall) == []
    step(hall, case, "supply")
    assert [line.uid for line in due(hall)] == [case]
    step(hall, case, "forward", unit="unit-1")
    hall.do(said(case, "granted", 1), CENTRE)
    assert due(hall) == []


def test_the_most_urgent_comes_first_and_what_is_answered_leaves(hall):
    first = complain(hall)
    for day in ("2026-11-24", "2026-11-27", "2026-12-02"):
        next_day(hall, day)
    second = complain(hall)
    # The first rose a level as the day opened after its limit, with a new one there.
    assert [(line.uid, line.pace) for line in due(hall)] == [(first, "in_time"), (second, "in_time")]
    next_day(hall, "2026-12-09")
    lines = due(hall)
    assert [(line.uid, line.pace, line.left) for line in lines] == [
        (first, "soon", 0),
        (second, "soon", 0),
    ]
    for command in (c.AcceptComplaint(complaint=first), c.InvestigateComplaint(complaint=first)):
        hall.do(command, "lead:l01")
    hall.do(c.ReplyComplaint(complaint=first, text=SecretStr("已处理")), "lead:l01")
    assert [line.uid for line in due(hall)] == [second]


def test_without_a_calendar_nobody_says_in_time(hall):
    hall.books = replace(hall.books, calendar=replace(hall.books.calendar, years=frozenset()))
    complain(hall)
    (line,) = due(hall)
    assert (line.pace, line.left, line.due) == ("unknown", None, "")
    assert alarms(hall) == [("calendar_missing", "2026", 0)]


def test_from_december_on_the_next_years_calendar_is_wanted(hall):
    assert alarms(hall) == []
    next_day(hall, "2026-12-01")
    assert alarms(hall) == [("calendar_missing", "2027", 0)]


def test_a_second_notice_that_says_something_else_needs_a_person(hall):
    hall.serve()
    case = hall.open_case()
    hall.mark(case, "id-card")
    hall.do(c.GiveNotice(window="w1", case=case))
    assert alarms(hall) == []
    hall.do(c.TakeUpCase(window="w1", case=case))
    hall.mark(case, "id-card", state="missing", form="none", originals=0, copies=0)
    (second,) = hall.do(c.GiveNotice(window="w1", case=case))
    assert alarms(hall) == [("notice_differs", second.body.notice, 1)]


def test_a_batch_one_sheet_short_stays_until_two_settled_it_and_a_lost_sheet_for_ever():
    hall = site()
    case = received(hall)
    step(hall, case, "forward", unit="unit-1")
    (sealed,) = hall.do(c.SealBatch(window="w1", what="materials", to="unit-1", cases=(case,)))
    lines = sealed.body.sheet.lines
    short = (*lines[:4], Line(case=case, material=lines[4].material, sheets=lines[4].sheets - 1))
    hall.do(c.SignBatch(window="w1", batch=sealed.subject, signer="u77", counted=short))
    assert alarms(hall) == [("batch_difference", sealed.body.sheet.number, 1)]
    settle = {"window": "w1", "batch": sealed.subject, "case": case, "material": lines[4].material, "witness": "u77"}
    hall.do(c.SettleDifference.model_validate(settle | {"outcome": "lost"}))
    assert alarms(hall) == [("material_lost", hall.state.dossiers[case].number, 1)]


def test_a_result_nobody_fetches():
    hall = site()
    hall.books = replace(hall.books, flow=FLOW.model_copy(update={"reminders": (3, 30)}))
    case = received(hall)
    step(hall, case, "forward", unit="unit-1")
    hall.do(said(case, "granted", 1), CENTRE)
    through_registration(hall, case)
    step(hall, case, "shelve")
    next_day(hall, "2026-11-25")
    assert alarms(hall) == []
    next_day(hall, "2026-11-26")
    assert alarms(hall) == [("result_unclaimed", hall.state.dossiers[case].number, 3)]
    hall.do(c.SignIn(window="w1", clerk="c01"))
    hall.do(c.DeliverResult(window="w1", case=case, way="mail", collector="courier", proof="delivery_note"))
    assert alarms(hall) == []


def test_urged_by_the_level_above_until_it_is_answered(hall):
    uid = complain(hall)
    hall.do(c.UrgeComplaint(complaint=uid), CENTRE)
    hall.do(c.UrgeComplaint(complaint=uid), CENTRE)
    assert alarms(hall) == [("complaint_urged", hall.state.complaints[uid].number, 2)]


def test_sheets_of_security_paper_that_do_not_add_up(hall):
    hall.state.stocks["permit"] = Stock(kind="permit", runs=[Run(first=103, last=110)], came=10, used=1, spoiled=1)
    assert alarms(hall) == []
    hall.state.stocks["permit"].used = 2  # used, and still in the run: histories that were merged
    assert alarms(hall) == [("paper_difference", "permit", 1)]


def test_what_a_later_release_wrote_is_said(hall):
    hall.fold_unknown("complaint.teleported", complain(hall))
    assert alarms(hall) == [("record_unread", "", 1)]


@pytest.mark.parametrize("days", [1, 3])
def test_how_soon_is_soon_comes_from_the_site(hall, days):
    hall.state.oversight = hall.state.oversight.model_copy(update={"due_soon_days": days})
    complain(hall)
    next_day(hall, "2026-11-27")
    (line,) = due(hall)
    assert line.left == 2 + (date(2026, 11, 30) != date.fromisoformat(line.due))
    assert line.pace == ("soon" if days == 3 else "in_time")


def test_history_and_opinions_fold_the_same_from_the_journal(hall):
    hall.serve()
    hall.finish()
    nonce = hall.state.windows["w1"].question
    bad = c.GiveRating(nonce=nonce, level="dissatisfied", by="kiosk", text=SecretStr("慢"))
    task = hall.do(bad, "kiosk:k1")[1].subject
    hall.do(c.AddRating(nonce=nonce, level="satisfied"), "kiosk:k1")
    hall.do(c.AssignTask(task=task, to="l01", text=SecretStr("请核实")), "lead:l01")
    kept = hall.state.tasks[task]
    assert [(each.level, bool(each.h)) for each in kept.opinions] == [("dissatisfied", True), ("satisfied", False)]
    assert [(line.step, bool(line.h), line.to) for line in kept.steps] == [("open", False, ""), ("assign", True, "l01")]
    assert kept.number == "A001"
    hall.do(c.ShowNote(subject=task, of="step", n=1), "lead:l01")
    assert hall.refused(c.ShowNote(subject=task, of="step", n=2), "lead:l01").code == "part_unknown"
    assert hall.refused(c.ShowNote(subject=task, of="step", n=1), "clerk:c01").who_can == "manager"
    assert hall.replayed() == hall.state


def test_a_units_word_that_does_not_fit_stands_until_it_is_settled():
    hall = site()
    case = received(hall)
    step(hall, case, "forward", unit="unit-1")
    hall.do(said(case, "lack", 1, reason="materials"), CENTRE)
    step(hall, case, "withdraw")
    (made,) = hall.do(said(case, "denied", 2), CENTRE)
    assert alarms(hall) == [("word_disputed", hall.state.dossiers[case].number, 0)]
    (alarm,) = supervision.alarms(hall.state, moment(hall))
    hall.do(c.SettleDispute(item=alarm.subject), "lead:l01")
    assert (made.kind, alarms(hall)) == ("decision.disputed", [])
