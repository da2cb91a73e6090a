"""Keeping what a ticket was told of its wait. Once, at issue; no decision ever depends on it."""

from edge.rules import look
from edge.rules.forecasts import NoteForecast, TicketForecast
from edge.rules.moment import Fact, Moment
from edge.rules.records import Draft
from edge.rules.state import State


def tell(state: State, command: NoteForecast, moment: Moment) -> list[Draft]:
    """Nothing where it was told already, or the ticket is not waiting any more."""
    ticket = look.ticket(state, command.ticket)
    if ticket.told is not None or ticket.state != "waiting":
        return []
    body = TicketForecast(p50=command.p50, p90=command.p90, mean=command.mean, spread=command.spread)
    return [Draft(kind="ticket.forecast", subject=ticket.uid, actor=moment.actor, body=body, business_date=state.date)]


def told(state: State, fact: Fact, body: TicketForecast) -> None:
    if fact.subject in state.tickets:
        state.tickets[fact.subject].told = (body.p50, body.p90)
