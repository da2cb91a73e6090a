"""Record kinds of cases (办件): what was asked for, what was brought, and how the taking-in ended.

The subject of every kind is the case, `case:<ulid>`; that is also the owner of its key: applicant, refusal text and
page files are sealed with it. What a decision needed of the catalogue stands in `case.opened`, so a case means the
same after the catalogue has changed.
"""

from typing import Final, Literal

from edge.rules.body import Body

CaseKind = Literal["instant", "promised"]
MarkState = Literal["provided", "missing", "defect", "reused"]
MarkForm = Literal["paper", "scan", "reused", "none"]
# Why a material is no good; each has its words in `config/words/*/ticket.toml` under `why`.
Defect = Literal[
    "expired",
    "unclear",
    "incomplete",
    "not_matching",
    "not_original",
    "no_seal",
    "no_signature",
    "wrong_form",
    "other",
]
# Why a material is on a notice: not there, fewer than wanted, scanned without a page, or a defect.
LackWhy = Literal["missing", "too_few", "no_pages"] | Defect
Delivery = Literal["counter", "kiosk", "mail", "electronic", "bank"]
RefuseReason = Literal[
    "not_needed",  # the matter needs no application
    "not_our_authority",  # another authority decides
    "not_entitled",  # this applicant may not apply
    "duplicate",  # the same is already under way
    "suspended",  # the item is not taken in at present
    "other",  # only with a sealed text
]
DropWhy = Literal["withdrawn", "mistake", "lapsed"]
AsideWhy = Literal["fetching_materials", "waiting_for_guidance", "system_trouble", "closing_time"]


class Requirement(Body):
    """A material as its catalogue version wants it. `reusable`: the site may take it from an earlier case."""

    material: str
    mandatory: bool
    originals: int
    copies: int
    reusable: bool = False


class CaseOpened(Body):
    """`catalogue`: version hash. `turn` id `s:…` of the service, `ticket` its ticket. `limit_days` working days.

    Sealed: name, id_number, phone ('' when not given).
    """

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


class CaseMarked(Body):
    """The newest mark of a material counts. `defect` '' unless state is defect."""

    material: str
    state: MarkState
    form: MarkForm
    originals: int
    copies: int
    defect: Defect | Literal[""]


class PageCaptured(Body):
    """A sealed page file. `h`: SHA-256 of the stored bytes; AAD of a file, sync.md section 2; `nonce` base64.

    `page` counts from 1 in its material and is never given twice. `blur`: sharpness score of the camera, larger is
    sharper. `warnings`: codes.
    """

    h: str
    size: int
    kid: str
    alg: Literal["aes-256-gcm", "sm4-gcm"]
    nonce: str
    material: str
    page: int
    width: int
    height: int
    blur: int
    warnings: tuple[str, ...]


class PageDropped(Body):
    h: str


class TakenMaterial(Body):
    """A material as it was taken in. `pages`: digests in page order."""

    material: str
    state: MarkState
    form: MarkForm
    originals: int
    copies: int
    defect: Defect | Literal[""]
    pages: tuple[str, ...]


class CaseReceived(Body):
    """收件. `received`: the date that counts; `received_at` the hall's wall time; `due` '' without a limit.

    `follows`: the case stays with the hall until it is closed; false in records of version 1, which ended here.
    """

    number: str
    receipt: str
    query_code: str
    item: str
    catalogue: str
    limit_days: int | None
    due: str
    received: str
    received_at: str
    marks: tuple[TakenMaterial, ...]
    pickup: str
    delivery: Delivery
    window: str
    clerk: str
    follows: bool = False


class Point(Body):
    """One line of a notice."""

    material: str
    why: LackWhy


class CaseNoticed(Body):
    """一次性告知: everything that is lacking. `digest`: SHA-256 of the points in canonical form.

    `differs`: an earlier notice on the case said something else: an alarm for the manager. `added`: how many points
    none of the earlier ones named; 0 where the list only became shorter.
    """

    notice: str
    points: tuple[Point, ...]
    digest: str
    differs: bool
    added: int
    item: str
    catalogue: str
    noticed_at: str
    window: str
    clerk: str


class CaseRefused(Body):
    """不予收件. Sealed, where a clerk wrote one: text."""

    notice: str
    reason: RefuseReason
    item: str
    catalogue: str
    refused_at: str
    window: str
    clerk: str


class CasePrechecked(Body):
    """预审: what was brought was looked through; nothing is received yet, no number given, no limit runs.

    `points`: what a receipt would still lack, () = nothing. `unit`: the department whose person looked, '' = the clerk.
    """

    points: tuple[Point, ...]
    digest: str
    unit: str
    date: str
    checked_at: str
    window: str
    clerk: str


class CaseSetAside(Body):
    """The draft waits, without a window, until it is taken up again."""

    why: AsideWhy
    window: str
    clerk: str


class CaseTakenUp(Body):
    """A draft set aside, or a case with a notice whose applicant came back, is worked on again in this turn."""

    window: str
    clerk: str
    turn: str
    ticket: str


class CaseDropped(Body):
    """`lapsed`: nobody came back; the hall drops it when a day is closed."""

    why: DropWhy


CASE_KINDS: Final[dict[tuple[str, int], type[Body]]] = {
    ("case.opened", 1): CaseOpened,
    ("case.marked", 1): CaseMarked,
    ("page.captured", 1): PageCaptured,
    ("page.dropped", 1): PageDropped,
    ("case.received", 2): CaseReceived,
    ("case.noticed", 1): CaseNoticed,
    ("case.refused", 1): CaseRefused,
    ("case.prechecked", 1): CasePrechecked,
    ("case.set_aside", 1): CaseSetAside,
    ("case.taken_up", 1): CaseTakenUp,
    ("case.dropped", 1): CaseDropped,
}
