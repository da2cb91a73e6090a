"""The city's appointments: early, on time, late, lapsed, moved, cancelled, and a person who is simply here."""

import pytest

from edge.rules import commands as c
from edge.rules import queue_commands as q
from tests.edge.rules.conftest import DAY

MINUTE = 60_000


@pytest.fixture(autouse=True)
def nothing_lives_only_in_memory(hall):
    yield
    assert hall.replayed() == hall.state


def mirror(hall, number=1, minutes=60, service="general", day=DAY, person=""):
    """A booking whose slot is so many minutes from now."""
    holder = c.Holder(ref=person or f"q{number}", name="张测试", id_number="119999199001010012")
    slot = hall.clock.ms + minutes * MINUTE
    return q.MirrorBooking(booking=f"b:{number}", date=day, slot=slot, service=service, holder=holder)


def here(number=1, **more):
    return q.CheckIn(booking=f"b:{number}", channel="kiosk", place="k1", **more)


def booked(hall, **how):
    command = mirror(hall, **how)
    hall.do(command)
    return command.slot


@pytest.mark.parametrize(
    ("after", "punctuality", "whole"),
    [(-60, "early", True), (-1, "early", True), (1, "on_time", True), (9, "on_time", True), (11, "late", False)],
)
def test_what_a_slot_is_worth(hall, after, punctuality, whole):
    slot = booked(hall)
    hall.clock.ms = slot + after * MINUTE
    issued, checked = hall.do(here())
    bonus = hall.state.queue.appointment
    worth = slot - bonus if whole else hall.clock.ms - bonus // 2
    assert (issued.body.klass, issued.body.key, checked.body.punctuality) == ("appointment", worth, punctuality)
    assert issued.body.not_before == slot - 5 * MINUTE
    assert (issued.private, issued.body.booking) == (None, "b:1")


def test_before_its_slot_only_where_the_window_would_idle(hall):
    booked(hall)
    early = hall.do(here())[0].subject
    walk_in = hall.issue()
    assert hall.do(c.CallNext(window="w1"))[0].subject == walk_in
    body = hall.do(c.CallNext(window="w2"))[0].body
    assert (hall.state.windows["w2"].ticket, body.why) == (early, "early")


def test_too_late_is_told_and_becomes_an_ordinary_number(hall):
    slot = booked(hall)
    hall.clock.ms = slot + 31 * MINUTE
    refused = hall.refused(here())
    assert (refused.code, refused.values, refused.instead) == ("booking_late", {"minutes": 30}, "booking.check_in")
    issued, ended = hall.do(here(accept_late=True))
    assert (issued.body.klass, issued.body.key) == ("walk_in", issued.body.arrived)
    assert (ended.body.why, ended.body.ticket) == ("late", issued.subject)
    assert hall.refused(here()).code == "booking_used"


def test_nobody_came(hall):
    slot = booked(hall)
    assert hall.do(q.AdvanceBookings()) == []
    hall.clock.ms = slot + 31 * MINUTE
    assert [draft.body.why for draft in hall.do(q.AdvanceBookings())] == ["no_show"]
    assert hall.do(q.AdvanceBookings()) == []
    assert hall.refused(here()).code == "booking_late"
    hall.clock.ms = slot  # the clock had been wrong: the person stands here in time
    assert hall.do(here())[0].body.klass == "appointment"


def test_the_person_in_the_hall_wins_over_a_late_cancellation(hall):
    booked(hall)
    booked(hall, number=2)
    hall.do(here())
    assert hall.do(q.CancelBooking(booking="b:1")) == []
    hall.do(q.CancelBooking(booking="b:2"))
    assert hall.do(here(2))[1].body.flag == "cancelled_late"
    assert hall.do(q.CancelBooking(booking="b:9")) == []


def test_a_moved_slot_is_a_new_record_and_the_same_one_is_none(hall):
    first = mirror(hall)
    hall.do(first)
    assert hall.do(first) == []
    moved = first.model_copy(update={"slot": first.slot + 60 * MINUTE})
    assert [draft.kind for draft in hall.do(moved)] == ["booking.mirrored"]
    assert hall.state.bookings["b:1"].slot == moved.slot
    hall.do(q.CancelBooking(booking="b:1"))
    assert hall.do(moved) == []  # an old list must not bring a cancelled one back
    hall.do(first)
    assert hall.state.bookings["b:1"].state == "booked"
    hall.do(here())
    assert hall.do(moved) == []


def test_a_promise_is_kept_although_issuing_has_stopped(hall):
    slot = booked(hall)
    hall.do(q.StopIssuing(service="general", why="forecast"))
    hall.do(here())
    booked(hall, number=2, minutes=0)
    hall.clock.ms = slot + 90 * MINUTE
    assert hall.refused(here(2, accept_late=True)).code == "issuing_stopped"


def test_one_open_ticket_counts_for_bookings_too(hall):
    booked(hall, person="p1")
    hall.issue(person="p1")
    assert hall.refused(here()).code == "person_has_ticket"


def test_only_todays_bookings_check_in(hall):
    booked(hall, day="2026-11-24")
    booked(hall, number=3, service="nothing")
    assert hall.do(mirror(hall, number=2, day="2026-11-20")) == []
    assert hall.refused(here()).code == hall.refused(here(2)).code == "booking_unknown"
    assert hall.refused(here(3)).code == "service_unknown"


def test_a_frozen_booking_is_left_alone(hall):
    command = mirror(hall, minutes=-60)
    hall.do(command)
    hall.fold_unknown("booking.promoted", "b:1")
    moved = command.model_copy(update={"slot": command.slot + MINUTE})
    assert hall.do(moved) == hall.do(q.CancelBooking(booking="b:1")) == hall.do(q.AdvanceBookings()) == []
    assert hall.refused(here()).code == "subject_frozen"


def test_a_day_ends_its_bookings_and_says_whether_it_waited_for_them(hall):
    booked(hall, number=1, minutes=-60)
    booked(hall, number=2, minutes=60)
    booked(hall, number=3, day="2026-11-24")
    booked(hall, number=4)
    hall.do(here(4))
    ended = [draft for draft in hall.do(c.CloseDay()) if draft.kind == "booking.ended"]
    assert [(draft.subject, draft.body.why) for draft in ended] == [("b:1", "no_show"), ("b:2", "hall_closed")]
    hall.do(c.OpenDay(date=DAY))
    assert hall.refused(here(4)).code == "booking_used"
    assert hall.do(here(2))[0].body.klass == "appointment"
    hall.do(c.CloseDay())
    hall.do(c.OpenDay(date="2026-11-24"))
    assert set(hall.state.bookings) == {"b:3"}
