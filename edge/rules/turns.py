"""What may become of a turn besides its plain end: taken back, put aside, sent back, sent on."""

from edge.rules import case_look, guidance, look, pauses, queue
from edge.rules.codes import Code, refusal
from edge.rules.moment import Fact, Moment
from edge.rules.policies import arrival
from edge.rules.queue_commands import HoldTicket, ResumeTicket, ReturnTicket, TransferTicket, UndoCall
from edge.rules.queue_records import (
    TicketAdvanced,
    TicketHeld,
    TicketResumed,
    TicketReturned,
    TicketTransferred,
    TicketUncalled,
)
from edge.rules.records import Body, Draft
from edge.rules.state import State, Ticket, WindowState


def undo(state: State, command: UndoCall, moment: Moment) -> list[Draft]:
    window = look.window(state, command.window)
    ticket = look.called_at(state, window)
    if moment.now_ms - ticket.called_ms > state.queue.undo or ticket.calls > 1:
        raise refusal(Code.UNDO_TOO_LATE, number=ticket.number)
    body = TicketUncalled(window=command.window, owed=window.owed_before)
    return [_draft(state, "ticket.uncalled", ticket, body, moment)]


def hold(state: State, command: HoldTicket, moment: Moment) -> list[Draft]:
    window = look.window(state, command.window)
    ticket = _in_turn(state, window)
    if ticket.state != "serving":
        raise refusal(Code.NOT_IN_SERVICE, number=ticket.number)
    case_look.require_none_open(state, ticket)
    held = _draft(state, "ticket.held", ticket, TicketHeld(window=command.window), moment)
    return [*guidance.over(state, ticket, moment), held]


def resume(state: State, command: ResumeTicket, moment: Moment) -> list[Draft]:
    """Only where it was put aside: the papers lie there. It ends a pause, as a call does."""
    window = look.window(state, command.window)
    present = look.at_window(state, window)
    if present is not None:
        code = Code.WINDOW_IS_SERVING if present.state == "serving" else Code.WINDOW_HAS_CALLED
        raise refusal(code, number=present.number)
    ticket = look.ticket(state, command.ticket)
    if ticket.state != "held":
        raise refusal(Code.TICKET_NOT_HELD, number=ticket.number)
    if ticket.window != command.window:
        raise refusal(Code.TICKET_HELD_ELSEWHERE, number=ticket.number, window=ticket.window)
    resumed = _draft(state, "ticket.resumed", ticket, TicketResumed(window=command.window), moment)
    return [*pauses.ended(state, window, moment), resumed]


def give_back(state: State, command: ReturnTicket, moment: Moment) -> list[Draft]:
    """Twice it keeps its place; after that it waits from now, so that no ticket stands in front for ever."""
    window = look.window(state, command.window)
    ticket = _in_turn(state, window)
    case_look.require_none_open(state, ticket)
    returns = ticket.returns + 1
    fresh = returns > state.queue.returns
    arrived = arrival(state, moment.now_ms) if fresh else ticket.arrived
    body = TicketReturned(
        window=command.window,
        reason=command.reason,
        key=arrived if fresh else ticket.key,
        arrived=arrived,
        returns=returns,
    )
    return [*guidance.over(state, ticket, moment), _draft(state, "ticket.returned", ticket, body, moment)]


def transfer(state: State, command: TransferTicket, moment: Moment) -> list[Draft]:
    """The ticket served goes to another service or a given window; it keeps its number.

    Raises Refusal: nobody is served, a case is open, or nobody there does that service.
    """
    window = look.window(state, command.window)
    ticket = _in_turn(state, window)
    case_look.require_none_open(state, ticket)
    service = state.services.get(command.service or ticket.service)
    if service is None:
        raise refusal(Code.SERVICE_UNKNOWN)
    if command.to:
        target = look.window(state, command.to)
        if service.id not in target.setup.services:
            raise refusal(Code.SERVICE_NOT_HERE, number=ticket.number)
    if not queue.windows_for(state, service.id):
        raise refusal(Code.SERVICE_NOT_OFFERED)
    if service.id == ticket.service and command.to in ("", command.window):
        raise refusal(Code.TRANSFER_TO_ITSELF)
    body = TicketTransferred(
        window=command.window,
        service=service.id,
        area=service.area,
        to=command.to,
        reason=command.reason,
        key=min(ticket.key, arrival(state, moment.now_ms)),
    )
    return [*guidance.over(state, ticket, moment), _draft(state, "ticket.transferred", ticket, body, moment)]


def uncalled(state: State, fact: Fact, body: TicketUncalled) -> None:
    ticket = _back(state, fact, body.window)
    if ticket is not None:
        ticket.calls, ticket.called_ms = 0, 0
        ticket.call_why, ticket.call_over, ticket.call_reason = "", 0, ""
    if body.window in state.windows:
        state.windows[body.window].owed = body.owed


def held(state: State, fact: Fact, body: TicketHeld) -> None:
    ticket = state.tickets.get(fact.subject)
    if ticket is not None:
        ticket.state = "held"
    _clear(state, fact, body.window)


def resumed(state: State, fact: Fact, body: TicketResumed) -> None:
    ticket = state.tickets.get(fact.subject)
    if ticket is not None:
        ticket.state, ticket.window = "serving", body.window
    if body.window in state.windows:
        state.windows[body.window].ticket = fact.subject


def returned(state: State, fact: Fact, body: TicketReturned) -> None:
    ticket = _back(state, fact, body.window)
    if ticket is not None:
        if body.arrived != ticket.arrived:
            ticket.since = body.arrived
        ticket.key, ticket.arrived, ticket.returns = body.key, body.arrived, body.returns
        ticket.calls, ticket.turn, ticket.not_before = 0, "", 0
        state.last_key = max(state.last_key, body.arrived)


def transferred(state: State, fact: Fact, body: TicketTransferred) -> None:
    ticket = _back(state, fact, body.window)
    if ticket is not None:
        ticket.left = (body.service, *(item for item in ticket.left[1:] if item != body.service))
        _towards(ticket, body.service, body.area, body.key)
        ticket.to = body.to


def advanced(state: State, fact: Fact, body: TicketAdvanced) -> None:
    ticket = state.tickets.get(fact.subject)
    if ticket is None:
        return
    place = ticket.left.index(body.service) if body.service in ticket.left else 0
    ticket.left = ticket.left[place:]
    ticket.state = "waiting"
    _towards(ticket, body.service, body.area, body.key)
    if not body.stays:
        ticket.window = ""
        look.off_the_board(state, ticket.uid)


def _towards(ticket: Ticket, service: str, area: str, key: int) -> None:
    ticket.service, ticket.area, ticket.key, ticket.to = service, area, key, ""
    ticket.calls, ticket.turn, ticket.not_before = 0, "", 0


def _in_turn(state: State, window: WindowState) -> Ticket:
    ticket = look.at_window(state, window)
    if ticket is None:
        raise refusal(Code.NOTHING_TO_FINISH)
    return ticket


def _back(state: State, fact: Fact, window: str) -> Ticket | None:
    ticket = state.tickets.get(fact.subject)
    if ticket is not None:
        ticket.state, ticket.window = "waiting", ""
        look.off_the_board(state, ticket.uid)
    _clear(state, fact, window)
    return ticket


def _clear(state: State, fact: Fact, window: str) -> None:
    if window in state.windows and state.windows[window].ticket == fact.subject:
        state.windows[window].ticket = ""


def _draft(state: State, kind: str, ticket: Ticket, body: Body, moment: Moment) -> Draft:
    return Draft(kind=kind, subject=ticket.uid, actor=moment.actor, body=body, business_date=state.date)
