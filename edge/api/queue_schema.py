"""Forms of the queue's acts: at a window, at a kiosk, by a guide."""

from typing import Literal

from pydantic import Field

from edge.api.model import Act, BackReason, Model, OutOfTurnReason, PauseReason
from edge.api.model import Ground as Ground
from edge.api.schema import TicketSnapshot

Punctuality = Literal["early", "on_time", "late", "lapsed"]


class TicketAct(Act):
    ticket: str


class ReturnAct(Act):
    reason: BackReason


class TransferAct(Act):
    """`service` '' keeps it, `to` '' = any window that serves it."""

    service: str = ""
    to: str = ""
    reason: BackReason = "needs_other_window"


class CallAct(Act):
    """`number`: `A017`, or its last digits where only one ticket ends so."""

    number: str = Field(min_length=1, max_length=8)
    reason: OutOfTurnReason


class GreenAct(Act):
    ticket: str
    ground: Ground
    holds: bool


class PauseAct(Act):
    """`until`: planned end, ms since 1970, 0 = not said."""

    reason: PauseReason
    until: int = Field(default=0, ge=0)


class GuidanceCallAct(Act):
    """`unit`: the department whose person is asked to the window."""

    unit: str = Field(pattern=r"^[A-Za-z0-9-]{1,32}$")


class GuidanceEndAct(Act):
    outcome: Literal["came", "by_phone", "nobody"]


class CodeRequest(Act):
    seconds: float = 60.0


class CodeText(Model):
    """What a citizen's code says, as it stands."""

    text: str


class CheckInRequest(Act):
    """Exactly one of `card` (token of a card session), `code` (text of the booking's code), `phone` (last four digits).

    `accept_late`: the booking has lapsed and the person takes an ordinary number instead.
    """

    card: str = ""
    code: str = Field(default="", max_length=256)
    phone: str = Field(default="", pattern=r"^([0-9]{4})?$")
    accept_late: bool = False


class CheckedIn(Model):
    """`slot`: ms since 1970. `lapsed`: too late, the ticket is an ordinary one."""

    ticket: TicketSnapshot
    punctuality: Punctuality
    slot: int


class GuideTicket(Act):
    service: str
    more: tuple[str, ...] = Field(default=(), max_length=4)
    declared: Ground | Literal[""] = ""
