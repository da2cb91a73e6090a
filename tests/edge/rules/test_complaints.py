"""Complaints and suggestions: from anybody, numbered, answered, heard one level up in time."""

import pytest
from pydantic import SecretStr

from edge.rules import commands as c
from edge.rules import complaints
from edge.rules.complaints import STEPS
from edge.rules.numbers import is_number
from tests.edge.rules.conftest import DAY

LEAD = "lead:l01"
KIOSK = "kiosk:k1"
CENTRE = "centre:street"


def register(**more):
    given = {"type": "complaint", "channel": "kiosk", "text": SecretStr("窗口态度不好")}
    return c.RegisterComplaint(**given | more)


@pytest.fixture
def complaint(hall):
    return hall.do(register(), KIOSK)[0].subject


def step(kind, complaint, **more):
    given = {"to": "unit-7"} if kind is c.RedirectComplaint else {}
    given |= {"content": None} if kind is c.RevisitComplaint else {}
    given |= {"text": SecretStr("已整改")} if kind is c.ReplyComplaint else {}
    return kind(complaint=complaint, **given | more)


def walk(hall, complaint, *kinds):
    for kind in kinds:
        hall.do(step(kind, complaint), LEAD)


def test_anonymous_or_not_the_words_are_sealed(hall):
    (nameless,) = hall.do(register(), KIOSK)
    assert nameless.body.anonymous
    named = hall.do(register(type="suggestion", name=SecretStr("张测试"), contact=SecretStr("13000000000")), KIOSK)[0]
    assert not named.body.anonymous
    assert (nameless.body.number[0], named.body.number[0]) == ("T", "J")
    assert is_number(nameless.body.number)
    assert is_number(named.body.number)
    assert named.private.members == {"text": "窗口态度不好", "name": "张测试", "contact": "13000000000"}
    for secret in ("张测试", "13000000000", "态度"):
        assert secret not in repr(named) + hall.state.model_dump_json()
    assert hall.refused(register(text=SecretStr(" ")), KIOSK).code == "complaint_needs_text"


@pytest.mark.parametrize("actor", ["clerk:c01", "guide:g01", LEAD, KIOSK, "gateway:outside"])
def test_every_way_in_is_open(hall, actor):
    assert hall.do(register(), actor)[0].body.registered == DAY


def test_from_registered_to_closed(hall, complaint):
    walk(hall, complaint, c.AcceptComplaint, c.RedirectComplaint, c.InvestigateComplaint, c.ReplyComplaint)
    kept = hall.state.complaints[complaint]
    assert (kept.state, kept.to, bool(kept.answer_h)) == ("replied", "unit-7", True)
    walk(hall, complaint, c.RevisitComplaint, c.CloseComplaint)
    assert hall.state.complaints[complaint].state == "closed"


@pytest.mark.parametrize("kind", STEPS)
def test_every_state_takes_only_its_steps(hall, complaint, kind):
    path = [c.AcceptComplaint, c.InvestigateComplaint, c.ReplyComplaint, c.RevisitComplaint, c.CloseComplaint]
    for following in [*path, None]:
        state = hall.state.complaints[complaint].state
        if state not in STEPS[kind].after:
            refused = hall.refused(step(kind, complaint), CENTRE if kind is c.UrgeComplaint else LEAD)
            assert (refused.code, refused.values) == ("complaint_not_now", {"state": state})
        if following is not None:
            walk(hall, complaint, following)


def test_clerks_take_in_and_no_more(hall, complaint):
    for kind in STEPS:
        refused = hall.refused(step(kind, complaint), "clerk:c01")
        assert refused.code == "not_your_role"
        assert refused.who_can == ("centre" if kind is c.UrgeComplaint else "manager")


def test_an_answer_needs_words(hall, complaint):
    walk(hall, complaint, c.AcceptComplaint, c.InvestigateComplaint)
    assert hall.refused(c.ReplyComplaint(complaint=complaint), LEAD).code == "complaint_needs_text"


def test_the_level_above_urges(hall, complaint):
    hall.do(c.UrgeComplaint(complaint=complaint), CENTRE)
    assert hall.state.complaints[complaint].urged == 1


def test_what_is_overdue_rises_when_the_day_opens_and_with_a_new_limit(hall, complaint):
    assert hall.state.complaints[complaint].due == "2026-11-30"
    assert hall.refused(c.EscalateComplaint(complaint=complaint), LEAD).code == "complaint_not_now"
    hall.do(c.CloseDay())
    hall.at("2026-11-30T09:00")
    hall.do(c.OpenDay(date="2026-11-30"))
    assert hall.state.complaints[complaint].level == "station"
    hall.do(c.CloseDay())
    hall.at("2026-12-01T09:00")
    opened, risen = hall.do(c.OpenDay(date="2026-12-01"))
    assert (opened.kind, risen.kind, risen.body.step) == ("day.opened", "complaint.moved", "escalate")
    kept = hall.state.complaints[complaint]
    assert (kept.level, kept.due, kept.state, kept.escalated) == ("street", "2026-12-08", "registered", 1)
    for day in ("2026-12-09", "2026-12-18", "2026-12-30"):
        hall.do(c.CloseDay())
        hall.at(f"{day}T09:00")
        hall.do(c.OpenDay(date=day))
    assert (hall.state.complaints[complaint].level, hall.state.complaints[complaint].escalated) == ("district", 2)


def direct(complaint, act, rev=1, **more):
    about = {"feed": "decisions", "id": f"k:{act}", "rev": rev}
    return c.DirectComplaint.model_validate({"about": about, "complaint": complaint, "act": act} | more)


def rise(hall):
    hall.do(c.CloseDay())
    hall.at("2026-12-01T09:00")
    hall.do(c.OpenDay(date="2026-12-01"))


def test_the_level_above_urges_at_any_time_and_sets_a_limit(hall, complaint):
    (urged,) = hall.do(direct(complaint, "urge", due="2026-11-25", text="请三天内答复"), CENTRE)
    assert (urged.body.step, urged.body.state, urged.body.due) == ("urge", "registered", "2026-11-25")
    assert urged.private.members == {"text": "请三天内答复"}
    kept = hall.state.complaints[complaint]
    assert (kept.urged, kept.due, kept.level) == (1, "2026-11-25", "station")
    for act, more in (("assign", {"to": "unit-7"}), ("reply", {"text": "已核实"})):
        (disputed,) = hall.do(direct(complaint, act, **more), CENTRE)
        assert (disputed.kind, disputed.subject, disputed.body.said) == ("decision.disputed", complaint, act)
        assert (disputed.body.why, disputed.private) == ("complaint_not_risen", None)
    rise(hall)
    assert hall.do(direct(complaint, "assign", to="unit-7"), CENTRE) == [], (
        "not tried again when it would fit by chance"
    )
    assert hall.state.complaints[complaint].to == ""
    assert hall.do(direct(complaint, "assign", rev=2, to="unit-7"), CENTRE)[0].body.to == "unit-7", "said anew"
    for actor in (LEAD, "clerk:c01", KIOSK, "system"):
        assert hall.refused(direct(complaint, "urge"), actor).code == "not_your_role"


def test_what_has_risen_is_assigned_with_a_limit_or_answered_by_the_level_above(hall, complaint):
    rise(hall)
    assert hall.refused(direct(complaint, "assign"), CENTRE).code == "flow_needs_unit"
    assert hall.refused(direct(complaint, "reply", text=" "), CENTRE).code == "complaint_needs_text"
    (given,) = hall.do(direct(complaint, "assign", to="street-office", due="2026-12-04"), CENTRE)
    kept = hall.state.complaints[complaint]
    assert (given.body.step, kept.state, kept.to, kept.due) == ("redirect", "redirected", "street-office", "2026-12-04")
    (answered,) = hall.do(direct(complaint, "reply", text="街道已核实并整改"), CENTRE)
    assert (answered.body.state, answered.private.members) == ("replied", {"text": "街道已核实并整改"})
    ask = c.ShowComplaint(complaint=complaint, what="answer", query_code=kept.query_code)
    assert hall.do(ask, KIOSK)[0].body.h == hall.state.complaints[complaint].answer_h
    assert hall.do(direct(complaint, "urge"), CENTRE)[0].body.why == "complaint_not_now"
    hall.do(c.CloseComplaint(complaint=complaint), LEAD)
    assert hall.replayed() == hall.state


def test_an_order_that_comes_again_acts_once_and_a_newer_one_anew(hall, complaint):
    urge = direct(complaint, "urge", due="2026-11-25")
    assert [draft.v for draft in hall.do(urge, CENTRE)] == [2]
    assert hall.do(urge, CENTRE) == [], "the line may bring it twice"
    assert hall.do(direct(complaint, "urge", rev=2, due="2026-11-26"), CENTRE)[0].body.due == "2026-11-26"
    assert hall.do(urge, CENTRE) == [], "an older one after a newer one"
    assert hall.state.complaints[complaint].urged == 2
    assert hall.replayed() == hall.state


def test_an_order_that_was_followed_and_is_taken_back_is_a_dispute(hall, complaint):
    given = direct(complaint, "urge", due="2026-11-25")
    hall.do(given, CENTRE)
    gone = c.TakeBackDecision(about=given.about.model_copy(update={"rev": 2}))
    (disputed,) = hall.do(gone, CENTRE)
    assert (disputed.kind, disputed.subject, disputed.body.said) == ("decision.disputed", complaint, "gone")
    assert hall.state.complaints[complaint].due == "2026-11-25", "people undo it, nobody else"
    hall.do(c.SettleDispute(item="decisions/k:urge"), LEAD)
    assert hall.do(given, CENTRE) == [], "it does not come back"
    assert hall.replayed() == hall.state


def test_a_limit_of_the_level_above_that_is_missed_rises_again(hall, complaint):
    rise(hall)
    hall.do(direct(complaint, "assign", to="street-office", due="2026-12-04"), CENTRE)
    hall.do(c.CloseDay())
    hall.at("2026-12-07T09:00")
    _, risen = hall.do(c.OpenDay(date="2026-12-07"))
    assert (risen.body.step, risen.body.level) == ("escalate", "district")


def test_the_complainant_reads_the_answer_by_number_and_code(hall, complaint):
    kept = hall.state.complaints[complaint]
    with pytest.raises(Exception, match="complaint_unknown"):
        complaints.by_number(hall.state, kept.number, "WRONG000")
    with pytest.raises(Exception, match="complaint_unknown"):
        complaints.by_number(hall.state, kept.number, "")
    assert complaints.by_number(hall.state, kept.number, kept.query_code.lower()).uid == complaint
    ask = c.ShowComplaint(complaint=complaint, what="answer", query_code=kept.query_code)
    assert hall.refused(ask, KIOSK).code == "part_unknown"
    walk(hall, complaint, c.AcceptComplaint, c.InvestigateComplaint, c.ReplyComplaint)
    assert hall.do(ask, KIOSK)[0].kind == "complaint.shown"
    for wrong in ({"query_code": ""}, {"query_code": "WRONG000"}, {"what": "text"}):
        assert hall.refused(ask.model_copy(update=wrong), KIOSK).code == "complaint_unknown"
    assert hall.do(c.ShowComplaint(complaint=complaint, what="text"), LEAD)[0].body.what == "text"
    assert hall.refused(ask, "clerk:c01").code == "not_your_role"


def test_a_closed_one_can_be_asked_for_ninety_days(hall, complaint):
    walk(hall, complaint, c.AcceptComplaint, c.InvestigateComplaint, c.ReplyComplaint, c.CloseComplaint)
    hall.do(c.CloseDay())
    hall.do(c.OpenDay(date="2027-02-21"))
    assert complaint in hall.state.complaints
    hall.do(c.CloseDay())
    hall.do(c.OpenDay(date="2027-02-22"))
    assert complaint not in hall.state.complaints


def test_a_number_that_cannot_be_read_stops_the_numbers_of_the_day(hall):
    hall.fold_unknown("complaint.registered", "complaint:X", 9)
    assert hall.refused(register(), KIOSK).code == "subject_frozen"
