"""Record kinds of the hall and the bodies they carry: ids, codes, enums, numbers and times only.

A body holds every computed value, so `apply` only copies. `KINDS` maps (kind, version) to its body model.
Personal data never stands here; it is a sealed part beside the record (`Private` in a draft).
"""

from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict

from edge.rules.body import Body as Body
from edge.rules.case_records import CASE_KINDS
from edge.rules.copy_records import COPY_KINDS
from edge.rules.dispute_records import DISPUTE_KINDS
from edge.rules.dossier_records import DOSSIER_KINDS
from edge.rules.followup_records import FOLLOWUP_KINDS
from edge.rules.forecasts import FORECAST_KINDS
from edge.rules.handover_records import HANDOVER_KINDS
from edge.rules.oversight_setup import OversightSetup
from edge.rules.paper_records import PAPER_KINDS
from edge.rules.parcel_records import PARCEL_KINDS
from edge.rules.queue_records import QUEUE_KINDS
from edge.rules.queue_records import Channel as Channel
from edge.rules.queue_records import TicketCalled as TicketCalled
from edge.rules.queue_records import TicketIssued as TicketIssued
from edge.rules.queue_setup import QueueSetup
from edge.rules.rating_records import RATING_KINDS
from edge.rules.rating_records import LevelWord as LevelWord
from edge.rules.rating_records import RatingAdded as RatingAdded
from edge.rules.rating_records import RatingAsked as RatingAsked
from edge.rules.rating_records import RatingGiven as RatingGiven
from edge.rules.rating_records import RatingLapsed as RatingLapsed
from edge.rules.reuse_records import REUSE_KINDS

PrintEnd = Literal["done", "failed", "unknown"]
Paper = Literal["ticket", "receipt", "notice", "complaint"]


class BootStarted(Body):
    """subject `site`. `now` wall clock, ms since 1970; `version` of the program."""

    boot: str
    now: int
    version: str


class WindowSetup(Body):
    id: str
    area: str
    services: tuple[str, ...]


class ServiceSetup(Body):
    id: str
    prefix: str
    area: str


class SiteConfigured(Body):
    """subject `site`: what of site.yaml the rules depend on. `hash` is that of the whole file."""

    hash: str
    windows: tuple[WindowSetup, ...]
    services: tuple[ServiceSetup, ...]
    recalls: int
    rating_seconds: int
    clerks: tuple[str, ...]
    queue: QueueSetup
    oversight: OversightSetup


class DayOpened(Body):
    """subject `day:<date>`. `closes`: planned end of service, ms since 1970; 0 = not known."""

    date: str
    closes: int


class DayClosed(Body):
    """subject `day:<date>`. `expired`: tickets still waiting, given up now."""

    date: str
    expired: tuple[str, ...]


class TicketMissed(Body):
    """`now`: ms since 1970, 0 in records of version 1."""

    window: str
    now: int


class ServiceStarted(Body):
    """subject the ticket. `service`: id `s:<ulid>` of this turn at the window; `item` the catalogue service."""

    window: str
    service: str
    item: str
    clerk: str


class ServiceFinished(Body):
    window: str
    service: str


class ClerkSignedIn(Body):
    """subject `window:<id>`."""

    clerk: str


class ClerkSignedOut(Body):
    clerk: str


class PrintStarted(Body):
    """subject the ticket, case or complaint; committed before the first byte. `copy_no` 1 = first print, 2.. = reprint.

    `paper`: number of the receipt or notice, '' for a ticket and a complaint's slip. Version 1 knew tickets only.
    """

    what: Paper
    paper: str
    job: str
    printer: str
    copy_no: int


class PrintEnded(Body):
    """subject the ticket or case; kinds print.done, print.failed, print.unknown. `code`: device error code or ''.

    print.done with code seen_by_person follows a print.unknown: the actor saw the paper.
    """

    job: str
    code: str


class PartDisclosed(Body):
    """subject the ticket or case: somebody was shown personal data. `h` names the part."""

    h: str
    purpose: Literal["greet_at_window", "fill_case"]
    window: str


KINDS: Final[dict[tuple[str, int], type[Body]]] = {
    ("boot.started", 1): BootStarted,
    ("site.configured", 3): SiteConfigured,
    ("day.opened", 2): DayOpened,
    ("day.closed", 1): DayClosed,
    ("ticket.missed", 2): TicketMissed,
    ("service.started", 1): ServiceStarted,
    ("service.finished", 1): ServiceFinished,
    ("clerk.signed_in", 1): ClerkSignedIn,
    ("clerk.signed_out", 1): ClerkSignedOut,
    ("print.started", 2): PrintStarted,
    ("print.done", 1): PrintEnded,
    ("print.failed", 1): PrintEnded,
    ("print.unknown", 1): PrintEnded,
    ("part.disclosed", 1): PartDisclosed,
    **RATING_KINDS,
    **QUEUE_KINDS,
    **CASE_KINDS,
    **REUSE_KINDS,
    **DOSSIER_KINDS,
    **DISPUTE_KINDS,
    **HANDOVER_KINDS,
    **PAPER_KINDS,
    **PARCEL_KINDS,
    **COPY_KINDS,
    **FORECAST_KINDS,
    **FOLLOWUP_KINDS,
}


class Private(BaseModel):
    """Personal data of one draft, on its way to being sealed; str and repr never show it.

    `owner` names the key: one key a person or case (the subject of the ticket or of the case).
    """

    model_config = ConfigDict(hide_input_in_errors=True, frozen=True)

    owner: str
    members: dict[str, Any]

    def __repr__(self) -> str:
        return "Private(***)"

    __str__ = __repr__


class Draft(BaseModel):
    """A record that rules decided and the journal has not numbered yet."""

    model_config = ConfigDict(hide_input_in_errors=True, frozen=True)

    kind: str
    subject: str
    actor: str
    body: Body
    v: int = 1
    business_date: str | None = None
    private: Private | None = None
