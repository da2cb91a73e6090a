"""What crosses the API of cases after their receipt (办件流转) and of security paper. Clerk of that window only.

    GET  /api/window/{w}/dossiers?text=            -> DossierList     by receipt, case number or query code; all for ''
    GET  /api/window/{w}/dossiers/{case}           -> DossierSnapshot
    POST /api/window/{w}/dossiers/{case}/step      StepRequest -> DossierSnapshot
    POST /api/window/{w}/dossiers/{case}/await     Act -> DossierSnapshot              the applicant waits in the hall
    POST /api/window/{w}/dossiers/{case}/decide    DecideRequest -> DossierSnapshot
    POST /api/window/{w}/dossiers/{case}/register  Act -> DossierSnapshot
    POST /api/window/{w}/dossiers/{case}/deliver   DeliverRequest -> DossierSnapshot
    POST /api/window/{w}/dossiers/{case}/print     PrintRequest -> DossierSnapshot     a notice to supplement
    POST /api/window/{w}/dossiers/{case}/came-out  PrintRequest -> DossierSnapshot     it is there after all
    GET  /api/window/{w}/papers                    -> tuple[PaperStock]
    POST /api/window/{w}/papers/stock              StockRequest -> tuple[PaperStock]
    POST /api/window/{w}/papers/use                UseRequest -> tuple[PaperStock]
    POST /api/window/{w}/papers/spoil              SpoilRequest -> tuple[PaperStock]

Nothing here is personal: who collected is sealed and never comes back. A second person signs with a PIN of their own.
"""

from typing import Literal

from pydantic import Field, SecretStr

from edge.api.case_schema import Delivery, LackWhy, TellLine, Text
from edge.api.model import Act, Model, PrintState

Stage = Literal[
    "received",
    "accepted",
    "supplement",
    "suspended",
    "forwarded",
    "stayed",
    "decided",
    "arrived",
    "rejected",
    "verified",
    "registered",
    "ready",
    "moving",
    "moved",
    "unclaimed",
    "returned",
    "delivered",
    "withdrawn",
    "closed",
]
StepAct = Literal[
    "accept",
    "lack",
    "supply",
    "suspend",
    "resume",
    "forward",
    "arrive",
    "reject",
    "verify",
    "shelve",
    "return",
    "withdraw",
]
FlowReason = Literal[
    "extended", "hearing", "inspection", "expert_review", "materials", "mismatch", "damaged", "other", ""
]
Light = Literal["green", "yellow", "red"]
Collector = Literal["applicant", "agent", "courier", "none"]
Proof = Literal["id_card", "id_card_and_authority", "delivery_note", "online_receipt"]
SpoilWhy = Literal["misprint", "torn", "wet", "missing"]


# --- what is shown -------------------------------------------------------------------------------


class DossierBrief(Model):
    """`light` None: no limit, the clock stands still, or decided. `turn`: code of the words that say who can go on.

    `offers`: what a clerk can do now, as in edge.rules.dossier_offers. `since`: when the last step was.
    """

    case: str
    number: str
    receipt: str
    item: str
    item_name: Text
    stage: Stage
    light: Light | None
    due: str
    days_left: int | None
    since: str
    turn: str
    unit: str
    unit_name: Text
    pickup: str
    origin: str
    offers: tuple[str, ...]


class DossierList(Model):
    """Most urgent first. `unit_names`, `place_names`: what a clerk may choose from."""

    seq: int
    dossiers: tuple[DossierBrief, ...]
    unit_names: dict[str, Text]
    place_names: dict[str, Text]


class TimelineLine(Model):
    act: str
    stage: Stage
    at: str


class StopLine(Model):
    """Business dates that do not count; `last` '' while it runs."""

    first: str
    last: str


class TaskLine(Model):
    """One department's part, as the centre says. `due`, `days_left`, `light`: by its own limit, in working days."""

    task: str
    unit: str
    unit_name: Text
    mode: Literal["serial", "parallel"]
    order: int
    status: Literal["waiting", "running", "done"]
    started: str
    due: str
    limit_days: int | None
    days_left: int | None
    light: Light | None


class HoldingLine(Model):
    """Sheets of a material: here, on the way, at the unit, lost."""

    material: str
    name: Text
    here: int
    on_way: int
    there: int
    lost: int


class SupplementLine(Model):
    """补正告知. `unit`: it was the deciding unit that asked. `print`: of its paper; `text`: its trouble in words."""

    number: str
    at: str
    unit: bool
    points: tuple[TellLine, ...]
    print: PrintState
    text: str
    copies: int


class Collection(Model):
    """A way to deliver, who collects, and what must be shown; `named`: the collector's name is wanted."""

    way: Delivery
    collector: Collector
    proof: Proof
    named: bool


class Delegated(Model):
    """Under which a decision on the spot would be taken today."""

    number: str
    unit_name: Text
    seal_name: Text
    last: str


class DossierSnapshot(DossierBrief):
    """`query_code` is on the receipt. `back`: stage it returns to after a supplement or suspension.

    `can_await`: who stands at the window may wait in the hall for the unit; `waits_since`: he does, ms, 0 = no.
    `decides`: unit that the catalogue names for the item, '' = the accepting place itself.
    """

    seq: int
    query_code: str
    kind: Literal["instant", "promised"]
    limit_days: int | None
    received: str
    back: str
    outcome: Literal["granted", "denied", ""]
    entry: str
    seal_name: Text
    batch: str
    ready: str
    reminded: int
    deliveries: tuple[Delivery, ...]
    delivery: Delivery
    collections: tuple[Collection, ...]
    delegation: Delegated | None
    decides: str
    timeline: tuple[TimelineLine, ...]
    stops: tuple[StopLine, ...]
    tasks: tuple[TaskLine, ...]
    holdings: tuple[HoldingLine, ...]
    supplements: tuple[SupplementLine, ...]
    can_await: bool
    waits_since: int
    materials: dict[str, Text]


class Run(Model):
    first: int
    last: int


class PaperStock(Model):
    """`came` = `used` + `spoiled` + `left`; `runs`: serials in stock."""

    kind: str
    came: int
    used: int
    spoiled: int
    left: int
    runs: tuple[Run, ...]


# --- what is asked for ---------------------------------------------------------------------------


class Brought(Model):
    material: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")
    sheets: int = Field(ge=1, le=999)


class PointAsked(Model):
    material: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")
    why: LackWhy


class StepRequest(Act):
    """`points` of `lack`: everything that must still be brought, told once and printed.

    `unit` of `forward`: who decides, '' = whom the catalogue names for the item.
    """

    act: StepAct
    reason: FlowReason = ""
    unit: str = Field(default="", pattern=r"^[A-Za-z0-9-]{0,32}$")
    brought: tuple[Brought, ...] = Field(default=(), max_length=50)
    points: tuple[PointAsked, ...] = Field(default=(), max_length=50)


class PrintRequest(Act):
    """`number` of the notice."""

    number: str = Field(pattern=r"^N[0-9A-Z]{8,40}$")


class DecideRequest(Act):
    outcome: Literal["granted", "denied"]


class DeliverRequest(Act):
    """`name` and `id_number` of who collects: typed, or `person`, the token of a card read at this window."""

    way: Delivery
    collector: Collector
    proof: Proof
    person: str = ""
    name: SecretStr = Field(default=SecretStr(""), max_length=60)
    id_number: SecretStr = Field(default=SecretStr(""), max_length=32)


class StockRequest(Act):
    """`pin`: the second person's, who saw the sheets come."""

    kind: str = Field(pattern=r"^[a-z0-9-]{1,32}$")
    first: int = Field(ge=1, le=10**12)
    last: int = Field(ge=1, le=10**12)
    pin: SecretStr = Field(min_length=4, max_length=12)


class UseRequest(Act):
    kind: str = Field(pattern=r"^[a-z0-9-]{1,32}$")
    serial: int = Field(ge=1, le=10**12)
    case: str


class SpoilRequest(Act):
    kind: str = Field(pattern=r"^[a-z0-9-]{1,32}$")
    serial: int = Field(ge=1, le=10**12)
    why: SpoilWhy
    pin: SecretStr = Field(min_length=4, max_length=12)
