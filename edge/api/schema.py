"""What crosses the API: snapshots out, commands in. The typed client and every screen know only these models.

HTTP (JSON) and one WebSocket. All texts are keys or the site's own words; no personal data unless a field
says so.

    GET  /api/health                     -> HealthReport
    GET  /api/hall?area=                 -> HallSnapshot
    GET  /api/catalogue                  -> Catalogue
    GET  /api/words/{language}/{list}    -> dict[str, str]              (keys dotted)
    POST /api/session                    SignInRequest -> Session      (browser; sets the cookie)
    GET  /api/session                    -> Session                     (who this browser is; 401 nobody)
    DELETE /api/session
    GET  /api/window/{id}                -> WindowSnapshot              (clerk of that window)
    POST /api/window/{id}/{verb}         WindowVerb {id} -> Outcome     verb: next recall miss start finish
    GET  /api/window/{id}/holder         -> MaskedHolder                (recorded as a disclosure)
    POST /api/kiosk/{place}/card         CardRequest -> MaskedHolder    (kiosk; waits; cancel = disconnect)
    DELETE /api/kiosk/{place}/card       end the session: what was read is forgotten
    POST /api/kiosk/{place}/ticket       TicketRequest -> TicketSnapshot
    GET  /api/ticket/{ticket}            -> TicketSnapshot              (kiosk: watch print state)
    POST /api/ticket/{ticket}/reprint    Reprint {id} -> TicketSnapshot (clerk)
    POST /api/technician/session         PinRequest -> Session          (browser; only if the site names technicians)
    GET  /api/technician/devices         -> list[DeviceSnapshot]
    POST /api/technician/devices/{id}/identify                          (204; it blinks, beeps or prints)
    /api/catalogue/items, /api/window/{id}/case…, card, person, camera: edge/api/case_schema.py
    WS   /api/live                       client sends Watch; server sends Live (whole snapshots, newest wins)

Errors: 409 Refused (a rule said no), 422 (form), 401/403/421 (who), 503 Trouble (a device or the journal).
A wrong PIN is 401 Refused, too many tries 429 Refused with Retry-After.
"""

from typing import Final, Literal

from pydantic import Field

from edge.api.case_schema import CaseSnapshot
from edge.api.model import Act as Act
from edge.api.model import Model as Model
from edge.api.model import PrintState as PrintState

TicketState = Literal["waiting", "called", "serving", "done", "missed", "expired"]
DeviceState = Literal["absent", "starting", "ready", "warning", "busy", "fault", "disabled"]

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
    """`number` as people say it, `kind` in the site's language, `ticket` a display number, `clerk` a code."""

    id: str
    number: str
    kind: str
    area: str
    services: tuple[str, ...]
    state: Literal["idle", "called", "serving"]
    ticket: str = ""
    clerk: str = ""


class QueueBrief(Model):
    service: str
    waiting: int


class HallSnapshot(Model):
    """Everything a board needs. `seq`: journal position, only grows; `open`: the day is open."""

    seq: int
    site: str
    date: str
    open: bool
    waiting: int
    queues: tuple[QueueBrief, ...]
    calls: tuple[CalledTicket, ...]
    windows: tuple[WindowBrief, ...]
    notice: str = ""


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
    """What a kiosk offers. `hall` full and short names by language."""

    site: str
    hall: dict[str, str]
    hall_short: dict[str, str]
    complaint_phone: str
    areas: dict[str, dict[str, str]]
    services: tuple[ServiceEntry, ...]
    windows: tuple[WindowEntry, ...] = ()
    language: str = "zh-Hans"


class SignInRequest(Model):
    window: str
    pin: str = Field(min_length=4, max_length=12)


class PinRequest(Model):
    pin: str = Field(min_length=4, max_length=12)


class Session(Model):
    """`clerk` is a code, `name` its display name (staff). The cookie holds the secret. `window` '': technician."""

    window: str
    clerk: str
    name: str


class TicketRequest(Act):
    """`card`: token of a card session, '' = no card."""

    service: str
    card: str = ""


class CardRequest(Act):
    seconds: float = 60.0


class MaskedHolder(Model):
    """Personal data, masked: 张* and 440303********1234. `card` is the session's token for TicketRequest."""

    card: str = ""
    name: str
    id_number: str


class TicketSnapshot(Model):
    """`ticket` is the uid, `number` what people read; `windows` the numbers where it may be called.

    `print_code`: device error code when the print failed. `at`: moment of issue, ISO 8601.
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


class WaitingTicket(Model):
    ticket: str
    number: str
    service: str
    since: str
    with_card: bool
    print: PrintState = "none"


class RatingBrief(Model):
    """State of the last question at a window; never the answer (a clerk must not see who rated how)."""

    state: Literal["none", "asked", "given", "lapsed"]


class WindowSnapshot(Model):
    """`case`: of the turn running here, also after it was received, until the turn ends."""

    seq: int
    window: WindowBrief
    current: TicketSnapshot | None
    queue: tuple[WaitingTicket, ...]
    rating: RatingBrief
    case: CaseSnapshot | None = None
    devices: tuple["DeviceSnapshot", ...] = ()
    link: "LinkSnapshot"


class DeviceSnapshot(Model):
    """`text` is for the reader's role, from the word lists.

    Only for technicians: `detail`, `where` (socket or address), `signs` (keys, ratings, codes and cards so far: when it
    grows, somebody is at the device right now).
    """

    id: str
    kind: str
    place: str
    state: DeviceState
    code: str = ""
    text: str = ""
    detail: str = ""
    where: str = ""
    signs: int = 0


class LinkSnapshot(Model):
    """The line to the centre. `pending`: records not yet acknowledged; `oldest`: seconds the oldest waits.

    `twin`: another machine has this site's identity. `gap`: restored from an image, so numbers keep a distance.
    """

    online: bool
    pending: int
    oldest: float
    acked: int
    twin: bool = False
    gap: bool = False


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


class HealthReport(Model):
    """`faults`: devices that do not work now; one that only warns is not among them."""

    ready: bool
    version: str
    site: str
    seq: int
    epoch: str
    link: LinkSnapshot
    devices: int
    faults: int


class Watch(Model):
    """First message on /api/live: which topics. `hall`, `window:<id>`, `ticket:<id>`, `devices`, `link`."""

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
