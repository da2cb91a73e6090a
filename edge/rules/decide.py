"""`decide(state, command, moment)`: what would follow from a command. It reads only, or refuses."""

from collections.abc import Callable
from typing import Any, Final

from edge.rules import (
    bookings,
    case_commands,
    case_ends,
    case_pages,
    cases,
    clerks,
    comings,
    commands,
    complaints,
    days,
    disclosures,
    followup_commands,
    forecasts,
    foretelling,
    issuing,
    pauses,
    prints,
    queue_commands,
    ratings,
    site,
    tasks,
    tickets,
    turns,
    windows,
)
from edge.rules.moment import Moment
from edge.rules.records import Draft
from edge.rules.state import State

Decide = Callable[[State, Any, Moment], list[Draft]]

DECISIONS: Final[dict[type[commands.Command], Decide]] = {
    commands.StartBoot: site.boot,
    commands.ConfigureSite: site.configure,
    commands.OpenDay: days.open_,
    commands.CloseDay: days.close,
    commands.IssueTicket: tickets.issue,
    commands.CallNext: windows.call_next,
    commands.Recall: windows.recall,
    commands.MissTicket: windows.miss,
    commands.StartService: windows.start,
    commands.FinishService: windows.finish,
    commands.GiveRating: ratings.give,
    commands.LapseRating: ratings.lapse,
    commands.SignIn: clerks.sign_in,
    commands.SignOut: clerks.sign_out,
    commands.StartPrint: prints.start,
    commands.EndPrint: prints.end,
    commands.DisclosePart: disclosures.disclose,
    forecasts.NoteForecast: foretelling.tell,
    queue_commands.UndoCall: turns.undo,
    queue_commands.HoldTicket: turns.hold,
    queue_commands.ResumeTicket: turns.resume,
    queue_commands.ReturnTicket: turns.give_back,
    queue_commands.TransferTicket: turns.transfer,
    queue_commands.CallTicket: windows.call_number,
    queue_commands.ReviveTicket: comings.revive,
    queue_commands.CancelTicket: comings.cancel,
    queue_commands.SettleGreen: comings.settle,
    queue_commands.PauseWindow: pauses.pause,
    queue_commands.ResumeWindow: pauses.resume,
    queue_commands.TakeOver: clerks.take_over,
    queue_commands.LapseLease: clerks.lapse,
    queue_commands.StopIssuing: issuing.stop,
    queue_commands.ResumeIssuing: issuing.resume,
    queue_commands.MirrorBooking: bookings.mirror,
    queue_commands.CancelBooking: bookings.cancel,
    queue_commands.CheckIn: bookings.check_in,
    queue_commands.AdvanceBookings: bookings.advance,
    case_commands.OpenCase: cases.open_,
    case_commands.MarkMaterial: cases.mark,
    case_commands.AddPage: case_pages.add,
    case_commands.DropPage: case_pages.drop,
    case_commands.ReceiveCase: case_ends.receive,
    case_commands.GiveNotice: case_ends.notice,
    case_commands.RefuseCase: case_ends.refuse,
    case_commands.SetCaseAside: cases.set_aside,
    case_commands.TakeUpCase: cases.take_up,
    case_commands.DropCase: cases.drop,
    followup_commands.AddRating: ratings.add,
    **dict.fromkeys(tasks.STEPS, tasks.move),
    followup_commands.RegisterComplaint: complaints.register,
    **dict.fromkeys(complaints.STEPS, complaints.move),
    followup_commands.ShowComplaint: complaints.show,
}


def decide(state: State, command: commands.Command, moment: Moment) -> list[Draft]:
    """Drafts of the records that `command` makes, none if nothing would change. Raises Refusal.

    Reads nothing that only a commit knows (seq, `at`) but the digest of a sealed part.
    """
    return DECISIONS[type(command)](state, command, moment)
