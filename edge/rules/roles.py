"""The one table of who may ask for what: every command stands here, and a refusal says who can.

A role is what stands before the colon of an actor. `system`, `job`, `device`: the hall itself, its jobs and hosts;
`centre`: a decision that came down the line; `gateway`: the spool from the other network zone. The hall's own parts
may do whatever keeps it running; people only what is theirs. Citizens act through `kiosk`, `pad` and `gateway`.
"""

from collections.abc import Mapping
from typing import Final

from edge.rules import case_commands as case
from edge.rules import commands as c
from edge.rules import copy_commands as copy
from edge.rules import dossier_commands as dossier
from edge.rules import followup_commands as f
from edge.rules import handover_commands as handover
from edge.rules import orders
from edge.rules import paper_records as paper
from edge.rules import parcel_records as parcel
from edge.rules import queue_commands as q
from edge.rules import reuse_commands as reuse
from edge.rules.codes import Code
from edge.rules.forecasts import NoteForecast
from edge.rules.refusal import Refusal, Who

Roles = frozenset[str]

_HALL: Final = frozenset({"system", "job"})
_CLERK: Final = frozenset({"clerk"})
_LEAD: Final = frozenset({"lead"})
_TECHNICIAN: Final = frozenset({"technician"})
_WINDOW: Final = frozenset({"clerk", "keypad"})
_FLOOR: Final = frozenset({"clerk", "guide"})
_CITIZEN: Final = frozenset({"kiosk", "gateway"})
_CENTRE: Final = frozenset({"centre"})

PERMITTED: Final[Mapping[type[c.Command], Roles]] = {
    c.StartBoot: _HALL,
    c.ConfigureSite: _HALL | _TECHNICIAN,
    c.OpenDay: _HALL | _LEAD | _TECHNICIAN,
    c.CloseDay: _HALL | _LEAD | _TECHNICIAN,
    c.IssueTicket: _FLOOR | {"kiosk"},
    c.CallNext: _WINDOW,
    c.Recall: _WINDOW,
    c.MissTicket: _WINDOW | _HALL,
    c.StartService: _WINDOW,
    c.FinishService: _WINDOW,
    f.GiveRating: _CITIZEN | {"pad"},
    f.AddRating: _CITIZEN,
    c.LapseRating: _HALL | {"pad"},
    c.SignIn: _WINDOW,
    c.SignOut: _WINDOW,
    c.StartPrint: _HALL | _CLERK,
    c.EndPrint: _HALL | _CLERK,
    c.DisclosePart: _CLERK,
    NoteForecast: _HALL,
    q.UndoCall: _WINDOW,
    q.HoldTicket: _WINDOW,
    q.ResumeTicket: _WINDOW,
    q.ReturnTicket: _WINDOW,
    q.TransferTicket: _WINDOW,
    q.CallTicket: _WINDOW,
    q.ReviveTicket: _FLOOR | {"kiosk", "keypad"},
    q.CancelTicket: _FLOOR | {"kiosk"},
    q.SettleGreen: _FLOOR,
    q.CallGuidance: _CLERK,
    q.EndGuidance: _CLERK,
    q.PauseWindow: _WINDOW,
    q.ResumeWindow: _WINDOW,
    q.TakeOver: _LEAD | {"clerk", "keypad"},
    q.LapseLease: _HALL,
    q.StopIssuing: _HALL | _LEAD,
    q.ResumeIssuing: _HALL | _LEAD,
    q.MirrorBooking: _HALL | _CENTRE,
    q.CancelBooking: _HALL | _CENTRE,
    q.CheckIn: _FLOOR | {"kiosk"},
    q.AdvanceBookings: _HALL,
    case.OpenCase: _CLERK,
    case.MarkMaterial: _CLERK,
    case.AddPage: _CLERK,
    case.DropPage: _CLERK,
    case.ReceiveCase: _CLERK,
    case.GiveNotice: _CLERK,
    case.PrecheckCase: _CLERK,
    case.RefuseCase: _CLERK,
    case.SetCaseAside: _CLERK,
    case.TakeUpCase: _CLERK,
    case.DropCase: _CLERK,
    reuse.OfferHeld: _CENTRE,
    reuse.OfferEarlier: _CLERK,
    reuse.UseHeld: _CLERK,
    reuse.DeclineHeld: _CLERK,
    dossier.ShowCase: _CITIZEN,
    dossier.StepCase: _CLERK,
    dossier.DecideOnSite: _CLERK,
    dossier.AwaitDecision: _CLERK,
    dossier.RecordDecision: _CENTRE,
    dossier.RecordTask: _CENTRE,
    dossier.TakeBackDecision: _CENTRE,
    dossier.SettleDispute: _LEAD,
    dossier.RegisterResult: _CLERK,
    dossier.DeliverResult: _CLERK,
    handover.SealBatch: _CLERK,
    handover.SignBatch: _CLERK,
    handover.TakeInBatch: _CLERK,
    handover.NoteBatch: _CENTRE,
    handover.SettleDifference: _CLERK,
    paper.StockPaper: _CLERK,
    paper.UsePaper: _CLERK,
    paper.SpoilPaper: _CLERK,
    parcel.ExpectParcel: _CENTRE,
    parcel.SignParcel: _CLERK,
    parcel.MatchParcel: _CLERK,
    copy.ReserveCopies: frozenset({"kiosk"}),
    copy.EndCopies: _HALL,
    copy.GrantCopies: _LEAD,
    orders.BeginOrder: _HALL | _CENTRE,
    orders.EndOrder: _HALL | _CENTRE,
    f.AssignTask: _LEAD,
    f.VerifyTask: _LEAD,
    f.RectifyTask: _LEAD | _CLERK,
    f.ReplyTask: _LEAD,
    f.RevisitTask: _LEAD,
    f.CloseTask: _LEAD,
    f.AppealTask: _LEAD | _CLERK,
    f.ReviewTask: _CENTRE,
    f.RegisterComplaint: _FLOOR | _LEAD | _CITIZEN,
    f.AcceptComplaint: _LEAD,
    f.RedirectComplaint: _LEAD,
    f.InvestigateComplaint: _LEAD,
    f.ReplyComplaint: _LEAD,
    f.RevisitComplaint: _LEAD,
    f.CloseComplaint: _LEAD,
    f.UrgeComplaint: _CENTRE,
    f.EscalateComplaint: _HALL | _LEAD | _CENTRE,
    f.DirectComplaint: _CENTRE,
    f.ShowComplaint: _LEAD | _CITIZEN,
    f.ShowNote: _LEAD,
}

# The first of these that may is named to the person who may not.
_NAMED: Final[tuple[tuple[str, Who], ...]] = (
    ("clerk", "clerk"),
    ("guide", "guide"),
    ("lead", "manager"),
    ("kiosk", "citizen"),
    ("technician", "technician"),
    ("centre", "centre"),
)


def role_of(actor: str) -> str:
    return actor.partition(":")[0]


def who_can(command: type[c.Command]) -> Who:
    """Of the people in the hall, else the centre; `nobody` where only the hall's own parts may."""
    roles = PERMITTED[command]
    return next((who for role, who in _NAMED if role in roles), "nobody")


def require(command: c.Command, actor: str) -> None:
    """Refuses whom the table does not name, and says who can."""
    kind = type(command)
    if role_of(actor) not in PERMITTED[kind]:
        do = str(getattr(command, "do", ""))
        raise Refusal(Code.NOT_YOUR_ROLE.value, who_can=who_can(kind), instead=do)
