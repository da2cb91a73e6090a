"""Tickets that come back, go away, or turn out to be of another class."""

from edge.rules import look, tickets
from edge.rules.codes import Code, refusal
from edge.rules.moment import Fact, Moment
from edge.rules.policies import arrival, green_key
from edge.rules.queue_commands import CancelTicket, ReviveTicket, SettleGreen
from edge.rules.queue_records import GreenSettled, TicketCancelled, TicketRevived
from edge.rules.records import Body, Draft
from edge.rules.state import State, Ticket


def revive(state: State, command: ReviveTicket, moment: Moment) -> list[Draft]:
    """Once, soon after it was missed, and a little before who comes now: never in front of the queue."""
    look.open_day(state)
    ticket = look.ticket(state, command.ticket)
    if ticket.state != "missed":
        raise refusal(Code.TICKET_NOT_MISSED, number=ticket.number)
    if ticket.revived or (ticket.missed_ms and moment.now_ms - ticket.missed_ms > state.queue.revive):
        raise refusal(Code.REVIVE_SPENT, number=ticket.number)
    tickets.one_open_ticket(state, ticket.person, tickets.prefixes_of(state, ticket.left) | {tickets.prefix_of(ticket)})
    arrived = arrival(state, moment.now_ms)
    body = TicketRevived(key=arrived - state.queue.revive_bonus, arrived=arrived, by=command.by)
    return [_draft(state, "ticket.revived", ticket, body, moment)]


def cancel(state: State, command: CancelTicket, moment: Moment) -> list[Draft]:
    ticket = look.ticket(state, command.ticket)
    if ticket.state not in ("waiting", "missed"):
        raise refusal(Code.TICKET_NOT_WAITING, number=ticket.number)
    return [_draft(state, "ticket.cancelled", ticket, TicketCancelled(by=command.by), moment)]


def settle(state: State, command: SettleGreen, moment: Moment) -> list[Draft]:
    """A booked ticket keeps its slot: the better of both would let it overtake further than the bound."""
    look.open_day(state)
    ticket = look.ticket(state, command.ticket)
    if ticket.state != "waiting":
        raise refusal(Code.TICKET_NOT_WAITING, number=ticket.number)
    if ticket.klass == "appointment":
        raise refusal(Code.GREEN_HAS_SLOT, number=ticket.number)
    klass = "green" if command.holds else "walk_in"
    if klass == ticket.klass and ticket.declared == (command.ground if command.holds else ""):
        return []
    key = ticket.key
    if klass != ticket.klass:
        key = green_key(state.queue, ticket.arrived) if command.holds else ticket.arrived
    body = GreenSettled.model_validate({"ground": command.ground, "holds": command.holds, "klass": klass, "key": key})
    return [_draft(state, "green.settled", ticket, body, moment)]


def revived(state: State, fact: Fact, body: TicketRevived) -> None:
    ticket = state.tickets.get(fact.subject)
    if ticket is None:
        return
    ticket.state, ticket.window, ticket.calls, ticket.turn = "waiting", "", 0, ""
    ticket.key, ticket.arrived, ticket.not_before = body.key, body.arrived, 0
    ticket.since = body.arrived  # else a long absence would count as waiting, and the guard would call it first
    ticket.revived += 1
    look.off_the_board(state, ticket.uid)
    state.last_key = max(state.last_key, body.arrived)


def cancelled(state: State, fact: Fact, body: TicketCancelled) -> None:
    if fact.subject in state.tickets:
        state.tickets[fact.subject].state = "cancelled"


def settled(state: State, fact: Fact, body: GreenSettled) -> None:
    ticket = state.tickets.get(fact.subject)
    if ticket is not None:
        ticket.klass, ticket.key = body.klass, body.key
        ticket.declared = body.ground if body.holds else ""


def _draft(state: State, kind: str, ticket: Ticket, body: Body, moment: Moment) -> Draft:
    return Draft(kind=kind, subject=ticket.uid, actor=moment.actor, body=body, business_date=state.date)
