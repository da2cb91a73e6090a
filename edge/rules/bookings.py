"""The city's appointments, mirrored days ahead: who is here checks in, who stays away lapses."""

from typing import Final

from edge.rules import look, tickets
from edge.rules.codes import Code, refusal
from edge.rules.moment import Fact, Moment
from edge.rules.policies import arrival, booked_key, on_time
from edge.rules.queue_commands import AdvanceBookings, CancelBooking, CheckIn, MirrorBooking
from edge.rules.queue_records import BookingCheckedIn, BookingEnd, BookingEnded, BookingMirrored
from edge.rules.records import Body, Draft, Private
from edge.rules.state import Booking, State

_USED: Final = ("checked_in", "late")


def mirror(state: State, command: MirrorBooking, moment: Moment) -> list[Draft]:
    """Nothing for one that is known as it is, or used already: the person in the hall wins over a late change.

    A slot moved after it was cancelled or missed is a booking again.
    """
    known = state.bookings.get(command.booking)
    if command.date < state.date or command.booking in state.frozen:
        return []
    if known is not None and known.state in _USED:
        return []
    facts = (command.date, command.slot, command.service, command.holder.ref, command.about)
    if known is not None and facts == (known.date, known.slot, known.service, known.person, known.about):
        return []
    body = BookingMirrored(
        date=command.date,
        slot=command.slot,
        service=command.service,
        person=command.holder.ref,
        phone=command.phone,
        item=command.about,
    )
    private = Private(
        owner=command.booking, members={"name": command.holder.name, "id_number": command.holder.id_number}
    )
    return [_draft("booking.mirrored", command.booking, body, moment, command.date, private)]


def cancel(state: State, command: CancelBooking, moment: Moment) -> list[Draft]:
    """By the centre. Nothing once the person is here."""
    booking = state.bookings.get(command.booking)
    if booking is None or booking.state != "booked" or booking.uid in state.frozen:
        return []
    return [_draft("booking.ended", booking.uid, BookingEnded(why="cancelled", ticket=""), moment, booking.date)]


def check_in(state: State, command: CheckIn, moment: Moment) -> list[Draft]:
    """The number of a booking's person, and what became of the booking; who comes too late is a walk-in, if he agrees.

    A booking that was cancelled or given up meanwhile counts when its person stands here in time. Stopped issuing
    does not concern it: its place was promised. Raises Refusal.
    """
    date = look.open_day(state)
    booking = _usable(state, command.booking, date)
    tickets.require_offered(state, booking.service)
    arrived = arrival(state, moment.now_ms)
    key = booked_key(state.queue, booking.slot, moment.now_ms)
    if key is None:
        if not command.accept_late:
            raise refusal(Code.BOOKING_LATE, minutes=state.queue.late // 60_000)
        tickets.require_issuing(state, booking.service)
    tickets.one_open_ticket(state, booking.person, tickets.prefixes_of(state, (booking.service,)))
    made = tickets.made_ticket(
        state,
        moment,
        items=(booking.service,),
        klass="walk_in" if key is None else "appointment",
        key=arrived if key is None else key,
        arrived=arrived,
        not_before=0 if key is None else booking.slot - state.queue.early,
    )
    body = tickets.body_of(
        made,
        state,
        moment,
        channel=command.channel,
        place=command.place,
        booking=booking.uid,
        person=booking.person,
    )
    issued = tickets.draft(state, made.uid, body, moment, None)
    if key is None:
        late = BookingEnded(why="late", ticket=made.uid, about=booking.about)
        return [issued, _draft("booking.ended", booking.uid, late, moment, date)]
    here = _checked_in(state, booking, made.uid, moment)
    return [issued, _draft("booking.checked_in", booking.uid, here, moment, date)]


def _usable(state: State, uid: str, date: str) -> Booking:
    """Raises Refusal: no such booking on this day, its subject is frozen, or it was used before."""
    booking = state.bookings.get(uid)
    if booking is None or booking.date != date:
        raise refusal(Code.BOOKING_UNKNOWN)
    if booking.uid in state.frozen:
        raise refusal(Code.SUBJECT_FROZEN)
    if booking.state in _USED:
        number = state.tickets[booking.ticket].number if booking.ticket in state.tickets else ""
        raise refusal(Code.BOOKING_USED, number=number)
    return booking


def _checked_in(state: State, booking: Booking, ticket: str, moment: Moment) -> BookingCheckedIn:
    return BookingCheckedIn.model_validate(
        {
            "ticket": ticket,
            "arrived": moment.now_ms,
            "punctuality": _punctuality(state, booking.slot, moment.now_ms),
            "flag": "cancelled_late" if booking.state == "cancelled" else "",
            "about": booking.about,
        }
    )


def advance(state: State, command: AdvanceBookings, moment: Moment) -> list[Draft]:
    return [_given_up(state, booking, moment) for booking in _due(state) if _is_over(state, booking, moment)]


def close_day(state: State, moment: Moment) -> list[Draft]:
    """Nobody came, or nobody could: a slot that the hall did not wait for is no no-show."""
    return [_given_up(state, booking, moment) for booking in _due(state)]


def mirrored(state: State, fact: Fact, body: BookingMirrored) -> None:
    state.bookings[fact.subject] = Booking(
        uid=fact.subject,
        date=body.date,
        slot=body.slot,
        service=body.service,
        person=body.person,
        phone=body.phone,
        about=body.item,
        holder_h=fact.parts[0] if fact.parts else "",
    )


def checked_in(state: State, fact: Fact, body: BookingCheckedIn) -> None:
    booking = state.bookings.get(fact.subject)
    if booking is not None:
        booking.state, booking.ticket = "checked_in", body.ticket


def ended(state: State, fact: Fact, body: BookingEnded) -> None:
    booking = state.bookings.get(fact.subject)
    if booking is not None:
        booking.state, booking.ticket = body.why, body.ticket


def begin_day(state: State, date: str) -> None:
    """Those of earlier days leave. They stay while their date may open again, so that none is used twice."""
    gone = {uid for uid, one in state.bookings.items() if one.date < date}
    state.bookings = {uid: one for uid, one in state.bookings.items() if uid not in gone}
    state.frozen -= gone


def _due(state: State) -> list[Booking]:
    return [
        booking
        for booking in state.bookings.values()
        if booking.state == "booked" and booking.date <= state.date and booking.uid not in state.frozen
    ]


def _is_over(state: State, booking: Booking, moment: Moment) -> bool:
    return moment.now_ms > booking.slot + state.queue.late


def _given_up(state: State, booking: Booking, moment: Moment) -> Draft:
    why: BookingEnd = "no_show" if _is_over(state, booking, moment) else "hall_closed"
    body = BookingEnded(why=why, ticket="", about=booking.about)
    return _draft("booking.ended", booking.uid, body, moment, booking.date)


def _punctuality(state: State, slot: int, now_ms: int) -> str:
    if now_ms < slot:
        return "early"
    return "on_time" if on_time(state.queue, slot, now_ms) else "late"


def _draft(kind: str, subject: str, body: Body, moment: Moment, date: str, private: Private | None = None) -> Draft:
    return Draft(kind=kind, v=2, subject=subject, actor=moment.actor, body=body, business_date=date, private=private)
