"""Finding things in the state, or refusing: the questions that several rules ask."""

from edge.rules.codes import Code, refusal
from edge.rules.state import State, Ticket, WindowState

OPEN = ("waiting", "called", "serving", "held")
AT_WINDOW = ("called", "serving")


def open_day(state: State) -> str:
    """The business date; refuses while the day is closed."""
    if not state.open:
        raise refusal(Code.DAY_CLOSED)
    return state.date


def window(state: State, window_id: str) -> WindowState:
    found = state.windows.get(window_id)
    if found is None:
        raise refusal(Code.WINDOW_UNKNOWN)
    if f"window:{window_id}" in state.frozen:
        raise refusal(Code.SUBJECT_FROZEN)
    return found


def ticket(state: State, uid: str) -> Ticket:
    found = state.tickets.get(uid)
    if found is None:
        raise refusal(Code.TICKET_UNKNOWN)
    if uid in state.frozen:
        raise refusal(Code.SUBJECT_FROZEN)
    return found


def by_number(state: State, number: str) -> Ticket:
    """`A017`, or its last digits where only one ticket of the day ends so."""
    wanted = number.strip().upper()
    open_tickets = [t for t in state.tickets.values() if t.uid not in state.frozen]
    found = [t for t in open_tickets if t.number == wanted]
    if not found and wanted.isdigit():
        found = [t for t in open_tickets if t.number.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == wanted.zfill(3)]
        found = [t for t in found if t.state == "waiting"] or found
    if not found:
        raise refusal(Code.TICKET_UNKNOWN)
    if len(found) > 1:
        raise refusal(Code.NUMBER_UNCLEAR, number=wanted)
    return found[0]


def off_the_board(state: State, ticket: str) -> None:
    """Who waits again must not read that a window calls them."""
    state.calls = [line for line in state.calls if line.ticket != ticket]


def at_window(state: State, place: WindowState) -> Ticket | None:
    """The ticket called or served there. A frozen one counts as gone: it must not block the window."""
    found = state.tickets.get(place.ticket)
    if found is None or found.uid in state.frozen or found.state not in AT_WINDOW:
        return None
    return found


def called_at(state: State, place: WindowState) -> Ticket:
    """The ticket called there and not yet served, or a refusal saying what to do."""
    found = at_window(state, place)
    if found is None:
        raise refusal(Code.NOBODY_CALLED)
    if found.state == "serving":
        raise refusal(Code.WINDOW_IS_SERVING, number=found.number)
    return found
