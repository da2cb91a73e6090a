"""The site's configuration (`site.yaml`): one schema for everything a site decides for itself.

Ids are quoted strings. Texts that people read are given by language (`zh-Hans` must be there).
"""

from datetime import date
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from edge.rules.copy_setup import NO_COPIES, CopySetup
from edge.rules.delegation import Delegation, FlowSetup
from edge.rules.queue_setup import MINUTE, PolicyName, QueueSetup

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
SiteCode = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9-]{2,32}$")]
_PORT = "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-4])"
CODE = r"^[A-Za-z0-9-]{1,32}$"
ADDRESS = rf"^([0-9A-Za-z.-]+|\[[0-9A-Fa-f:.]+\]):{_PORT}$"  # host:port, [IPv6]:port; the port after it is one too
# No user and password: whoever reads the file would have them.
WEB_ADDRESS = rf"^https?://([0-9A-Za-z.-]+|\[[0-9A-Fa-f:.]+\])(:{_PORT})?(/[^\s#]*)?$"
Text = dict[Literal["zh-Hans", "zh-Hant", "en"], str]
Topic = Literal[
    "residence", "insurance", "work", "elderly", "disability", "veteran", "family", "relief", "housing", "community"
]


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Locality(Section):
    """Of what a hall's name is made (config/naming.toml): `深圳市`, `罗湖区`, `XX街道办事处`, `XX社区`."""

    city: str = ""
    district: str = ""
    street: str = ""
    community: str = ""


class Hall(Section):
    """`phone`: complaints and questions, printed on every ticket and shown on every screen. `place`: its name, full and
    short, is checked against the rule for its level.

    `online`: the city's own entry for applications from home (网上办事大厅); guides show it as a square for the
    telephone. None = they show none.
    """

    name: Text
    short: Text
    phone: str
    level: Literal["station", "street", "district"] = "station"
    place: Locality | None = None
    online: Annotated[str, StringConstraints(pattern=WEB_ADDRESS)] | None = None


class Area(Section):
    id: Id
    name: Text
    floor: int = 1


class Service(Section):
    """What a ticket is taken for. `prefix`: letter of its numbers; `area`: where it is served.

    `topics`: of the catalogue's items that are served with it; items of a topic that no service names go with the
    first service that names none.
    """

    id: Id
    name: Text
    prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,2}$")]
    area: Id
    topics: tuple[Topic, ...] = ()


class Window(Section):
    """One place: number as people say it, type and main services for its display, devices by id.

    A printer may serve several windows; everything else belongs to one window alone.
    """

    id: Id
    number: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,3}$")]
    kind: Text
    area: Id
    services: tuple[Id, ...]
    display: Id | None = None
    keypad: Id | None = None
    pad: Id | None = None
    camera: Id | None = None
    reader: Id | None = None
    printer: Id | None = None


class Kiosk(Section):
    """A self-service place. All but `area` are device ids; a reader or camera is never a window's too.

    `office`: a printer of sheets (A4), `camera`: for papers laid under it; both for `copies`.
    """

    id: Id
    area: Id
    reader: Id | None = None
    printer: Id | None = None
    scanner: Id | None = None
    office: Id | None = None
    camera: Id | None = None


class Clerk(Section):
    """`pin`: scrypt hash as `hallctl pin` prints it, never the PIN."""

    id: Id
    name: str
    pin: str
    windows: tuple[Id, ...] = ()


class Technician(Section):
    """`pin`: scrypt hash as for clerks. Nobody listed: no browser is let to the technician's pages."""

    id: Id
    name: str
    pin: str


class Guide(Section):
    """Issues numbers for others from a browser page. `pin`: scrypt hash as for clerks.

    `kiosk`: where his numbers are printed, '' = the first kiosk.
    """

    id: Id
    name: str
    pin: str
    kiosk: Id | Literal[""] = ""


class Lead(Section):
    """Shift leader (值班长): sees the statistics. `pin`: scrypt hash as for clerks. Nobody listed: nobody sees them."""

    id: Id
    name: str
    pin: str


class Device(Section):
    """One device or bus. `driver`: entry-point name; either `link` (URL) or `bus` (id of a bus device).

    Links: `serial-at:SOCKET?baud=9600` as `hallctl discover` prints it; `serial:///dev/ttyUSB0?baud=9600` (a path
    without a leading slash is under the runtime folder: `serial:dev/sam-1?baud=115200`), `tcp://host:port`,
    `file:folder` for a speaker that writes WAV.
    `host`: the paired machine it is plugged in at; a device on a bus goes with its bus.
    `options` are the driver's own settings, checked against its Config model.
    """

    id: Id
    driver: str
    link: str | None = None
    bus: Id | None = None
    host: Id = "main"
    options: dict[str, str | int | float | bool | list[str] | list[int]] = Field(default_factory=dict)

    @property
    def where(self) -> str:
        """Socket, address, or place on a bus, as it may stand on a label at the device."""
        if self.link is None:
            return f"{self.bus} #{self.options['address']}" if "address" in self.options else str(self.bus)
        return self.link.partition("?")[0].partition(":")[2].removeprefix("//")


class Announcements(Section):
    """`speaker`: device id; `areas`: speakers of areas that have one of their own, by area id. `languages` in the order
    they are spoken. `repeat`, `gap` seconds. With more than `once_above` calls waiting behind it a call is said once.
    """

    speaker: Id | None = None
    areas: dict[Id, Id] = Field(default_factory=dict)
    languages: tuple[Literal["zh", "yue", "en"], ...] = ("zh",)
    repeat: int = 2
    gap: float = 1.5
    once_above: int = Field(default=2, ge=0)

    def speaker_of(self, area: str) -> str | None:
        return self.areas.get(area, self.speaker)


class Centre(Section):
    """Where records go. `url`: mqtt://host:port or mqtts://. None = not connected yet; nothing is lost."""

    url: str | None = None


Days = Annotated[int, Field(ge=3, le=3650)]


class Retention(Section):
    """Days that sealed personal data stays here once the centre keeps it; 72 h are the least (sync.md section 2).

    `tickets_days`: names of who took a ticket with a card. `bookings_days`: after the day of the booking.
    `cases_days`: applicants and texts, after the last record of the case. `scans_days`: pages, since the centre has
    them. Records themselves hold no personal data: they stay for `records_months` whole months after their own, None
    for ever, and go by closed months once nothing sealed of such a month is left.
    """

    tickets_days: Days = 3
    bookings_days: Days = 3
    cases_days: Days = 180
    scans_days: Days = 7
    records_months: Annotated[int, Field(ge=12, le=1200)] | None = None


class Api(Section):
    """Where browsers come in. `names`: the exact host names (with port) that pages may be asked under."""

    listen: str = "127.0.0.1:8680"
    names: tuple[str, ...] = ("127.0.0.1:8680", "localhost:8680")


class Hosts(Section):
    """Where device hosts on other machines come in, by mutual TLS. None: nowhere, nothing listens.

    `pairing`: where a machine joins, open only while `hallctl pair open` says so; None: the port after `listen`'s.
    """

    listen: Annotated[str, StringConstraints(pattern=ADDRESS)] | None = None
    pairing: Annotated[str, StringConstraints(pattern=ADDRESS)] | None = None

    @property
    def pairing_address(self) -> str | None:
        if self.listen is None or self.pairing is not None:
            return self.pairing
        host, _, port = self.listen.rpartition(":")
        return f"{host}:{int(port) + 1}"


class Codes(Section):
    """What case numbers are made of; given by the centre. Without them no case can be taken in."""

    region: Annotated[str, StringConstraints(pattern=r"^([0-9]{6})?$")] = ""
    site_number: Annotated[str, StringConstraints(pattern=r"^([0-9]{3})?$")] = ""
    node: Annotated[str, StringConstraints(pattern=r"^([0-9]{2})?$")] = ""


class Weights(Section):
    """How fast a class gathers priority while it waits; only the policy `apq` reads it."""

    green: int = Field(default=4, ge=1, le=100)
    appointment: int = Field(default=2, ge=1, le=100)
    walk_in: int = Field(default=1, ge=1, le=100)


Minutes = Annotated[int, Field(ge=0, le=480)]
_RULES: Final = QueueSetup()


class Queue(Section):
    """Who is called next, and the hall's times; what each one does stands at edge.rules.queue_setup.QueueSetup.

    `lease_seconds`: a clerk whose browser is gone so long is signed out, 0 = never. `days`: on which days the hall
    opens by itself; a manager may always open it. `stop_issuing`: no more numbers for a service once who came now
    would not be served before closing (`forecast`), or only when the manager says so. `service_minutes`: what a
    service takes until the hall has seen enough of them. `restored_gap`: how far numbers stay at least from
    those that a machine may have given after its last backup; twice what the busiest day needed where that is more.
    """

    recalls: int = Field(default=3, ge=0, le=20)
    rating_seconds: int = Field(default=15, ge=1, le=600)
    policy: PolicyName = "vt"
    green_minutes: Minutes = _RULES.green // MINUTE
    appointment_minutes: Minutes = _RULES.appointment // MINUTE
    early_minutes: Minutes = _RULES.early // MINUTE
    grace_minutes: Minutes = _RULES.grace // MINUTE
    late_minutes: Minutes = _RULES.late // MINUTE
    guard_minutes: Minutes = _RULES.guard // MINUTE
    returns: int = Field(default=_RULES.returns, ge=0, le=20)
    revive_minutes: Minutes = _RULES.revive // MINUTE
    revive_bonus_minutes: Minutes = _RULES.revive_bonus // MINUTE
    undo_seconds: int = Field(default=_RULES.undo // 1000, ge=0, le=600)
    weights: Weights = Weights()
    out_of_turn: bool = True
    lease_seconds: int = Field(default=60, ge=0, le=86_400)
    days: Literal["every_day", "working_days"] = "every_day"
    stop_issuing: Literal["forecast", "manager"] = "forecast"
    service_minutes: int = Field(default=8, ge=1, le=240)
    restored_gap: Annotated[int, Field(ge=1, le=100_000)] = 500

    @property
    def setup(self) -> QueueSetup:
        """What of it the rules decide by, in milliseconds."""
        return QueueSetup(
            policy=self.policy,
            green=self.green_minutes * MINUTE,
            appointment=self.appointment_minutes * MINUTE,
            early=self.early_minutes * MINUTE,
            grace=self.grace_minutes * MINUTE,
            late=self.late_minutes * MINUTE,
            guard=self.guard_minutes * MINUTE,
            returns=self.returns,
            revive=self.revive_minutes * MINUTE,
            revive_bonus=self.revive_bonus_minutes * MINUTE,
            undo=self.undo_seconds * 1000,
            weights=(self.weights.green, self.weights.appointment, self.weights.walk_in),
            out_of_turn=self.out_of_turn,
        )


class Oversight(Section):
    """How long citizens may rate at kiosk or by code, and limits in working days for what follows; cities differ."""

    rating_hours: int = Field(default=24, ge=1, le=24 * 60)
    task_days: int = Field(default=5, ge=1, le=60)
    complaint_days: int = Field(default=5, ge=1, le=60)
    due_soon_days: int = Field(default=1, ge=0, le=20)


class Delegated(Section):
    """授权: `unit` lets this hall decide `item` on the spot, both dates included; `unit`, `item`: ids of the catalogue.

    `number`: a code of the letter; it stands in the record. `seal`: id of the seal that goes with it, `seal_name`:
    what is cut into it.
    """

    number: Annotated[str, StringConstraints(pattern=CODE)]
    item: Id
    unit: Id
    seal: Id
    seal_name: Text
    first: date
    last: date


class Elsewhere(Section):
    """Another hall where a result may be collected (通取)."""

    site: SiteCode
    name: Text


class Messenger(Section):
    """Fetches papers for a deciding unit and signs for them at a window. `pin`: scrypt hash as for clerks."""

    id: Id
    name: str
    pin: str
    unit: Id


class Cases(Section):
    """Cases after their receipt. `follows`: they stay with the hall until they are closed; else they end there.

    `reminders`: days after which a result that nobody fetched is told again; after `unclaimed_days` it counts as not
    fetched, 0 = never. The light turns yellow when `yellow_share`
    per cent or `yellow_days` of the limit are left.
    """

    follows: bool = False
    reminders: tuple[Annotated[int, Field(ge=1, le=3650)], ...] = (7, 30, 90)
    unclaimed_days: int = Field(default=180, ge=0, le=3650)
    yellow_share: int = Field(default=20, ge=0, le=100)
    yellow_days: int = Field(default=1, ge=0, le=60)
    delegations: tuple[Delegated, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    messengers: tuple[Messenger, ...] = ()

    def setup(self, place: str) -> FlowSetup:
        """What of it the rules decide by, at the site `place`."""
        return FlowSetup(
            follows=self.follows,
            place=place,
            reminders=self.reminders,
            unclaimed_days=self.unclaimed_days,
            yellow_share=self.yellow_share,
            yellow_days=self.yellow_days,
            delegations=tuple(
                Delegation.model_validate(each.model_dump(mode="json", exclude={"seal_name"}))
                for each in self.delegations
            ),
        )


class BoardNotice(Section):
    """A notice of this hall's own (公示、通知), shown on the days from `first` to `last`, both included."""

    text: Text
    first: date | None = None
    last: date | None = None


class Board(Section):
    """What the hall's board shows between calls. `seconds` a slide; `guides`: of what is handled here."""

    seconds: int = Field(default=12, ge=5, le=300)
    notices: tuple[BoardNotice, ...] = ()
    guides: bool = True


MarkerKind = Literal["service_started", "service_ended", "complaint_spoken", "bad_rating"]


class Video(Section):
    """Where event markers for the hall's video system go (docs/video-markers.md): exactly one of the two, else nowhere.

    `url`: http:// or https://; `folder`: a path, for a system that reads files. `kinds`: which markers.
    """

    url: Annotated[str, StringConstraints(pattern=WEB_ADDRESS)] | None = None
    folder: str | None = Field(default=None, min_length=1)
    kinds: tuple[MarkerKind, ...] = ("service_started", "service_ended", "complaint_spoken", "bad_rating")


class Copies(Section):
    """打印复印: free pages at the kiosks that have an `office` printer. Without this section none is offered.

    Of a business day: `person_pages` of who lays his card, `ticket_pages` of a number taken without one, `hall_pages`
    of the whole hall; `most_pages` of one print. `area`: where a person goes for more (商务区).
    """

    area: Id
    person_pages: int = Field(default=10, ge=0, le=500)
    ticket_pages: int = Field(default=3, ge=0, le=500)
    hall_pages: int = Field(default=300, ge=1, le=100_000)
    most_pages: int = Field(default=5, ge=1, le=20)


class Site(Section):
    """The whole file. `theme`: the pack that the hall wears (docs/theme.md), '' = the product's own look; no name is so
    wrong that the file could not be used, so it has no form here.
    """

    site: SiteCode
    timezone: str = "Asia/Shanghai"
    language: Literal["zh-Hans", "zh-Hant", "en"] = "zh-Hans"
    theme: str = ""
    hall: Hall
    areas: tuple[Area, ...]
    services: tuple[Service, ...]
    windows: tuple[Window, ...]
    kiosks: tuple[Kiosk, ...] = ()
    clerks: tuple[Clerk, ...] = ()
    technicians: tuple[Technician, ...] = ()
    guides: tuple[Guide, ...] = ()
    leads: tuple[Lead, ...] = ()
    devices: tuple[Device, ...] = ()
    announcements: Announcements = Announcements()
    queue: Queue = Queue()
    oversight: Oversight = Oversight()
    board: Board = Board()
    video: Video = Video()
    cases: Cases = Cases()
    codes: Codes = Codes()
    centre: Centre = Centre()
    retention: Retention = Retention()
    copies: Copies | None = None
    api: Api = Api()
    hosts: Hosts = Hosts()

    def homes(self) -> dict[str, str]:
        """Device id -> host that runs it: a station's is its bus's, so moving the line moves everything on it."""
        own = {device.id: device.host for device in self.devices}
        return {device.id: own.get(device.bus or device.id, device.host) for device in self.devices}

    @property
    def copy_setup(self) -> CopySetup:
        """What of `copies` the rules decide by."""
        if self.copies is None:
            return NO_COPIES
        return CopySetup(
            person=self.copies.person_pages,
            ticket=self.copies.ticket_pages,
            hall=self.copies.hall_pages,
            most=self.copies.most_pages,
            printers=tuple((kiosk.id, kiosk.office) for kiosk in self.kiosks if kiosk.office),
            area=self.copies.area,
        )

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


def floors_told(site: Site) -> dict[str, int]:
    """Floor of each area, where people have to be told: empty in a hall on one floor."""
    floors = {area.id: area.floor for area in site.areas}
    return floors if len(set(floors.values())) > 1 else {}
