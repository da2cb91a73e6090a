"""What crosses the API of a case (办件). Clerk of that window only; `{w}` is the window of the session.

    GET  /api/catalogue/items?text=            -> tuple[ItemBrief]   by name, alias, first letters of the pinyin
    GET  /api/catalogue/items/{item}           -> ItemSheet
    GET  /api/catalogue/units                  -> dict[str, Text]      every unit that decides something
    POST /api/window/{w}/card                  CardAtWindow -> Person    waits at its reader; cancel = disconnect
    POST /api/window/{w}/person                TypedPerson -> Person
    DELETE /api/window/{w}/person              what was read or typed is forgotten; a running read stops
    GET  /api/window/{w}/case                  -> CaseSnapshot or null  (the same is pushed in WindowSnapshot.case)
    POST /api/window/{w}/case                  OpenRequest -> CaseSnapshot
    GET  /api/window/{w}/cases                 -> tuple[CaseBrief]      set aside or noticed: may be taken up here
    POST /api/window/{w}/case/take-up          CaseAct -> CaseSnapshot
    GET  /api/window/{w}/case/applicant        -> Person (no token)     recorded as a disclosure
    POST /api/window/{w}/case/mark             MarkRequest -> CaseSnapshot
    POST /api/window/{w}/case/page             PageRequest -> CaseSnapshot   takes a picture; seals, then records it
    GET  /api/window/{w}/case/page/{digest}    -> image/jpeg            recorded as a disclosure
    DELETE /api/window/{w}/case/page/{digest}?case=&id=  -> CaseSnapshot
    POST /api/window/{w}/case/receive          ReceiveRequest -> CaseSnapshot
    POST /api/window/{w}/case/notice           CaseAct -> CaseSnapshot
    POST /api/window/{w}/case/earlier          EarlierRequest -> CaseSnapshot   an earlier case of the same person
    POST /api/window/{w}/case/reuse            HeldAct -> CaseSnapshot        recorded: who relied on what of whom
    POST /api/window/{w}/case/reuse/decline    DeclineRequest -> CaseSnapshot
    GET  /api/window/{w}/case/held/{what}      -> HeldValue             recorded as a disclosure
    POST /api/window/{w}/case/precheck         PrecheckRequest -> CaseSnapshot
    POST /api/window/{w}/case/refuse           RefuseRequest -> CaseSnapshot
    POST /api/window/{w}/case/aside            AsideRequest -> CaseSnapshot
    POST /api/window/{w}/case/drop             DropRequest -> CaseSnapshot
    POST /api/window/{w}/case/reprint          ReprintRequest -> CaseSnapshot
    POST /api/window/{w}/case/came-out         ReprintRequest -> CaseSnapshot   an unknown print is there after all
    WS   /api/window/{w}/camera                binary JPEGs, each after the client's text message `more`

Closing codes of the camera's line: 4401 signed out, 4403 another window, 4404 no open case or no camera, 4409 opened
in another page, 4503 with the Trouble as the last text message.
"""

from typing import Final, Literal

from pydantic import Field, SecretStr

from edge.api.model import Act, Model, PrintState

MarkState = Literal["provided", "missing", "defect", "reused"]
MarkForm = Literal["paper", "scan", "reused", "none"]
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
LackWhy = Defect | Literal["missing", "too_few", "no_pages"]
Delivery = Literal["counter", "kiosk", "mail", "electronic", "bank"]
RefuseReason = Literal["not_needed", "not_our_authority", "not_entitled", "duplicate", "suspended", "other"]
AsideWhy = Literal["fetching_materials", "waiting_for_guidance", "system_trouble", "closing_time"]
ReuseSource = Literal["base", "case"]
DeclineWhy = Literal["wrong", "outdated", "unwilling"]
CaseState = Literal["draft", "aside", "noticed", "received", "refused", "dropped"]
Text = dict[str, str]  # by language

NO_CASE: Final = 4404
OTHER_PAGE: Final = 4409
CAMERA_TROUBLE: Final = 4503


# --- the catalogue, as a clerk sees it -----------------------------------------------------------


class ItemBrief(Model):
    """One line of a search. `limit_days` working days, None where nobody said.

    `elsewhere`: no window takes it in (涉密, 场地限制); who does. None where windows do.
    """

    id: str
    name: Text
    kind: Literal["instant", "promised"]
    limit_days: int | None
    unverified: bool
    elsewhere: Text | None = None


class MaterialSheet(Model):
    id: str
    name: Text
    form: Literal["paper", "electronic", "reusable"]
    originals: int
    copies: int
    mandatory: bool
    note: Text | None
    sample: Text | None


class ItemSheet(ItemBrief):
    """`unverified_facts`: which claims no source was found for."""

    legal_days: int | None
    legal_calendar_days: int | None
    limit_note: Text | None
    materials: tuple[MaterialSheet, ...]
    conditions: tuple[Text, ...]
    free: bool | None
    fee_note: Text | None
    result: Text | None
    deliveries: tuple[Delivery, ...]
    unverified_facts: tuple[str, ...]


# --- a person ------------------------------------------------------------------------------------


class CardAtWindow(Act):
    seconds: float = Field(default=60.0, ge=0, le=180)


class TypedPerson(Act):
    """Typed from a paper; a secret type."""

    name: SecretStr = Field(min_length=1, max_length=60)
    id_number: SecretStr = Field(min_length=1, max_length=32)
    phone: SecretStr = Field(default=SecretStr(""), max_length=32)


PersonWarning = Literal[
    "number_form",
    "number_check_digit",
    "number_date",
    "number_sex",
    "number_birth",
    "number_missing",
    "photo_missing",
    "photo_head",
    "text_damaged",
    "append_unread",
    "withheld",
    "name_extension",
    "reader_note",
]


class Person(Model):
    """Masked. `token` opens a case for this person. `warnings`: what does not fit in the number, and what the reader
    could not read; never a refusal. `reader_note`: a warning of a driver that we have no words for.
    """

    token: str = ""
    name: str
    id_number: str
    warnings: tuple[PersonWarning, ...] = ()


# --- a case --------------------------------------------------------------------------------------


class PageEntry(Model):
    """`warnings`: codes of the camera (`blurred`, `cut_off` and others); advice, a person may keep the page."""

    h: str
    page: int
    width: int
    height: int
    blur: int
    warnings: tuple[str, ...]


class HeldEntry(Model):
    """可核验复用: held already. `origin`: the library's code or the earlier case's number; `until` its last day, ''.

    `over`: run out meanwhile. `has_value`: a sealed number or text, shown once it was used.
    """

    source: ReuseSource
    origin: str
    issued: str
    until: str
    used: bool
    declined: str
    over: bool
    has_value: bool


class FieldLine(Model):
    """An information item of the case (信息项) that is held, so that nobody asks for it."""

    field: str
    name: Text
    held: HeldEntry


class HeldValue(Model):
    """Personal: shown for a while at the window that serves the person."""

    value: str


class MaterialLine(Model):
    """What is wanted, and what was brought. `state` None: not looked at yet. `lack` '' or why it is not as wanted."""

    material: str
    name: Text
    note: Text | None = None
    sample: Text | None = None
    mandatory: bool
    reusable: bool
    wanted_originals: int
    wanted_copies: int
    state: MarkState | None = None
    form: MarkForm = "none"
    originals: int = 0
    copies: int = 0
    defect: str = ""
    lack: str = ""
    pages: tuple[PageEntry, ...] = ()
    held: HeldEntry | None = None


class PaperBrief(Model):
    """A receipt or a notice. `print_code`: device error code when the print failed; `text` the same in words."""

    what: Literal["receipt", "notice"]
    number: str
    print: PrintState
    print_code: str = ""
    text: str = ""
    copies: int = 0


class TellLine(Model):
    """One line of the notice as it would be given, or was given last."""

    material: str
    name: Text
    why: str


class PrecheckLine(Model):
    """What was found before the receipt (预审). `unit` '': the window itself. `stands`: nothing was changed since."""

    unit: str
    unit_name: Text
    at: str
    points: tuple[TellLine, ...]
    stands: bool


class CaseBrief(Model):
    """A case that waits for its applicant. `notice`: number of its last notice, ''."""

    case: str
    item: str
    item_name: Text
    state: Literal["aside", "noticed", "draft"]
    since: str
    notice: str


class Place(Model):
    """Another hall where a result may be fetched."""

    site: str
    name: Text


class CaseSnapshot(Model):
    """The case of the turn running at a window, the newest if there were several. Nothing here is personal.

    `due`, `counted`: of the receipt, or, for a draft, if it were received now; '' without a limit. `calendar_missing`:
    a year whose holidays nobody gave, 0 when all is known. `lacking`: how many mandatory materials are not as wanted.
    `tell`: the complete notice. `decides`: unit that the catalogue names for the item, ''. `refused_for`: reason of a
    refusal. `seq`: journal position, only grows.
    """

    seq: int
    case: str
    state: CaseState
    item: str
    item_name: Text
    kind: Literal["instant", "promised"]
    limit_days: int | None
    unverified: tuple[str, ...]
    conditions: tuple[Text, ...] = ()
    deliveries: tuple[Delivery, ...]
    delivery: Delivery | None = None
    materials: tuple[MaterialLine, ...]
    fields: tuple[FieldLine, ...] = ()
    lacking: int
    tell: tuple[TellLine, ...]
    earlier_notices: tuple[str, ...] = ()
    precheck: PrecheckLine | None = None
    decides: str = ""
    number: str = ""
    query_code: str = ""
    counted: str = ""
    due: str = ""
    calendar_missing: int = 0
    refused_for: str = ""
    papers: tuple[PaperBrief, ...] = ()
    elsewhere: tuple[Place, ...] = ()
    has_camera: bool = False
    has_reader: bool = False


class CaseAct(Act):
    """`case`: the case the page shows, so that an old page cannot change another one."""

    case: str


class OpenRequest(Act):
    """`person`: token of Person."""

    item: str
    person: str


class MarkRequest(CaseAct):
    material: str
    state: MarkState
    form: MarkForm
    originals: int = Field(default=0, ge=0, le=999)
    copies: int = Field(default=0, ge=0, le=999)
    defect: Defect | Literal[""] = ""


class PageRequest(CaseAct):
    """`replaces`: digest of a page that is dropped when the new one is recorded (take again)."""

    material: str
    replaces: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
    side: Literal["main", "side"] = "main"


class EarlierRequest(CaseAct):
    """`number`: of the case or its receipt, as typed."""

    number: str = Field(min_length=1, max_length=40)


class HeldAct(CaseAct):
    """`what`: id of a material or field."""

    what: str = Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")


class DeclineRequest(HeldAct):
    why: DeclineWhy


class PrecheckRequest(CaseAct):
    """`unit`: whose person looks through the materials, '' = the clerk."""

    unit: str = Field(default="", pattern=r"^[A-Za-z0-9-]{0,32}$")


class ReceiveRequest(CaseAct):
    """`pickup`: code of the site where the result is fetched, '' = this one."""

    pickup: str = Field(default="", pattern=r"^[A-Z0-9-]{0,32}$")
    delivery: Delivery = "counter"


class RefuseRequest(CaseAct):
    """`text` is sealed; reason `other` needs one."""

    reason: RefuseReason
    text: SecretStr = Field(default=SecretStr(""), max_length=500)


class AsideRequest(CaseAct):
    why: AsideWhy


class DropRequest(CaseAct):
    why: Literal["withdrawn", "mistake"]


class ReprintRequest(CaseAct):
    """The newest paper of this kind."""

    what: Literal["receipt", "notice"]
