"""What the hall's records add up to. Only `apply` changes it; snapshots of it are its JSON."""

from typing import Literal

from pydantic import Field

from edge.rules.about import About
from edge.rules.case_state import Case
from edge.rules.copy_state import Copies
from edge.rules.dispute_state import Dispute
from edge.rules.dossier_state import Dossier
from edge.rules.followup_state import Complaint, Opinion, Task
from edge.rules.handover_state import Batch
from edge.rules.oversight_setup import OversightSetup
from edge.rules.paper_state import Stock
from edge.rules.parcel_state import Expected, Parcel
from edge.rules.part import Part as Part
from edge.rules.part import PrintState as PrintState
from edge.rules.queue_records import CallWhy, Channel, Ground, Klass, OutOfTurnReason
from edge.rules.queue_setup import QueueSetup
from edge.rules.records import ServiceSetup, WindowSetup

TicketState = Literal["waiting", "called", "serving", "held", "done", "missed", "cancelled", "expired"]
BookingState = Literal["booked", "checked_in", "cancelled", "no_show", "late", "hall_closed"]


class Guidance(Part):
    """`unit` was asked to the window; `since` ms, wall clock."""

    unit: str
    since: int


class Ticket(Part):
    """`key`: order of virtual time, smallest first, then `arrived`, then uid. `arrived`: the moment it counts from;
    `since`: when the person came, or came back after a miss; waits and the guard count from it. `left`: services still
    to do, the present one first. `calls`: first call and recalls. `to`: only this window may call it, '' = any that
    serves it. `holder_h`: sealed part or ''.
    """

    uid: str
    number: str
    service: str
    area: str
    channel: Channel
    place: str
    key: int
    ahead: int
    person: str
    issued_at: str
    issued_seq: int
    klass: Klass = "walk_in"
    declared: Ground | Literal[""] = ""
    booking: str = ""
    arrived: int = 0
    since: int = 0
    not_before: int = 0
    left: tuple[str, ...] = ()
    to: str = ""
    called_ms: int = 0  # moment of the first call of this turn
    call_why: CallWhy | Literal[""] = ""  # why this ticket and no other, of the last call that was no recall
    call_over: int = 0  # tickets the policy ranked before it then
    call_reason: OutOfTurnReason | Literal[""] = ""
    missed_ms: int = 0
    returns: int = 0
    revived: int = 0
    state: TicketState = "waiting"
    calls: int = 0
    window: str = ""
    turn: str = ""  # id `s:…` of the service at the window
    print: PrintState = "none"
    print_job: str = ""
    print_code: str = ""
    copies: int = 0
    holder_h: str = ""
    guidance: Guidance | None = None  # somebody of a department is waited for at the window
    stood: int = 0  # ms that this turn's clock stood still
    told: tuple[int, int] | None = None  # wait told at issue, P50 and P90 in ms


class Question(Part):
    """A rating asked of one finished service; closed by the answer, by time, or by the next question.

    `until`, `ended`, `closes`, `last_day` as in RatingAsked; `added`: it has its second opinion, `opinions` what was
    said.
    """

    nonce: str
    turn: str
    window: str
    until: int
    ended: int = 0
    closes: int = 0
    last_day: str = ""
    clerk: str = ""
    ticket: str = ""
    state: Literal["asked", "given", "lapsed"] = "asked"
    added: bool = False
    opinions: list[Opinion] = Field(default_factory=list)


class WindowState(Part):
    setup: WindowSetup
    clerk: str = ""
    ticket: str = ""  # uid of the ticket called or served here
    paused: str = ""  # reason, '' = at work
    until: int = 0  # planned end of the pause, 0 = not said
    owed: int = 0  # calls in a row that passed by those who wait too long
    owed_before: int = 0  # the same before the last call, for an undo
    question: str = ""  # nonce of the last question


class Booking(Part):
    """One of the city's bookings, mirrored days ahead. `person`, `phone`: keyed hashes."""

    uid: str
    date: str
    slot: int
    service: str
    person: str
    phone: str
    state: BookingState = "booked"
    ticket: str = ""
    holder_h: str = ""
    about: About | None = None


class Call(Part):
    """A line of the board: newest last in State.calls; a recall moves its line to the end."""

    ticket: str
    number: str
    window: str
    area: str
    call: int
    at: str
    seq: int


class State(Part):
    """One site on one business date. Tickets and ended cases leave with `day.closed`; cases not ended stay.

    `last_key`: greatest walk-in key given on `date`. `frozen`: subjects of records this release does not know;
    they are left alone until a release that knows them folds the journal again.
    """

    seq: int = 0
    date: str = ""
    open: bool = False
    closes: int = 0
    setup_hash: str = ""
    queue: QueueSetup = QueueSetup()
    oversight: OversightSetup = OversightSetup()
    recalls: int = 3
    rating_seconds: int = 15
    clerks: tuple[str, ...] = ()
    services: dict[str, ServiceSetup] = Field(default_factory=dict)
    windows: dict[str, WindowState] = Field(default_factory=dict)
    counters: dict[str, int] = Field(default_factory=dict)  # prefix -> last number issued on `date`
    tickets: dict[str, Ticket] = Field(default_factory=dict)
    questions: dict[str, Question] = Field(default_factory=dict)
    calls: list[Call] = Field(default_factory=list)
    last_key: int = 0
    bookings: dict[str, Booking] = Field(default_factory=dict)  # of today and the days to come
    stopped: dict[str, str] = Field(default_factory=dict)  # service -> why no more numbers are given
    cases: dict[str, Case] = Field(default_factory=dict)
    dossiers: dict[str, Dossier] = Field(default_factory=dict)  # cases received and not closed
    disputes: dict[str, Dispute] = Field(default_factory=dict)  # by feed and id of the word
    batches: dict[str, Batch] = Field(default_factory=dict)  # handovers under way or with open differences
    taken_in: set[str] = Field(default_factory=set)  # batches that came here, for ever: none is taken in twice
    stocks: dict[str, Stock] = Field(default_factory=dict)  # security paper, by kind
    expected: dict[str, Expected] = Field(default_factory=dict)  # announced parcels, by feed and id of the item
    parcels: dict[str, Parcel] = Field(default_factory=dict)  # signed for, of no case yet
    waybills: dict[str, str] = Field(default_factory=dict)  # of the last months -> day it was signed for
    case_counters: dict[str, int] = Field(default_factory=dict)  # letter of numbers.py -> last count on `date`
    given: dict[str, int] = Field(default_factory=dict)  # prefix, "case:" and letter -> how many numbers on `date`
    busiest: int = 0  # the most that one of them ever had in a day
    copies: dict[str, Copies] = Field(default_factory=dict)  # prints of `date`, and any still under way
    copy_grants: dict[str, int] = Field(default_factory=dict)  # account -> pages granted on `date`
    tasks: dict[str, Task] = Field(default_factory=dict)
    complaints: dict[str, Complaint] = Field(default_factory=dict)
    frozen: set[str] = Field(default_factory=set)
