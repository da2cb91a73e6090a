"""What the hall's records add up to. Only `apply` changes it; snapshots of it are its JSON."""

from typing import Literal

from pydantic import Field

from edge.rules.case_state import Case
from edge.rules.part import Part as Part
from edge.rules.part import PrintState as PrintState
from edge.rules.records import Channel, ServiceSetup, WindowSetup

TicketState = Literal["waiting", "called", "serving", "done", "missed", "expired"]


class Ticket(Part):
    """`key`: queue order, smallest first, then uid. `calls`: first call and recalls. `holder_h`: sealed part or ''."""

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
    state: TicketState = "waiting"
    calls: int = 0
    window: str = ""
    turn: str = ""  # id `s:…` of the service at the window
    print: PrintState = "none"
    print_job: str = ""
    print_code: str = ""
    copies: int = 0
    holder_h: str = ""


class Question(Part):
    """A rating asked of one finished service; closed by the answer, by time, or by the next question."""

    nonce: str
    turn: str
    window: str
    until: int
    state: Literal["asked", "given", "lapsed"] = "asked"


class WindowState(Part):
    setup: WindowSetup
    clerk: str = ""
    ticket: str = ""  # uid of the ticket called or served here
    question: str = ""  # nonce of the last question


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
    setup_hash: str = ""
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
    cases: dict[str, Case] = Field(default_factory=dict)
    case_counters: dict[str, int] = Field(default_factory=dict)  # letter of numbers.py -> last count on `date`
    frozen: set[str] = Field(default_factory=set)
