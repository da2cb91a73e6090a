"""前台受理、后台同步办理: the applicant waits in the hall for the unit's decision; how long, and that it is there.

The ticket is put aside at the window meanwhile (挂起). Nothing ends the waiting but what ends it for the person: his
ticket is done, or the day is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from edge.rules import case_flow, guidance
from edge.rules.cases import draft_of
from edge.rules.codes import Code, refusal
from edge.rules.dossier_commands import AwaitDecision
from edge.rules.dossier_records import DecisionAwaited
from edge.rules.dossier_state import Dossier, Waiting
from edge.rules.dossiers import at_window
from edge.rules.moment import Fact, Moment
from edge.rules.records import Draft
from edge.rules.state import State, Ticket

AWAITED: Final = ("forwarded", "stayed")
_HERE: Final = ("serving", "held")


@dataclass(frozen=True, slots=True)
class Waiter:
    """`told`: the unit has spoken, the person can be asked back to the window."""

    dossier: Dossier
    ticket: Ticket
    since: int
    told: bool


def begin(state: State, command: AwaitDecision, moment: Moment) -> list[Draft]:
    """Only of who stands at the window, for a case that lies with its unit."""
    dossier = at_window(state, command.window, command.case, moment)
    ticket = guidance.served(state, command.window)
    if dossier.stage not in AWAITED:
        raise refusal(case_flow.WAITS[dossier.stage])
    if waiter(state, dossier) is not None:
        raise refusal(Code.CASE_AWAITED)
    body = DecisionAwaited(
        window=command.window,
        clerk=state.windows[command.window].clerk,
        ticket=ticket.uid,
        unit=dossier.unit,
        now=moment.now_ms,
        at=moment.at,
    )
    return [draft_of(state, "decision.awaited", dossier.uid, body, moment)]


def began(state: State, fact: Fact, body: DecisionAwaited) -> None:
    dossier = state.dossiers.get(fact.subject)
    if dossier is not None:
        dossier.waiting = Waiting(ticket=body.ticket, window=body.window, since=body.now, at=body.at)


def waiter(state: State, dossier: Dossier) -> Waiter | None:
    """None once nobody waits here for it any more."""
    waiting = dossier.waiting
    ticket = state.tickets.get(waiting.ticket) if waiting else None
    if waiting is None or ticket is None or ticket.state not in _HERE or dossier.stage == "withdrawn":
        return None
    return Waiter(dossier, ticket, waiting.since, dossier.stage not in AWAITED)


def of_ticket(state: State, ticket: Ticket) -> Waiter | None:
    """Of several cases that one person waits for, the one whose decision is there."""
    found = [each for each in waiters(state) if each.ticket.uid == ticket.uid]
    return next((each for each in found if each.told), next(iter(found), None))


def may_begin(state: State, dossier: Dossier, window: str) -> bool:
    """What the page offers: somebody stands there, and the case lies with its unit."""
    seat = state.windows.get(window)
    ticket = state.tickets.get(seat.ticket) if seat else None
    here = ticket is not None and ticket.state == "serving"
    return here and dossier.stage in AWAITED and waiter(state, dossier) is None


def waiters(state: State) -> Iterator[Waiter]:
    """Who waits in the hall, the longest first."""
    found = [each for dossier in state.dossiers.values() if (each := waiter(state, dossier)) is not None]
    yield from sorted(found, key=lambda each: (each.since, each.dossier.uid))
