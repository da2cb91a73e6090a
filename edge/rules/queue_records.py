"""Bodies of what happens to tickets, windows and bookings in the queue. Moments are wall clock, ms since 1970."""

from typing import Final, Literal

from edge.rules.about import About
from edge.rules.body import Body
from edge.rules.queue_setup import PolicyName

Klass = Literal["walk_in", "green", "appointment"]
Ground = Literal["disabled", "military", "elderly", "pregnant", "other"]
Channel = Literal["kiosk", "clerk", "guide"]
CallWhy = Literal["order", "guard", "early", "recall", "out_of_turn"]
OutOfTurnReason = Literal["asked_back", "escorted", "emergency", "manager"]
BackReason = Literal["materials_missing", "system_down", "wrong_window", "needs_other_window", "clerk_ends"]
PauseReason = Literal["lunch", "break", "meeting", "system_down", "other"]
GuidanceOutcome = Literal["came", "by_phone", "nobody", "turn_ended"]
BookingEnd = Literal["cancelled", "no_show", "late", "hall_closed"]


class TicketIssued(Body):
    """subject `t:<ulid>`. `key`: queue order of virtual time; `arrived`: the moment it counts from, never going back.

    `not_before`: an appointment is not due before. `items`: every service it is for, `service` the first. `declared`:
    the ground of a green channel claimed but not confirmed. `ahead`: people before it at issue. `person`: keyed hash
    that enforces one open ticket a person, '' without a card. Sealed: name, id_number.
    """

    number: str
    service: str
    items: tuple[str, ...]
    area: str
    channel: Channel
    place: str
    klass: Klass
    declared: Ground | Literal[""]
    booking: str
    key: int
    arrived: int
    not_before: int
    ahead: int
    person: str


class TicketCalled(Body):
    """subject the ticket. `call` 1 = first call, 2.. = recall; `clerk` '' when a keypad without a clerk called.

    `why`, `policy`, `ahead` (tickets the policy ranks before it), `owed` (the window's debt to the guard from now on):
    why this ticket and no other. `reason` only out of turn. `waited`: ms since the person came.
    """

    window: str
    call: int
    clerk: str
    why: CallWhy
    policy: PolicyName
    ahead: int
    owed: int
    reason: OutOfTurnReason | Literal[""]
    waited: int


class TicketUncalled(Body):
    """A call taken back at once; the ticket stands where it stood, and the window owes the guard what it owed."""

    window: str
    owed: int


class TicketRevived(Body):
    """A missed ticket waits again, once."""

    key: int
    arrived: int
    by: Channel


class TicketHeld(Body):
    """Put aside at the window in the middle of its turn; nobody else may take it up."""

    window: str


class TicketResumed(Body):
    window: str


class TicketReturned(Body):
    """Back to the queue from a turn. `returns`: how often by now."""

    window: str
    reason: BackReason
    key: int
    arrived: int
    returns: int


class TicketTransferred(Body):
    """To another service, or to one window (`to`, '' = any that serves it). It keeps counting from when it came."""

    window: str
    service: str
    area: str
    to: str
    reason: BackReason
    key: int


class TicketAdvanced(Body):
    """One of several items is done; the next one waits, or goes on at the same window (`stays`)."""

    window: str
    service: str
    area: str
    stays: bool
    key: int


class TicketCancelled(Body):
    by: Channel


class ServiceAbandoned(Body):
    """subject the ticket: the day turned and its turn was still open (`was`). Nobody knows when it ended, so it counts
    in no service time. `service`: id of the turn, as in `service.started`.
    """

    window: str
    service: str
    was: Literal["serving", "held"]


class GreenSettled(Body):
    """A person looked: the claim holds or not. The ticket's class and key from now on."""

    ground: Ground
    holds: bool
    klass: Klass
    key: int


class GuidanceCalled(Body):
    """subject the ticket: `unit` is asked to send somebody (指导). The clock of the service stands still, not that of a
    case. `service`: id of the turn.
    """

    window: str
    service: str
    unit: str
    clerk: str
    now: int


class GuidanceEnded(Body):
    """`outcome`: `turn_ended` before anybody answered. `took`: ms during which the clock stood still."""

    window: str
    service: str
    unit: str
    outcome: GuidanceOutcome
    took: int


class WindowPaused(Body):
    """subject `window:<id>`. `until`: planned end, 0 = not said."""

    reason: PauseReason
    until: int


class WindowResumed(Body):
    pass


class ClerkTakenOver(Body):
    """A manager seats `clerk` where `before` sat, whatever is going on there."""

    clerk: str
    before: str


class ClerkLapsed(Body):
    """Nobody renewed the clerk's lease (a browser closed, a PC switched off)."""

    clerk: str


class IssuingStopped(Body):
    """subject `service:<id>`. `forecast`: who came now would not be served before closing."""

    why: Literal["forecast", "manager"]


class IssuingResumed(Body):
    pass


class BookingMirrored(Body):
    """subject `b:<centre's id>`: one of the city's bookings, days ahead. Sealed: name, id_number, phone.

    `person`, `phone`: keyed hashes to find it by card and by the last digits of the phone with the slot's day.
    `item`: what it was made from; not `about`, since it says nothing that the centre does not know.
    """

    date: str
    slot: int
    service: str
    person: str
    phone: str
    item: About | None = None


class BookingCheckedIn(Body):
    """`flag`: the centre had cancelled it when the person was already here; the person in the hall wins. `about`: the
    item that counted here, None where the booking came from none.
    """

    ticket: str
    arrived: int
    punctuality: Literal["early", "on_time", "late"]
    flag: Literal["", "cancelled_late"]
    about: About | None = None


class BookingEnded(Body):
    """Not used any more: cancelled by the centre, nobody came, late and got an ordinary ticket (`ticket`), or the
    hall closed before its slot was over. `about`: as in a check-in; None when the centre itself cancelled.
    """

    why: BookingEnd
    ticket: str
    about: About | None = None


QUEUE_KINDS: Final[dict[tuple[str, int], type[Body]]] = {
    ("ticket.issued", 2): TicketIssued,
    ("ticket.called", 2): TicketCalled,
    ("ticket.uncalled", 1): TicketUncalled,
    ("ticket.revived", 1): TicketRevived,
    ("ticket.held", 1): TicketHeld,
    ("ticket.resumed", 1): TicketResumed,
    ("ticket.returned", 1): TicketReturned,
    ("ticket.transferred", 1): TicketTransferred,
    ("ticket.advanced", 1): TicketAdvanced,
    ("ticket.cancelled", 1): TicketCancelled,
    ("service.abandoned", 1): ServiceAbandoned,
    ("green.settled", 1): GreenSettled,
    ("guidance.called", 1): GuidanceCalled,
    ("guidance.ended", 1): GuidanceEnded,
    ("window.paused", 1): WindowPaused,
    ("window.resumed", 1): WindowResumed,
    ("clerk.taken_over", 1): ClerkTakenOver,
    ("clerk.lapsed", 1): ClerkLapsed,
    ("issuing.stopped", 1): IssuingStopped,
    ("issuing.resumed", 1): IssuingResumed,
    ("booking.mirrored", 2): BookingMirrored,
    ("booking.checked_in", 2): BookingCheckedIn,
    ("booking.ended", 2): BookingEnded,
}
