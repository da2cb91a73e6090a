"""Places of a hall and who works there: areas, services, windows, kiosks, staff."""

from typing import Annotated, Literal

from pydantic import StringConstraints

from edge.site_sections.form import Id, Section, Text

Topic = Literal[
    "residence", "insurance", "work", "elderly", "disability", "veteran", "family", "relief", "housing", "community"
]


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
