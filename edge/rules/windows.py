"""A turn at a window: called, called again, missed, served, finished. One ticket a window, one window a ticket."""

from typing import Literal

from edge.rules import case_look, look, queue, ratings
from edge.rules.codes import Code, refusal
from edge.rules.commands import CallNext, FinishService, MissTicket, Recall, StartService
from edge.rules.moment import Fact, Moment
from edge.rules.records import Body, Draft, ServiceFinished, ServiceStarted, TicketCalled, TicketMissed
from edge.rules.state import Call, State, Ticket, WindowState


def call_next(state: State, command: CallNext, moment: Moment) -> list[Draft]:
    look.open_day(state)
    window = look.window(state, command.window)
    require_free(state, window)
    ticket = queue.next_for(state, command.window)
    if ticket is None:
        raise refusal(Code.NOBODY_WAITING)
    return [_called(state, ticket, window, moment)]


def recall(state: State, command: Recall, moment: Moment) -> list[Draft]:
    window = look.window(state, command.window)
    ticket = look.called_at(state, window)
    if ticket.calls > state.recalls:
        raise refusal(Code.RECALLS_SPENT, number=ticket.number, recalls=state.recalls)
    return [_called(state, ticket, window, moment)]


def miss(state: State, command: MissTicket, moment: Moment) -> list[Draft]:
    window = look.window(state, command.window)
    ticket = look.called_at(state, window)
    return [_draft(state, "ticket.missed", ticket, TicketMissed(window=command.window), moment)]


def start(state: State, command: StartService, moment: Moment) -> list[Draft]:
    window = look.window(state, command.window)
    return [_started(state, look.called_at(state, window), window, moment.new_id("s"), moment)]


def finish(state: State, command: FinishService, moment: Moment) -> list[Draft]:
    window = look.window(state, command.window)
    ticket = look.at_window(state, window)
    if ticket is None:
        raise refusal(Code.NOTHING_TO_FINISH)
    case_look.require_none_open(state, ticket)
    drafts = []
    turn = ticket.turn
    if ticket.state == "called":
        turn = moment.new_id("s")
        drafts.append(_started(state, ticket, window, turn, moment))
    body = ServiceFinished(window=command.window, service=turn)
    drafts.append(_draft(state, "service.finished", ticket, body, moment))
    return drafts + ratings.ask(state, window, turn, moment)


def require_free(state: State, window: WindowState) -> None:
    """Refuse while a ticket is called or served here, naming it and what to do with it."""
    ticket = look.at_window(state, window)
    if ticket is None:
        return
    serving = ticket.state == "serving"
    raise refusal(Code.WINDOW_IS_SERVING if serving else Code.WINDOW_HAS_CALLED, number=ticket.number)


def called(state: State, fact: Fact, body: TicketCalled) -> None:
    ticket = state.tickets.get(fact.subject)
    if ticket is None:
        return
    ticket.state, ticket.calls = "called", body.call
    _arrive(state, ticket, body.window)
    state.calls = [line for line in state.calls if line.ticket != ticket.uid]
    state.calls.append(
        Call(
            ticket=ticket.uid,
            number=ticket.number,
            window=body.window,
            area=ticket.area,
            call=body.call,
            at=fact.at,
            seq=fact.seq,
        )
    )


def missed(state: State, fact: Fact, body: TicketMissed) -> None:
    _leave(state, fact.subject, body.window, "missed")


def started(state: State, fact: Fact, body: ServiceStarted) -> None:
    ticket = state.tickets.get(fact.subject)
    if ticket is not None:
        ticket.state, ticket.turn = "serving", body.service
        _arrive(state, ticket, body.window)


def finished(state: State, fact: Fact, body: ServiceFinished) -> None:
    _leave(state, fact.subject, body.window, "done")


def _arrive(state: State, ticket: Ticket, window: str) -> None:
    ticket.window = window
    if window in state.windows:
        state.windows[window].ticket = ticket.uid


def _leave(state: State, uid: str, window: str, became: Literal["missed", "done"]) -> None:
    if uid in state.tickets:
        state.tickets[uid].state = became
    if window in state.windows and state.windows[window].ticket == uid:
        state.windows[window].ticket = ""


def _called(state: State, ticket: Ticket, window: WindowState, moment: Moment) -> Draft:
    body = TicketCalled(window=window.setup.id, call=ticket.calls + 1, clerk=window.clerk)
    return _draft(state, "ticket.called", ticket, body, moment)


def _started(state: State, ticket: Ticket, window: WindowState, turn: str, moment: Moment) -> Draft:
    body = ServiceStarted(window=window.setup.id, service=turn, item=ticket.service, clerk=window.clerk)
    return _draft(state, "service.started", ticket, body, moment)


def _draft(state: State, kind: str, ticket: Ticket, body: Body, moment: Moment) -> Draft:
    return Draft(kind=kind, subject=ticket.uid, actor=moment.actor, body=body, business_date=state.date)
