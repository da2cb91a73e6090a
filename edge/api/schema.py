"""What crosses the API: snapshots out, commands in. The typed client and every screen know only these models.

HTTP (JSON) and one WebSocket. All texts are keys or the site's own words; no personal data unless a field
says so.

    GET  /api/health                     -> edge.api.station_schema.HealthReport
    GET  /api/hall?area=                 -> HallSnapshot
    GET  /api/board/slides               -> edge.api.board_schema.BoardSlides (board)
    GET  /api/catalogue                  -> Catalogue
    GET  /api/words/{language}/{list}    -> dict[str, str]              (keys dotted)
    POST /api/session                    SignInRequest -> Session      (browser; sets the cookie)
    GET  /api/session                    -> Session                     (who this browser is; 401 nobody)
    DELETE /api/session
    GET  /api/window/{id}                -> WindowSnapshot              (clerk of that window)
    POST /api/window/{id}/{verb}         WindowVerb {id} -> Outcome     next recall miss start finish undo hold work
    POST /api/window/{id}/resume|revive  TicketAct -> Outcome           a ticket put aside here; one missed
    POST /api/window/{id}/return         ReturnAct -> Outcome
    POST /api/window/{id}/transfer       TransferAct -> Outcome
    POST /api/window/{id}/call           CallAct -> Outcome             out of turn
    POST /api/window/{id}/green          GreenAct -> Outcome
    POST /api/window/{id}/pause          PauseAct -> Outcome
    POST /api/window/{id}/guidance/call  GuidanceCallAct -> Outcome     a department is asked to the window
    POST /api/window/{id}/guidance/end   GuidanceEndAct -> Outcome
    GET  /api/window/{id}/holder         -> MaskedHolder                (recorded as a disclosure)
    POST /api/kiosk/{place}/card         CardRequest -> MaskedHolder    (kiosk; waits; cancel = disconnect)
    DELETE /api/kiosk/{place}/card       end the session: what was read is forgotten
    POST /api/kiosk/{place}/ticket       TicketRequest -> TicketSnapshot
    POST /api/kiosk/{place}/code         CodeRequest -> CodeText        (a code is scanned; cancel = disconnect)
    POST /api/kiosk/{place}/check-in     CheckInRequest -> CheckedIn
    POST /api/guide/session              PinRequest -> Session          (browser; only if the site names guides)
    GET  /api/guide                      -> GuideSnapshot
    POST /api/guide/ticket               GuideTicket -> TicketSnapshot
    POST /api/guide/check-in             CheckInRequest -> CheckedIn
    POST /api/guide/green                GreenAct -> TicketSnapshot
    POST /api/guide/revive|cancel        TicketAct -> TicketSnapshot
    GET  /api/ticket/{ticket}            -> TicketSnapshot              (kiosk: watch print state)
    POST /api/ticket/{ticket}/reprint    Reprint {id} -> TicketSnapshot (clerk)
    POST /api/ticket/{ticket}/came-out   {id} -> TicketSnapshot         (clerk: an unknown print is there after all)
    POST /api/technician/session         PinRequest -> Session          (browser; only if the site names technicians)
    POST /api/lead/session               PinRequest -> Session          (browser; only if the site names leads)
    GET  /api/lead/days                  -> list[str]                   business dates on record, oldest first
    GET  /api/lead/days/{date}           -> edge.statistics.schema.Day  (404 none; folded from the journal)
    GET  /api/technician/devices         -> list[DeviceSnapshot]
    POST /api/technician/devices/{id}/identify                          (204; it blinks, beeps or prints)
    POST /api/technician/isolation       -> IsolationReport             (takes the line to the centre for some seconds)
    /api/catalogue/items, /api/window/{id}/case…, card, person, camera: edge/api/case_schema.py
    /api/kiosk/{place}/guides…: edge/api/guide_schema.py
    /api/theme, /theme/…: edge/api/theme_schema.py
    devices, the line to the centre, its isolation: edge/api/station_schema.py
    /api/window/{id}/parcels…: edge/api/parcel_schema.py
    WS   /api/live                       client sends Watch; server sends Live (whole snapshots, newest wins)

Errors: 409 Refused (a rule said no), 422 (form), 401/403/421 (who), 503 Trouble (a device or the journal).
A wrong PIN is 401 Refused, too many tries 429 Refused with Retry-After.
"""

from typing import Final, Literal

from pydantic import Field

from edge.api.case_schema import CaseSnapshot
from edge.api.model import Act as Act
from edge.api.model import CallWhy, Ground, Klass, OutOfTurnReason
from edge.api.model import Model as Model
from edge.api.model import PrintState as PrintState
from edge.api.screen_schema import ScreenSnapshot
from edge.api.station_schema import DeviceSnapshot, LinkSnapshot

TicketState = Literal["waiting", "called", "serving", "held", "done", "missed", "cancelled", "expired"]

NOT_YOUR_TOPIC: Final = 4403  # close code of /api/live: this role may not watch what it asked for


class CalledTicket(Model):
    """One line of the board: the last calls, newest first.

    `calls` counts recalls too; `window` is the number people say.
    """

    number: str
    window: str
    area: str
    calls: int
    at: str


class WindowBrief(Model):
    """`number` as people say it, `kind` in the site's language, `ticket` a display number, `clerk` a code.

    `paused`: the reason of a pause, '' at work; `until` its planned end, ms since 1970, 0 = not said.
    """

    id: str
    number: str
    kind: str
    area: str
    services: tuple[str, ...]
    state: Literal["idle", "called", "serving"]
    ticket: str = ""
    clerk: str = ""
    paused: str = ""
    until: int = 0


class WaitRange(Model):
    """Minutes as people are told them: half wait no longer than `p50`, nine in ten no longer than `p90`."""

    p50: int
    p90: int


class QueueBrief(Model):
    """`wait`: of a walk-in who took a number now, None = not known."""

    service: str
    waiting: int
    wait: WaitRange | None = None


class BackTicket(Model):
    """What its person waited for in the hall is there: back to this window. Numbers as people say them."""

    number: str
    window: str


class HallSnapshot(Model):
    """Everything a board needs. `seq`: journal position, only grows; `open`: the day is open.

    `stopped`: services no more numbers are given for, with the reason (`forecast`, `manager`).
    """

    seq: int
    site: str
    date: str
    open: bool
    waiting: int
    queues: tuple[QueueBrief, ...]
    calls: tuple[CalledTicket, ...]
    windows: tuple[WindowBrief, ...]
    back: tuple[BackTicket, ...] = ()
    notice: str = ""
    stopped: dict[str, str] = Field(default_factory=dict)


class WindowEntry(Model):
    """One window as people know it: `number` and `kind` by language."""

    id: str
    number: str
    kind: dict[str, str]
    area: str


class ServiceEntry(Model):
    """`name` by language; `prefix` letter of its numbers; `windows` the numbers people say."""

    id: str
    name: dict[str, str]
    prefix: str
    area: str
    windows: tuple[str, ...]


class Catalogue(Model):
    """What a kiosk offers. `hall` full and short names by language; `scanners`: kiosks that read codes; `copiers`: that
    print and copy. `logo_name`: what the city's logo says, by language; empty where the hall wears its own look.
    """

    site: str
    hall: dict[str, str]
    hall_short: dict[str, str]
    complaint_phone: str
    areas: dict[str, dict[str, str]]
    services: tuple[ServiceEntry, ...]
    windows: tuple[WindowEntry, ...] = ()
    language: str = "zh-Hans"
    scanners: tuple[str, ...] = ()
    copiers: tuple[str, ...] = ()
    logo_name: dict[str, str] = Field(default_factory=dict)


class SignInRequest(Model):
    window: str
    pin: str = Field(min_length=4, max_length=12)


class PinRequest(Model):
    pin: str = Field(min_length=4, max_length=12)


class Session(Model):
    """`clerk` is a code, `name` its display name (staff). The cookie holds the secret. `window` '': no clerk."""

    window: str
    clerk: str
    name: str
    role: Literal["clerk", "technician", "guide", "lead"] = "clerk"


class TicketRequest(Act):
    """`card`: token of a card session, '' = no card. `more`: further items on the ticket; `declared`: green channel."""

    service: str
    card: str = ""
    more: tuple[str, ...] = Field(default=(), max_length=4)
    declared: Ground | Literal[""] = ""


class CardRequest(Act):
    seconds: float = 60.0


class MaskedHolder(Model):
    """Personal data, masked: 张* and 440303********1234. `card` is the session's token for TicketRequest."""

    card: str = ""
    name: str
    id_number: str


class TicketSnapshot(Model):
    """`ticket` is the uid, `number` what people read; `windows` the numbers where it may be called.

    `print_code`: device error code when the print failed. `at`: moment of issue, ISO 8601. `items`: services still to
    do, the present one first. `declared`: a claim of the green channel, held only when `klass` is green. `slot`: of the
    appointment, ms since 1970, 0 without one. Of the call: `why`, `over` (tickets ranked before it), `reason`.
    """

    ticket: str
    number: str
    service: str
    area: str
    windows: tuple[str, ...]
    ahead: int
    state: TicketState
    print: PrintState
    print_code: str = ""
    at: str
    items: tuple[str, ...] = ()
    klass: Klass = "walk_in"
    declared: Ground | Literal[""] = ""
    slot: int = 0
    why: CallWhy | Literal[""] = ""
    over: int = 0
    reason: OutOfTurnReason | Literal[""] = ""
    wait: WaitRange | None = None


class WaitingTicket(Model):
    """Also one put aside or missed; as TicketSnapshot. `here`: sent to this very window.

    `awaits`: of one put aside, whose person waits in the hall for a unit's decision, or may be asked back, for it is
    there (`told`); since `awaits_since`, ms since 1970.
    """

    ticket: str
    number: str
    service: str
    since: str
    with_card: bool
    print: PrintState = "none"
    items: tuple[str, ...] = ()
    klass: Klass = "walk_in"
    declared: Ground | Literal[""] = ""
    slot: int = 0
    here: bool = False
    awaits: Literal["", "waiting", "told"] = ""
    awaits_since: int = 0


class RatingBrief(Model):
    """State of the last question at a window; never the answer (a clerk must not see who rated how)."""

    state: Literal["none", "asked", "given", "lapsed"]


class GuidanceBrief(Model):
    """Somebody of `unit` (a code) is waited for at a window since `since`, ms since 1970."""

    unit: str
    since: int


class WindowSnapshot(Model):
    """`case`: of the turn running here, also after it was received, until the turn ends.

    `held`: put aside here. `missed`: may still come back. `undo_until`: until then the call can be taken back (ms since
    1970, 0 = not). `first`: uid of whom "next" would call now, which the guard may make another than the queue's first.
    """

    seq: int
    window: WindowBrief
    current: TicketSnapshot | None
    queue: tuple[WaitingTicket, ...]
    held: tuple[WaitingTicket, ...] = ()
    missed: tuple[WaitingTicket, ...] = ()
    undo_until: int = 0
    first: str = ""
    rating: RatingBrief
    guidance: GuidanceBrief | None = None
    case: CaseSnapshot | None = None
    devices: tuple["DeviceSnapshot", ...] = ()
    link: "LinkSnapshot"


class GuideSnapshot(Model):
    """What a guide sees: every ticket of the day that is not done, and how many bookings of today are still to come."""

    seq: int
    tickets: tuple["GuideEntry", ...]
    booked: int


class GuideEntry(WaitingTicket):
    """`revivable`: missed, and may come back now. `window`: number people say, when called or served."""

    state: TicketState
    window: str = ""
    revivable: bool = False


class Outcome(Model):
    """`seq` of the last record the command made; `ticket` when it moved one."""

    seq: int
    ticket: TicketSnapshot | None = None


class Refused(Model):
    """A rule's no. `text` in the asker's language and role; `who_can`, `instead` may be ''."""

    code: str
    text: str
    who_can: str
    instead: str


class Trouble(Model):
    """Not a rule, a fault: `code` of drivers.errors or `journal`. `text` says what is kept and what to do."""

    code: str
    text: str
    retry: bool


class Watch(Model):
    """First message on /api/live: which topics. `hall`, `window:<id>`, `screen:<id>`, `ticket:<id>`, `devices`, `link`,
    `guide`."""

    topics: tuple[str, ...] = Field(max_length=16)
    language: str = ""


class Live(Model):
    """One push: the whole snapshot of a topic. `n` grows by one on a connection; a gap means reconnect.

    Topic `beat` carries nothing: the hall is alive though nothing changed.
    """

    n: int
    topic: str
    hall: HallSnapshot | None = None
    window: WindowSnapshot | None = None
    ticket: TicketSnapshot | None = None
    devices: tuple[DeviceSnapshot, ...] | None = None
    link: LinkSnapshot | None = None
    guide: GuideSnapshot | None = None
    screen: ScreenSnapshot | None = None
