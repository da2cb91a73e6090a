"""What a case's records add up to."""

from typing import Literal

from pydantic import Field

from edge.rules.case_paper import CasePaper as CasePaper
from edge.rules.case_records import (
    CaseKind,
    CaseReceived,
    Defect,
    Delivery,
    MarkForm,
    MarkState,
    PageCaptured,
    Point,
    RefuseReason,
    Requirement,
)
from edge.rules.parcel_state import Parcel
from edge.rules.part import Part
from edge.rules.reuse_state import Held

CaseState = Literal["draft", "aside", "noticed", "received", "refused", "dropped"]


class Mark(Part):
    state: MarkState
    form: MarkForm
    originals: int
    copies: int
    defect: Defect | Literal[""]


class Notice(Part):
    """一次性告知 (`points`) or 不予收件 (`reason`). `added`: points that no earlier notice on the case named.

    `text_h`, `seq`: sealed text of a refusal and the record that holds it.
    """

    number: str
    digest: str
    points: tuple[Point, ...] = ()
    differs: bool = False
    added: int = 0
    reason: RefuseReason | None = None
    given_at: str
    window: str
    clerk: str
    text_h: str = ""
    seq: int = 0


class Precheck(Part):
    """The newest look through before the receipt. `points`: what was still lacking."""

    points: tuple[Point, ...]
    digest: str
    unit: str
    checked_at: str


class Case(Part):
    """`turn`, `ticket`, `window`, `clerk`: where it is worked on, or was last.

    `since`: business date on which it was set aside or noticed. `last_page`: page numbers given, by material.
    `received`: the whole record of the receipt. `applicant_h` with `opened_seq`: the sealed applicant.
    """

    uid: str
    item: str
    catalogue: str
    kind: CaseKind
    limit_days: int | None
    materials: tuple[Requirement, ...]
    deliveries: tuple[Delivery, ...]
    window: str
    clerk: str
    turn: str
    ticket: str
    opened_at: str
    opened_seq: int
    applicant_h: str
    state: CaseState = "draft"
    since: str = ""
    marks: dict[str, Mark] = Field(default_factory=dict)
    pages: dict[str, PageCaptured] = Field(default_factory=dict)  # by h, in the order of capture
    last_page: dict[str, int] = Field(default_factory=dict)
    precheck: Precheck | None = None
    notices: list[Notice] = Field(default_factory=list)
    parcels: list[Parcel] = Field(default_factory=list)  # papers that came by post
    held: dict[str, Held] = Field(default_factory=dict)  # by material or field: need not be asked for
    received: CaseReceived | None = None
    papers: dict[str, CasePaper] = Field(default_factory=dict)  # by number

    def requirement(self, material: str) -> Requirement | None:
        return next((each for each in self.materials if each.material == material), None)

    def pages_of(self, material: str) -> tuple[str, ...]:
        """Digests, in page order."""
        return tuple(page.h for page in self.pages.values() if page.material == material)
