"""`decide(state, command, moment)`: what would follow from a command. It reads only, or refuses."""

from collections.abc import Callable
from typing import Any, Final

from edge.rules import clerks, commands, days, disclosures, prints, ratings, site, tickets, windows
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
}


def decide(state: State, command: commands.Command, moment: Moment) -> list[Draft]:
    """Drafts of the records that `command` makes, none if nothing would change. Raises Refusal.

    Reads nothing that only a commit knows (seq, `at`) but the digest of a holder's part.
    """
    return DECISIONS[type(command)](state, command, moment)
