"""A turn at a window: called, called again, missed, served, finished. One ticket a window, one window a ticket."""

from typing import Final, Literal

from edge.rules import case_look, guidance, look, pauses, queue, ratings
from edge.rules.codes import Code, refusal
from edge.rules.commands import CallNext, FinishService, MissTicket, Recall, StartService
from edge.rules.moment import Fact, Moment
from edge.rules.queue_commands import CallTicket
from edge.rules.queue_records import CallWhy, TicketAdvanced
from edge.rules.records import Body, Draft, ServiceFinished, ServiceStarted, TicketCalled, TicketMissed
from edge.rules.state import Call, State, Ticket, WindowState

BOARD_LINES: Final = 100  # more than any board shows; a day has thousands


def call_next(state: State, command: CallNext, moment: Moment) -> list[Draft]:
    """On a paused window it ends the pause, as any key of a clerk does (protocol page caller, section 2)."""
    look.open_day(state)
    window = look.window(state, command.window)
    require_free(state, window)
    choice = queue.next_for(state, command.window, moment.now_ms)
    if choice is None:
        raise refusal(Code.NOBODY_WAITING)
    body = _call(state, choice.ticket, window, moment, why=choice.why, ahead=choice.ahead, owed=choice.owed)
    return [*pauses.ended(state, window, moment), _called(state, choice.ticket, body, moment)]


def call_number(state: State, command: CallTicket, moment: Moment) -> list[Draft]:
    """Out of turn: a record of its own kind of call, with a reason, outside the fairness proof."""
    look.open_day(state)
    window = look.window(state, command.window)
    require_free(state, window)
    if not state.queue.out_of_turn:
        raise refusal(Code.OUT_OF_TURN_FORBIDDEN)
    ticket = look.by_number(state, command.number)
    if ticket.state != "waiting":
        raise refusal(Code.TICKET_NOT_WAITING, number=ticket.number)
    if ticket.service not in queue.offered(state, command.window):
        raise refusal(Code.SERVICE_NOT_HERE, number=ticket.number)
    order = queue.queue_of(state, command.window, moment.now_ms)
    ahead = next((place for place, one in enumerate(order) if one is ticket), 0)
    body = _call(state, ticket, window, moment, why="out_of_turn", ahead=ahead, owed=window.owed)
    body = body.model_copy(update={"reason": command.reason})
    return [*pauses.ended(state, window, moment), _called(state, ticket, body, moment)]


def recall(state: State, command: Recall, moment: Moment) -> list[Draft]:
    window = look.window(state, command.window)
    ticket = look.called_at(state, window)
    if ticket.calls > state.recalls:
        raise refusal(Code.RECALLS_SPENT, number=ticket.number, recalls=state.recalls)
    return [_called(state, ticket, _call(state, ticket, window, moment, "recall", 0, window.owed), moment)]


def miss(state: State, command: MissTicket, moment: Moment) -> list[Draft]:
    window = look.window(state, command.window)
    ticket = look.called_at(state, window)
    return [_draft(state, "ticket.missed", ticket, TicketMissed(window=command.window, now=moment.now_ms), moment, v=2)]


def start(state: State, command: StartService, moment: Moment) -> list[Draft]:
    window = look.window(state, command.window)
    return [_started(state, look.called_at(state, window), window, moment.new_id("s"), moment)]


def finish(state: State, command: FinishService, moment: Moment) -> list[Draft]:
    window = look.window(state, command.window)
    ticket = look.at_window(state, window)
    if ticket is None:
        raise refusal(Code.NOTHING_TO_FINISH)
    case_look.require_none_open(state, ticket)
    drafts = guidance.over(state, ticket, moment)
    turn = ticket.turn
    if ticket.state == "called":
        turn = moment.new_id("s")
        drafts.append(_started(state, ticket, window, turn, moment))
    body = ServiceFinished(window=command.window, service=turn)
    drafts.append(_draft(state, "service.finished", ticket, body, moment))
    following = _next_item(state, ticket)
    if following:
        return drafts + _advance(state, ticket, window, following, moment)
    return drafts + ratings.ask(state, window, turn, moment)


def _next_item(state: State, ticket: Ticket) -> str:
    """'' after the last. What the site no longer offers is passed over: nobody could ever call it."""
    return next((item for item in ticket.left[1:] if queue.windows_for(state, item)), "")


def _advance(state: State, ticket: Ticket, window: WindowState, item: str, moment: Moment) -> list[Draft]:
    """The next item of the ticket: here at once where this window serves it, else with its place in the queue."""
    service = state.services[item]
    stays = service.id in window.setup.services
    body = TicketAdvanced(window=window.setup.id, service=service.id, area=service.area, stays=stays, key=ticket.key)
    drafts = [_draft(state, "ticket.advanced", ticket, body, moment)]
    if stays:
        begun = ServiceStarted(window=window.setup.id, service=moment.new_id("s"), item=service.id, clerk=window.clerk)
        drafts.append(_draft(state, "service.started", ticket, begun, moment))
    return drafts


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
    if body.why != "recall":
        ticket.called_ms = ticket.since + body.waited
        ticket.call_why, ticket.call_over, ticket.call_reason = body.why, body.ahead, body.reason
    if body.window in state.windows and body.why != "recall":
        window = state.windows[body.window]
        window.owed_before, window.owed = window.owed, body.owed
    _arrive(state, ticket, body.window)
    state.calls = [line for line in state.calls[-BOARD_LINES:] if line.ticket != ticket.uid]
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
    if fact.subject in state.tickets:
        state.tickets[fact.subject].missed_ms = body.now


def started(state: State, fact: Fact, body: ServiceStarted) -> None:
    ticket = state.tickets.get(fact.subject)
    if ticket is not None:
        ticket.state, ticket.turn = "serving", body.service
        ticket.guidance, ticket.stood = None, 0
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


def _call(
    state: State, ticket: Ticket, window: WindowState, moment: Moment, why: CallWhy, ahead: int, owed: int
) -> TicketCalled:
    return TicketCalled(
        window=window.setup.id,
        call=ticket.calls + 1,
        clerk=window.clerk,
        why=why,
        policy=state.queue.policy,
        ahead=ahead,
        owed=owed,
        reason="",
        waited=max(0, moment.now_ms - ticket.since),
    )


def _called(state: State, ticket: Ticket, body: TicketCalled, moment: Moment) -> Draft:
    return _draft(state, "ticket.called", ticket, body, moment, v=2)


def _started(state: State, ticket: Ticket, window: WindowState, turn: str, moment: Moment) -> Draft:
    body = ServiceStarted(window=window.setup.id, service=turn, item=ticket.service, clerk=window.clerk)
    return _draft(state, "service.started", ticket, body, moment)


def _draft(state: State, kind: str, ticket: Ticket, body: Body, moment: Moment, v: int = 1) -> Draft:
    return Draft(kind=kind, v=v, subject=ticket.uid, actor=moment.actor, body=body, business_date=state.date)
