"""Finding a case, and whether somebody may work on it: a running turn, its window, the clerk who sits there."""

from edge.rules import look
from edge.rules.case_state import Case
from edge.rules.codes import Code, refusal
from edge.rules.moment import Moment
from edge.rules.state import State, Ticket, WindowState


def clerk_at(state: State, window_id: str, moment: Moment) -> WindowState:
    """The window, or a refusal unless the clerk signed in there is the one who asks."""
    window = look.window(state, window_id)
    if not window.clerk:
        raise refusal(Code.CASE_NEEDS_CLERK)
    if moment.actor != f"clerk:{window.clerk}":
        raise refusal(Code.CASE_OTHER_CLERK, clerk=window.clerk)
    return window


def turn_at(state: State, window: WindowState) -> Ticket:
    """The ticket being served there."""
    ticket = look.at_window(state, window)
    if ticket is None or ticket.state != "serving":
        raise refusal(Code.CASE_NEEDS_TURN)
    return ticket


def known(state: State, uid: str) -> Case:
    found = state.cases.get(uid)
    if found is None:
        raise refusal(Code.CASE_UNKNOWN)
    if uid in state.frozen:
        raise refusal(Code.SUBJECT_FROZEN)
    return found


def in_hand(state: State, window_id: str, uid: str, moment: Moment) -> Case:
    """The draft that the asking clerk works on in the turn running at the window. Nothing else may be changed."""
    window = clerk_at(state, window_id, moment)
    case = known(state, uid)
    if case.state in _NOT_IN_HAND:
        raise refusal(_NOT_IN_HAND[case.state])
    if not is_running(state, case):
        raise refusal(Code.CASE_ASIDE)
    if window.ticket != case.ticket:
        raise refusal(Code.CASE_ELSEWHERE, window=case.window)
    return case


def open_in(state: State, ticket: Ticket) -> Case | None:
    """The draft of a ticket's turn. A frozen one counts as gone: it must not block the window."""
    return next(
        (
            case
            for case in state.cases.values()
            if case.state == "draft" and ticket.turn and case.turn == ticket.turn and case.uid not in state.frozen
        ),
        None,
    )


def require_none_open(state: State, ticket: Ticket) -> None:
    if open_in(state, ticket) is not None:
        raise refusal(Code.CASE_OPEN)


def is_running(state: State, case: Case) -> bool:
    """Whether the turn that the draft was last worked on in is still served."""
    ticket = state.tickets.get(case.ticket)
    if ticket is None or ticket.uid in state.frozen:
        return False
    return ticket.state == "serving" and ticket.turn == case.turn


_NOT_IN_HAND = {
    "aside": Code.CASE_ASIDE,
    "noticed": Code.CASE_NOTICED,
    "received": Code.CASE_ENDED,
    "refused": Code.CASE_ENDED,
    "dropped": Code.CASE_ENDED,
}
