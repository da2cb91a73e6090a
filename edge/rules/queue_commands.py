"""Commands of the queue beyond the plain turn: taking back, putting aside, sending on, pausing, and appointments."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from edge.rules.about import About
from edge.rules.command import Command
from edge.rules.queue_records import BackReason, Channel, Ground, OutOfTurnReason, PauseReason


class Holder(BaseModel):
    """The person a ticket is for, from a card; a secret type. `ref` is the keyed hash, the rest gets sealed."""

    model_config = ConfigDict(hide_input_in_errors=True, frozen=True)

    ref: str
    name: str
    id_number: str

    def __repr__(self) -> str:
        return "Holder(***)"

    __str__ = __repr__


class UndoCall(Command):
    """Only for a few seconds after the call, and before the service began."""

    do: Literal["ticket.undo_call"] = "ticket.undo_call"
    window: str


class HoldTicket(Command):
    do: Literal["ticket.hold"] = "ticket.hold"
    window: str


class ResumeTicket(Command):
    do: Literal["ticket.resume"] = "ticket.resume"
    window: str
    ticket: str


class ReturnTicket(Command):
    """The person goes and comes back: the ticket waits again, keeping its place a limited number of times."""

    do: Literal["ticket.return"] = "ticket.return"
    window: str
    reason: BackReason


class TransferTicket(Command):
    """`service` '' keeps the service; `to` names one window, '' any that serves it."""

    do: Literal["ticket.transfer"] = "ticket.transfer"
    window: str
    service: str = ""
    to: str = ""
    reason: BackReason


class CallTicket(Command):
    """Out of turn, by its number (`A017` or the last digits if only one ticket ends so)."""

    do: Literal["ticket.call"] = "ticket.call"
    window: str
    number: str
    reason: OutOfTurnReason = "asked_back"


class ReviveTicket(Command):
    do: Literal["ticket.revive"] = "ticket.revive"
    ticket: str
    by: Channel


class CancelTicket(Command):
    do: Literal["ticket.cancel"] = "ticket.cancel"
    ticket: str
    by: Channel


class SettleGreen(Command):
    """A person looked at what was declared. `holds` without a declaration grants it (`ground`)."""

    do: Literal["green.settle"] = "green.settle"
    ticket: str
    ground: Ground
    holds: bool


class CallGuidance(Command):
    """During a turn: somebody of `unit` is asked to the window."""

    do: Literal["guidance.call"] = "guidance.call"
    window: str
    unit: str = Field(pattern=r"^[A-Za-z0-9-]{1,32}$")


class EndGuidance(Command):
    do: Literal["guidance.end"] = "guidance.end"
    window: str
    outcome: Literal["came", "by_phone", "nobody"]


class PauseWindow(Command):
    do: Literal["window.pause"] = "window.pause"
    window: str
    reason: PauseReason
    until: int = 0


class ResumeWindow(Command):
    do: Literal["window.resume"] = "window.resume"
    window: str


class TakeOver(Command):
    do: Literal["clerk.take_over"] = "clerk.take_over"
    window: str
    clerk: str


class LapseLease(Command):
    do: Literal["clerk.lapse"] = "clerk.lapse"
    window: str
    clerk: str


class StopIssuing(Command):
    do: Literal["issuing.stop"] = "issuing.stop"
    service: str
    why: Literal["forecast", "manager"]


class ResumeIssuing(Command):
    """Lifts a stop; the forecast lifts only its own."""

    do: Literal["issuing.resume"] = "issuing.resume"
    service: str
    why: Literal["forecast", "manager"] = "manager"


class MirrorBooking(Command):
    """One booking of the city's list; the same again changes nothing, a moved slot is a new record."""

    do: Literal["booking.mirror"] = "booking.mirror"
    booking: str
    date: str
    slot: int
    service: str
    holder: Holder
    phone: str = ""
    about: About | None = None


class CancelBooking(Command):
    do: Literal["booking.cancel"] = "booking.cancel"
    booking: str


class CheckIn(Command):
    """Makes a ticket of the class appointment, or of a walk-in when it came too late (`accept_late`)."""

    do: Literal["booking.check_in"] = "booking.check_in"
    booking: str
    channel: Channel
    place: str
    accept_late: bool = False


class AdvanceBookings(Command):
    """By the system, every minute: bookings whose time is over become no-shows; nothing else happens."""

    do: Literal["booking.advance"] = "booking.advance"
