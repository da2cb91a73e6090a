"""What the records of a case add up to after its receipt. A dossier stays until it is closed, over any days."""

from typing import Literal

from pydantic import Field

from edge.rules.case_paper import CasePaper
from edge.rules.case_records import Delivery, Point
from edge.rules.dossier_records import Act, Outcome, Stage, TaskNoted
from edge.rules.part import Part


class Holding(Part):
    """Sheets of one material. The four always add up to what was received."""

    here: int
    on_way: int = 0
    there: int = 0
    lost: int = 0


class Stop(Part):
    """A suspension: business dates, `last` the last one that does not count; '' while it runs."""

    first: str
    last: str = ""


class Step(Part):
    """A line of the timeline."""

    act: Act | Literal["receive", "take_in"]
    stage: Stage
    at: str


class Supplement(Part):
    """A notice after the receipt: what still has to be brought. `window`, `clerk` '': the deciding unit said so."""

    number: str
    points: tuple[Point, ...]
    digest: str
    differs: bool
    added: int
    at: str
    window: str = ""
    clerk: str = ""


class Waiting(Part):
    """The applicant waits in the hall. `since` by the hall's clock, ms; `at` the same for people."""

    ticket: str
    window: str
    since: int
    at: str


class Dossier(Part):
    """`origin`: site that took the case in, '' = this one. `entry`: number in the register of results.

    `ready`: business date on which the result lay here; `reminded`: how many reminders went out since.
    `applicant_h` with `opened_seq`: the sealed applicant, '' where another site took the case in.
    """

    uid: str
    number: str
    receipt: str
    query_code: str
    item: str
    kind: str
    limit_days: int | None
    received: str
    received_at: str
    due: str
    pickup: str
    delivery: Delivery
    deliveries: tuple[Delivery, ...] = ("counter",)
    origin: str = ""
    opened_seq: int = 0
    applicant_h: str = ""
    stage: Stage = "received"
    back: Stage | Literal[""] = ""
    unit: str = ""
    since: str = ""
    stops: list[Stop] = Field(default_factory=list)
    tasks: dict[str, TaskNoted] = Field(default_factory=dict)
    outcome: Outcome | Literal[""] = ""
    seal: str = ""
    entry: str = ""
    batch: str = ""
    ready: str = ""
    reminded: int = 0
    revs: dict[str, int] = Field(default_factory=dict)  # newest revision of each decision item followed
    holdings: dict[str, Holding] = Field(default_factory=dict)
    supplements: list[Supplement] = Field(default_factory=list)
    papers: dict[str, CasePaper] = Field(default_factory=dict)  # by number
    steps: list[Step] = Field(default_factory=list)
    waiting: Waiting | None = None
