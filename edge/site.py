"""The site's configuration (`site.yaml`): one schema for everything a site decides for itself.

Ids are quoted strings. Texts that people read are given by language (`zh-Hans` must be there).
"""

from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, StringConstraints

from edge.rules.copy_setup import NO_COPIES, CopySetup
from edge.site_sections.cases import Cases
from edge.site_sections.form import WEB_ADDRESS, Id, Section, SiteCode, Text
from edge.site_sections.lines import Announcements, Api, Centre, Device, Hosts
from edge.site_sections.places import Area, Clerk, Guide, Kiosk, Lead, Service, Technician, Window
from edge.site_sections.queue import Queue


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


class Codes(Section):
    """What case numbers are made of; given by the centre. Without them no case can be taken in."""

    region: Annotated[str, StringConstraints(pattern=r"^([0-9]{6})?$")] = ""
    site_number: Annotated[str, StringConstraints(pattern=r"^([0-9]{3})?$")] = ""
    node: Annotated[str, StringConstraints(pattern=r"^([0-9]{2})?$")] = ""


class Oversight(Section):
    """How long citizens may rate at kiosk or by code, and limits in working days for what follows; cities differ."""

    rating_hours: int = Field(default=24, ge=1, le=24 * 60)
    task_days: int = Field(default=5, ge=1, le=60)
    complaint_days: int = Field(default=5, ge=1, le=60)
    due_soon_days: int = Field(default=1, ge=0, le=20)


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
