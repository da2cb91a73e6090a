"""Somebody of a department is asked to the window (指导): the clock of the service stands still, not the case's."""

from edge.rules import look
from edge.rules.codes import Code, refusal
from edge.rules.moment import Fact, Moment
from edge.rules.queue_commands import CallGuidance, EndGuidance
from edge.rules.queue_records import GuidanceCalled, GuidanceEnded, GuidanceOutcome
from edge.rules.records import Body, Draft
from edge.rules.state import Guidance, State, Ticket


def call(state: State, command: CallGuidance, moment: Moment) -> list[Draft]:
    ticket = served(state, command.window)
    if ticket.guidance is not None:
        raise refusal(Code.GUIDANCE_CALLED, unit=ticket.guidance.unit)
    body = GuidanceCalled(
        window=command.window,
        service=ticket.turn,
        unit=command.unit,
        clerk=state.windows[command.window].clerk,
        now=moment.now_ms,
    )
    return [_draft(state, "guidance.called", ticket, body, moment)]


def end(state: State, command: EndGuidance, moment: Moment) -> list[Draft]:
    ticket = served(state, command.window)
    if ticket.guidance is None:
        raise refusal(Code.GUIDANCE_NOT_CALLED)
    return _ended(state, ticket, ticket.guidance, command.outcome, moment)


def over(state: State, ticket: Ticket, moment: Moment) -> list[Draft]:
    """The turn ends, or is put aside or sent on: nobody is waited for any more."""
    return [] if ticket.guidance is None else _ended(state, ticket, ticket.guidance, "turn_ended", moment)


def was_called(state: State, fact: Fact, body: GuidanceCalled) -> None:
    ticket = state.tickets.get(fact.subject)
    if ticket is not None:
        ticket.guidance = Guidance(unit=body.unit, since=body.now)


def ended(state: State, fact: Fact, body: GuidanceEnded) -> None:
    ticket = state.tickets.get(fact.subject)
    if ticket is not None:
        ticket.guidance = None
        ticket.stood += body.took


def served(state: State, window: str) -> Ticket:
    """Whose turn runs there. Raises Refusal."""
    ticket = look.at_window(state, look.window(state, window))
    if ticket is None:
        raise refusal(Code.NOBODY_CALLED)
    if ticket.state != "serving":
        raise refusal(Code.NOT_IN_SERVICE, number=ticket.number)
    return ticket


def _ended(state: State, ticket: Ticket, guidance: Guidance, outcome: GuidanceOutcome, moment: Moment) -> list[Draft]:
    body = GuidanceEnded(
        window=ticket.window,
        service=ticket.turn,
        unit=guidance.unit,
        outcome=outcome,
        took=max(0, moment.now_ms - guidance.since),
    )
    return [_draft(state, "guidance.ended", ticket, body, moment)]


def _draft(state: State, kind: str, ticket: Ticket, body: Body, moment: Moment) -> Draft:
    return Draft(kind=kind, subject=ticket.uid, actor=moment.actor, body=body, business_date=state.date)
