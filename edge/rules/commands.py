"""What somebody wants: every change begins as one of these. The caller makes the command's id and names the actor."""

from typing import Annotated, Literal

from pydantic import Field

from edge.rules.case_commands import (
    AddPage,
    DropCase,
    DropPage,
    GiveNotice,
    MarkMaterial,
    OpenCase,
    PrecheckCase,
    ReceiveCase,
    RefuseCase,
    SetCaseAside,
    TakeUpCase,
)
from edge.rules.command import Command as Command
from edge.rules.copy_commands import EndCopies, GrantCopies, ReserveCopies
from edge.rules.dossier_commands import (
    AwaitDecision,
    DecideOnSite,
    DeliverResult,
    RecordDecision,
    RecordTask,
    RegisterResult,
    SettleDispute,
    ShowCase,
    StepCase,
    TakeBackDecision,
)
from edge.rules.followup_commands import (
    AcceptComplaint,
    AppealTask,
    AssignTask,
    CloseComplaint,
    CloseTask,
    DirectComplaint,
    EscalateComplaint,
    InvestigateComplaint,
    RectifyTask,
    RedirectComplaint,
    RegisterComplaint,
    ReplyComplaint,
    ReplyTask,
    ReviewTask,
    RevisitComplaint,
    RevisitTask,
    ShowComplaint,
    ShowNote,
    UrgeComplaint,
    VerifyTask,
)
from edge.rules.followup_commands import AddRating as AddRating
from edge.rules.followup_commands import GiveRating as GiveRating
from edge.rules.forecasts import NoteForecast as NoteForecast
from edge.rules.handover_commands import NoteBatch, SealBatch, SettleDifference, SignBatch, TakeInBatch
from edge.rules.oversight_setup import OversightSetup
from edge.rules.paper_records import SpoilPaper, StockPaper, UsePaper
from edge.rules.parcel_records import ExpectParcel, MatchParcel, SignParcel
from edge.rules.queue_commands import (
    AdvanceBookings,
    CallGuidance,
    CallTicket,
    CancelBooking,
    CancelTicket,
    CheckIn,
    EndGuidance,
    HoldTicket,
    LapseLease,
    MirrorBooking,
    PauseWindow,
    ResumeIssuing,
    ResumeTicket,
    ResumeWindow,
    ReturnTicket,
    ReviveTicket,
    SettleGreen,
    StopIssuing,
    TakeOver,
    TransferTicket,
    UndoCall,
)
from edge.rules.queue_commands import Holder as Holder
from edge.rules.queue_records import Ground
from edge.rules.queue_setup import QueueSetup
from edge.rules.records import Channel, Paper, PrintEnd, ServiceSetup, WindowSetup
from edge.rules.reuse_commands import DeclineHeld, OfferEarlier, OfferHeld, UseHeld


class StartBoot(Command):
    do: Literal["boot.start"] = "boot.start"
    boot: str
    version: str


class ConfigureSite(Command):
    do: Literal["site.configure"] = "site.configure"
    hash: str
    windows: tuple[WindowSetup, ...]
    services: tuple[ServiceSetup, ...]
    recalls: int = 3
    rating_seconds: int = 15
    clerks: tuple[str, ...] = ()
    queue: QueueSetup = QueueSetup()
    oversight: OversightSetup = OversightSetup()


class OpenDay(Command):
    """`date` YYYY-MM-DD by the site's calendar; refused if before the last one. `closes`: planned end, ms, or 0."""

    do: Literal["day.open"] = "day.open"
    date: str
    closes: int = 0


class CloseDay(Command):
    """Refused while somebody is served or put aside. `abandon`: such turns end here, too; only for a day long over."""

    do: Literal["day.close"] = "day.close"
    abandon: bool = False


class IssueTicket(Command):
    """`more`: further services on the ticket. `declared`: ground of a green channel claimed; a person settles it."""

    do: Literal["ticket.issue"] = "ticket.issue"
    service: str
    more: tuple[str, ...] = ()
    channel: Channel
    place: str
    declared: Ground | Literal[""] = ""
    holder: Holder | None = None


class CallNext(Command):
    do: Literal["ticket.call_next"] = "ticket.call_next"
    window: str


class Recall(Command):
    do: Literal["ticket.recall"] = "ticket.recall"
    window: str


class MissTicket(Command):
    do: Literal["ticket.miss"] = "ticket.miss"
    window: str


class StartService(Command):
    do: Literal["service.start"] = "service.start"
    window: str


class FinishService(Command):
    """Ends the turn and asks for the rating; on a called ticket it starts and ends the service (keypad dialect a)."""

    do: Literal["service.finish"] = "service.finish"
    window: str


class LapseRating(Command):
    do: Literal["rating.lapse"] = "rating.lapse"
    nonce: str
    why: Literal["no_answer", "pad_fault"] = "no_answer"


class SignIn(Command):
    do: Literal["clerk.sign_in"] = "clerk.sign_in"
    window: str
    clerk: str


class SignOut(Command):
    do: Literal["clerk.sign_out"] = "clerk.sign_out"
    window: str


class StartPrint(Command):
    """Either a ticket, or a case's receipt or notice, whose number is `paper`, or the slip of a complaint."""

    do: Literal["print.start"] = "print.start"
    what: Paper = "ticket"
    ticket: str = ""
    case: str = ""
    complaint: str = ""
    paper: str = ""
    job: str
    printer: str


class EndPrint(Command):
    """Of the ticket, case or complaint that the print was started for."""

    do: Literal["print.end"] = "print.end"
    ticket: str = ""
    case: str = ""
    complaint: str = ""
    job: str
    outcome: PrintEnd
    code: str = ""


class DisclosePart(Command):
    """Of a ticket called or served at the window, or of a case being worked on there."""

    do: Literal["part.disclose"] = "part.disclose"
    ticket: str = ""
    case: str = ""
    h: str
    purpose: Literal["greet_at_window", "fill_case"]
    window: str


AnyCommand = Annotated[
    StartBoot
    | ConfigureSite
    | OpenDay
    | CloseDay
    | IssueTicket
    | CallNext
    | Recall
    | MissTicket
    | StartService
    | FinishService
    | GiveRating
    | AddRating
    | LapseRating
    | SignIn
    | SignOut
    | StartPrint
    | EndPrint
    | DisclosePart
    | UndoCall
    | HoldTicket
    | ResumeTicket
    | ReturnTicket
    | TransferTicket
    | CallTicket
    | ReviveTicket
    | CancelTicket
    | SettleGreen
    | CallGuidance
    | EndGuidance
    | PauseWindow
    | ResumeWindow
    | TakeOver
    | LapseLease
    | StopIssuing
    | ResumeIssuing
    | MirrorBooking
    | CancelBooking
    | CheckIn
    | AdvanceBookings
    | NoteForecast
    | OpenCase
    | MarkMaterial
    | AddPage
    | DropPage
    | ReceiveCase
    | GiveNotice
    | PrecheckCase
    | OfferHeld
    | OfferEarlier
    | UseHeld
    | DeclineHeld
    | RefuseCase
    | SetCaseAside
    | TakeUpCase
    | DropCase
    | AssignTask
    | VerifyTask
    | RectifyTask
    | ReplyTask
    | RevisitTask
    | CloseTask
    | AppealTask
    | ReviewTask
    | RegisterComplaint
    | AcceptComplaint
    | RedirectComplaint
    | InvestigateComplaint
    | ReplyComplaint
    | RevisitComplaint
    | CloseComplaint
    | UrgeComplaint
    | DirectComplaint
    | EscalateComplaint
    | ShowComplaint
    | ShowCase
    | ShowNote
    | StepCase
    | DecideOnSite
    | AwaitDecision
    | RecordDecision
    | RecordTask
    | TakeBackDecision
    | SettleDispute
    | RegisterResult
    | DeliverResult
    | SealBatch
    | SignBatch
    | TakeInBatch
    | NoteBatch
    | SettleDifference
    | StockPaper
    | UsePaper
    | SpoilPaper
    | ExpectParcel
    | SignParcel
    | MatchParcel
    | ReserveCopies
    | EndCopies
    | GrantCopies,
    Field(discriminator="do"),
]
