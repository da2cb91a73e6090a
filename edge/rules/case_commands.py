"""What a clerk does with a case. Every one is refused unless its actor is the clerk signed in at the window."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from edge.rules.case_records import AsideWhy, Defect, Delivery, MarkForm, MarkState, RefuseReason
from edge.rules.command import Command


class Applicant(BaseModel):
    """Who applies; a secret type, sealed with the case's key."""

    model_config = ConfigDict(hide_input_in_errors=True, frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=60)
    id_number: str = Field(min_length=1, max_length=32)
    phone: str = Field(default="", max_length=32)

    def __repr__(self) -> str:
        return "Applicant(***)"

    __str__ = __repr__


class OpenCase(Command):
    """Needs a running turn at the window and no other open case in it."""

    do: Literal["case.open"] = "case.open"
    window: str
    item: str
    applicant: Applicant


class MarkMaterial(Command):
    """`provided` comes as paper or scan; `reused` as reused; `missing` as none; `defect` names what is wrong."""

    do: Literal["case.mark"] = "case.mark"
    window: str
    case: str
    material: str
    state: MarkState
    form: MarkForm
    originals: int = Field(default=0, ge=0, le=999)
    copies: int = Field(default=0, ge=0, le=999)
    defect: Defect | Literal[""] = ""


class AddPage(Command):
    """A page that is already sealed and stored under `h`; `kid` is the key of the case."""

    do: Literal["page.add"] = "page.add"
    window: str
    case: str
    material: str
    h: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = Field(ge=1)
    kid: str
    alg: Literal["aes-256-gcm", "sm4-gcm"] = "aes-256-gcm"
    nonce: str
    width: int = Field(ge=1)
    height: int = Field(ge=1)
    blur: int = 0
    warnings: tuple[str, ...] = Field(default=(), max_length=16)


class DropPage(Command):
    do: Literal["page.drop"] = "page.drop"
    window: str
    case: str
    h: str


class ReceiveCase(Command):
    """收件: refused while a mandatory material is lacking. `pickup`: code of the site where the result is fetched."""

    do: Literal["case.receive"] = "case.receive"
    window: str
    case: str
    pickup: str = Field(default="", pattern=r"^[A-Z0-9-]{0,32}$")
    delivery: Delivery = "counter"


class GiveNotice(Command):
    """一次性告知: the list is what the rules find lacking; refused when nothing is."""

    do: Literal["case.notice"] = "case.notice"
    window: str
    case: str


class PrecheckCase(Command):
    """预审 of the draft in hand, as it is marked now. `unit`: the department whose person looks through it, if any."""

    do: Literal["case.precheck"] = "case.precheck"
    window: str
    case: str
    unit: str = Field(default="", pattern=r"^[A-Za-z0-9-]{0,32}$")


class RefuseCase(Command):
    """不予收件. `text` is sealed; reason `other` needs one."""

    do: Literal["case.refuse"] = "case.refuse"
    window: str
    case: str
    reason: RefuseReason
    text: SecretStr = SecretStr("")


class SetCaseAside(Command):
    """The turn may then be finished; the draft stays, also over night."""

    do: Literal["case.set_aside"] = "case.set_aside"
    window: str
    case: str
    why: AsideWhy


class TakeUpCase(Command):
    """Go on with a draft set aside, or with a case that was given a notice, in the turn running at `window`."""

    do: Literal["case.take_up"] = "case.take_up"
    window: str
    case: str


class DropCase(Command):
    do: Literal["case.drop"] = "case.drop"
    window: str
    case: str
    why: Literal["withdrawn", "mistake"]
