"""A window at rest: with a reason and, where it is planned, an end. Pausing is for between two citizens."""

from edge.rules import look
from edge.rules.codes import Code, refusal
from edge.rules.moment import Fact, Moment
from edge.rules.queue_commands import PauseWindow, ResumeWindow
from edge.rules.queue_records import WindowPaused, WindowResumed
from edge.rules.records import Draft
from edge.rules.state import State, WindowState


def pause(state: State, command: PauseWindow, moment: Moment) -> list[Draft]:
    window = look.window(state, command.window)
    ticket = look.at_window(state, window)
    if ticket is not None:
        code = Code.WINDOW_IS_SERVING if ticket.state == "serving" else Code.WINDOW_HAS_CALLED
        raise refusal(code, number=ticket.number)
    if 0 < command.until <= moment.now_ms:
        raise refusal(Code.PAUSE_END_PAST)
    if (window.paused, window.until) == (command.reason, command.until):
        return []
    return [_draft(state, "window.paused", window, WindowPaused(reason=command.reason, until=command.until), moment)]


def resume(state: State, command: ResumeWindow, moment: Moment) -> list[Draft]:
    return ended(state, look.window(state, command.window), moment)


def ended(state: State, window: WindowState, moment: Moment) -> list[Draft]:
    """Nothing where the window is at work."""
    return [_draft(state, "window.resumed", window, WindowResumed(), moment)] if window.paused else []


def was_paused(state: State, fact: Fact, body: WindowPaused) -> None:
    window = state.windows.get(fact.subject.removeprefix("window:"))
    if window is not None:
        window.paused, window.until = body.reason, body.until


def was_resumed(state: State, fact: Fact, body: WindowResumed) -> None:
    window = state.windows.get(fact.subject.removeprefix("window:"))
    if window is not None:
        window.paused, window.until = "", 0


def _draft(state: State, kind: str, window: WindowState, body: WindowPaused | WindowResumed, moment: Moment) -> Draft:
    subject = f"window:{window.setup.id}"
    return Draft(kind=kind, subject=subject, actor=moment.actor, body=body, business_date=state.date or None)
