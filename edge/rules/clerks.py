"""Who sits where: one clerk a window and one window a clerk, handed over only between two citizens."""

from edge.rules import look, pauses, windows
from edge.rules.codes import Code, refusal
from edge.rules.commands import SignIn, SignOut
from edge.rules.moment import Fact, Moment
from edge.rules.queue_commands import LapseLease, TakeOver
from edge.rules.queue_records import ClerkLapsed, ClerkTakenOver
from edge.rules.records import Body, ClerkSignedIn, ClerkSignedOut, Draft
from edge.rules.state import State, WindowState


def sign_in(state: State, command: SignIn, moment: Moment) -> list[Draft]:
    """A clerk who forgot to sign out is signed out by the next; never while a ticket is called or served.

    A pause was the one before's: who relieves for lunch begins to work.
    """
    window = look.window(state, command.window)
    if command.clerk not in state.clerks:
        raise refusal(Code.CLERK_UNKNOWN)
    if window.clerk == command.clerk:
        return []
    drafts = _leave_other_windows(state, command.clerk, moment)
    if window.clerk:
        if look.at_window(state, window) is not None:
            raise refusal(Code.WINDOW_TAKEN, clerk=window.clerk)
        drafts.append(signed_out_draft(state, window, moment))
    body = ClerkSignedIn(clerk=command.clerk)
    return [*drafts, *pauses.ended(state, window, moment), _draft(state, "clerk.signed_in", window, body, moment)]


def sign_out(state: State, command: SignOut, moment: Moment) -> list[Draft]:
    window = look.window(state, command.window)
    if not window.clerk:
        raise refusal(Code.CLERK_NOT_SIGNED_IN)
    windows.require_free(state, window)
    return [signed_out_draft(state, window, moment)]


def take_over(state: State, command: TakeOver, moment: Moment) -> list[Draft]:
    """By a manager, whatever is going on there: the citizen stays, the clerk changes, and the record says who sat."""
    window = look.window(state, command.window)
    if command.clerk not in state.clerks:
        raise refusal(Code.CLERK_UNKNOWN)
    if window.clerk == command.clerk:
        return []
    left = _leave_other_windows(state, command.clerk, moment)
    body = ClerkTakenOver(clerk=command.clerk, before=window.clerk)
    return [*left, *pauses.ended(state, window, moment), _draft(state, "clerk.taken_over", window, body, moment)]


def lapse(state: State, command: LapseLease, moment: Moment) -> list[Draft]:
    """Nobody renewed the lease. A citizen at the window keeps it open: the clerk may only have lost the browser."""
    window = look.window(state, command.window)
    if window.clerk != command.clerk or look.at_window(state, window) is not None:
        return []
    return [_draft(state, "clerk.lapsed", window, ClerkLapsed(clerk=command.clerk), moment)]


def taken_over(state: State, fact: Fact, body: ClerkTakenOver) -> None:
    _seat(state, fact, body.clerk)


def lapsed(state: State, fact: Fact, body: ClerkLapsed) -> None:
    _seat(state, fact, "")


def signed_out_draft(state: State, window: WindowState, moment: Moment) -> Draft:
    return _draft(state, "clerk.signed_out", window, ClerkSignedOut(clerk=window.clerk), moment)


def signed_in(state: State, fact: Fact, body: ClerkSignedIn) -> None:
    _seat(state, fact, body.clerk)


def signed_out(state: State, fact: Fact, body: ClerkSignedOut) -> None:
    _seat(state, fact, "")


def _seat(state: State, fact: Fact, clerk: str) -> None:
    window = state.windows.get(fact.subject.removeprefix("window:"))
    if window is not None:
        window.clerk = clerk


def _leave_other_windows(state: State, clerk: str, moment: Moment) -> list[Draft]:
    left = [window for window in state.windows.values() if window.clerk == clerk]
    for window in left:
        if look.at_window(state, window) is not None:
            raise refusal(Code.CLERK_BUSY_ELSEWHERE, window=window.setup.id)
    return [signed_out_draft(state, window, moment) for window in left]


def _draft(state: State, kind: str, window: WindowState, body: Body, moment: Moment) -> Draft:
    return Draft(
        kind=kind,
        subject=f"window:{window.setup.id}",
        actor=moment.actor,
        body=body,
        business_date=state.date or None,
    )
