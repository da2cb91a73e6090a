"""What the kiosk knows (an immutable snapshot), what can happen to it (events), what it asks for (effects)."""

from dataclasses import dataclass, field
from typing import Literal, get_args

from edge.api.queue_schema import CheckedIn, CheckInRequest, Ground, Punctuality
from edge.api.schema import Catalogue, HallSnapshot, MaskedHolder, TicketRequest, TicketSnapshot
from kiosk_ui.follow import Seen
from kiosk_ui.terminal.desk_steps import NOTHING, Answer, Desk, Request

Page = Literal[
    "starting",
    "gone",
    "service",
    "card",
    "more",
    "green",
    "reading",
    "holder",
    "booking",
    "digits",
    "scanning",
    "problem",
    "taking",
    "number",
    "choices",
    "keys",
    "asking",
    "course",
    "answer",
    "review",
    "rated",
    "voiced",
    "guide",
    "copy",
]
Do = Literal[
    "choose",
    "card",
    "no_card",
    "more",
    "green",
    "declare",
    "booking",
    "by_card",
    "by_code",
    "by_phone",
    "digit",
    "erase",
    "check_in",
    "accept_late",
    "papers",
    "guides",
    "print",
    "take",
    "copies",
    "take_page",
    "add_page",
    "pick",
    "key",
    "scan",
    "skip",
    "next",
    "collect",
    "confirm",
    "again",
    "back",
    "end",
    "stay",
    "language",
    "large",
    "contrast",
    "help",
    "help_close",
    "sheet_next",
    "sheet_back",
    "touched",
]
DOES: frozenset[str] = frozenset(get_args(Do))


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds. `print_wait`: how long the number stays while the printer has said nothing."""

    idle: float = 60.0
    idle_large: float = 120.0
    warning: float = 20.0
    reading: float = 60.0
    number: float = 15.0
    number_no_paper: float = 30.0
    print_wait: float = 20.0
    take_card: float = 10.0
    loss_grace: float = 3.0


TIMES = Times()


@dataclass(frozen=True, slots=True)
class Problem:
    """`kind`: which step failed. `late`: a booking that lapsed, an ordinary number is offered. `stopped`: no numbers
    now, `code` says why. `desk`: with a paper in one's hand; without `text` it is not known whether it was done.
    `text`, `instead`: the hall's own words for the citizen, may be ''.
    """

    kind: Literal["card", "code", "take", "refused", "late", "stopped", "desk"]
    code: str
    text: str = ""
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`session` grows by one at every wipe. `*_left`: seconds shown, None = not counting.

    `more`: further items on the ticket. `declared`: ground of the green channel. `booking`: the person checks an
    appointment in; then `digits` of a phone as typed, `punctuality` and `slot` (ms since 1970) of what was found.
    `desk`: what a person with a paper in his hand said so far. `tall`: the panel is higher than wide.
    """

    session: int = 0
    page: Page = "starting"
    language: str = "zh-Hans"
    large: bool = False
    tall: bool = False
    contrast: bool = False
    help: bool = False
    sheet: int = 0
    catalogue: Catalogue | None = None
    hall: HallSnapshot | None = None
    online: bool = False
    service: str = ""
    more: tuple[str, ...] = ()
    declared: Ground | Literal[""] = ""
    booking: bool = False
    digits: str = field(default="", repr=False)
    scanner: bool = False
    copier: bool = False
    punctuality: Punctuality | Literal[""] = ""
    slot: int = 0
    desk: Desk = NOTHING
    holder: MaskedHolder | None = field(default=None, repr=False)
    card_used: bool = False
    ticket: TicketSnapshot | None = None
    paper_late: bool = False
    problem: Problem | None = None
    take_card: bool = False
    reading_left: int | None = None
    warn_left: int | None = None
    return_left: int | None = None


@dataclass(frozen=True, slots=True)
class Touch:
    """Somebody touched or pressed something; `value`: service id or language."""

    do: Do
    value: str = ""


@dataclass(frozen=True, slots=True)
class Fitted:
    """The panel's shape."""

    tall: bool


@dataclass(frozen=True, slots=True)
class Tick:
    pass


@dataclass(frozen=True, slots=True)
class CardRead:
    session: int
    holder: MaskedHolder = field(repr=False)


@dataclass(frozen=True, slots=True)
class TicketTaken:
    session: int
    ticket: TicketSnapshot


@dataclass(frozen=True, slots=True)
class Failed:
    """A read or a taking that ended badly."""

    session: int
    problem: Problem


@dataclass(frozen=True, slots=True)
class TicketSeen:
    session: int
    ticket: TicketSnapshot


@dataclass(frozen=True, slots=True)
class CodeRead:
    session: int
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class BookingFound:
    session: int
    found: CheckedIn


@dataclass(frozen=True, slots=True)
class Answered:
    session: int
    answer: Answer = field(repr=False)


Event = Answered | CodeRead | BookingFound | Touch | Tick | CardRead | TicketTaken | Failed | TicketSeen | Fitted | Seen


@dataclass(frozen=True, slots=True)
class ReadCard:
    session: int
    seconds: float


@dataclass(frozen=True, slots=True)
class EndCard:
    """Stop a running read; the hall forgets what was read."""


@dataclass(frozen=True, slots=True)
class TakeTicket:
    session: int
    request: TicketRequest


@dataclass(frozen=True, slots=True)
class ReadCode:
    session: int
    seconds: float


@dataclass(frozen=True, slots=True)
class EndCode:
    """Stop waiting for a code."""


@dataclass(frozen=True, slots=True)
class EndCopies:
    """The hall forgets the pages that were taken."""


@dataclass(frozen=True, slots=True)
class CheckIn:
    session: int
    request: CheckInRequest = field(repr=False)


@dataclass(frozen=True, slots=True)
class WatchTicket:
    session: int
    uid: str


@dataclass(frozen=True, slots=True)
class StopWatching:
    pass


@dataclass(frozen=True, slots=True)
class SpeakLanguage:
    language: str


@dataclass(frozen=True, slots=True)
class Ask:
    session: int
    request: Request = field(repr=False)


Effect = (
    Ask
    | ReadCode
    | EndCode
    | EndCopies
    | CheckIn
    | ReadCard
    | EndCard
    | TakeTicket
    | WatchTicket
    | StopWatching
    | SpeakLanguage
)
