"""One call: which of the tickets a window may serve is next, and why this one."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from edge.rules.policies.ranks import RANKS
from edge.rules.queue_setup import QueueSetup
from edge.rules.state import Ticket

# order: first by the policy. guard: somebody waits too long and had his turn. early: an appointment before its time,
# because the window would idle. out_of_turn: a clerk typed the number; outside the fairness proof.
Why = Literal["order", "guard", "early", "out_of_turn"]


@dataclass(frozen=True, slots=True)
class Choice:
    """`ahead`: tickets this window may serve that the policy ranks before the chosen one (guard and early overtake).

    `guarding`: somebody in the guard set could have been called; `owed`: what the window's debt to the guard is now.
    """

    ticket: Ticket
    why: Why
    ahead: int
    owed: int


def choose(eligible: Collection[Ticket], setup: QueueSetup, *, owed: int, now_ms: int) -> Choice | None:
    """`eligible`: waiting, and this window may serve them. `owed`: its calls in a row that passed the guard set by.

    None only when nobody is eligible: a window never idles while somebody waits for it.
    """
    if not eligible:
        return None
    due = [ticket for ticket in eligible if ticket.not_before <= now_ms]
    if not due:
        first = min(eligible, key=lambda ticket: (ticket.not_before, ticket.uid))
        return Choice(first, "early", _ahead(first, eligible, setup, now_ms), owed)
    overdue = [ticket for ticket in due if now_ms - ticket.since > setup.guard] if setup.policy == "vt" else []
    rank = RANKS[setup.policy]
    first = min(due, key=lambda ticket: rank(ticket, setup, now_ms))
    if not overdue:
        return Choice(first, "order", 0, 0)
    oldest = min(overdue, key=lambda ticket: (ticket.since, ticket.uid))
    if now_ms - first.since > setup.guard:
        return Choice(first, "order", 0, 0)
    if owed >= 1:
        return Choice(oldest, "guard", _ahead(oldest, due, setup, now_ms), 0)
    return Choice(first, "order", 0, owed + 1)


def ranked(tickets: Collection[Ticket], setup: QueueSetup, now_ms: int) -> list[Ticket]:
    """In the policy's order, those not due yet at the end; the guard's turns are not foreseen."""

    rank = RANKS[setup.policy]

    def place(ticket: Ticket) -> tuple[bool, int, int, str]:
        return ticket.not_before > now_ms, *rank(ticket, setup, now_ms)

    return sorted(tickets, key=place)


def _ahead(ticket: Ticket, among: Collection[Ticket], setup: QueueSetup, now_ms: int) -> int:
    rank = RANKS[setup.policy]
    own = rank(ticket, setup, now_ms)
    return sum(1 for other in among if rank(other, setup, now_ms) < own)
