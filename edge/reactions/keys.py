"""What a clerk's key means for the window it stands at: the words of drivers.hall485.keys, as commands.

A keypad knows no reasons: what it must name it names by the key (`clerk_ends` put back, `needs_other_window` sent on).
Digits before the key say where to: `3` is window 3, a leading nought the place of a service in the site's file (`02` =
the second), `0` alone puts the ticket back.
"""

from collections.abc import Callable
from typing import Final

from edge.rules.commands import CallNext, Command, FinishService, MissTicket, Recall, SignIn, SignOut, StartService
from edge.rules.queue_commands import (
    CallTicket,
    HoldTicket,
    PauseWindow,
    ResumeTicket,
    ResumeWindow,
    ReturnTicket,
    TransferTicket,
    UndoCall,
)
from edge.rules.state import State, Ticket
from edge.site import Site

Meaning = Callable[[State, Site, str, str], Command | None]


def command_of(key: str, state: State, site: Site, window: str, digits: str) -> Command | None:
    """None: the key has no meaning at this window now (no such clerk or window, nothing put aside)."""
    make = KEYS.get(key)
    return make(state, site, window, digits) if make is not None and window in state.windows else None


def held_last(state: State, window: str) -> Ticket | None:
    """Of the tickets put aside at a window the one called last."""
    held = [ticket for ticket in state.tickets.values() if ticket.state == "held" and ticket.window == window]
    return max(held, key=lambda ticket: (ticket.called_ms, ticket.uid), default=None)


def _resume(state: State, site: Site, window: str, digits: str) -> Command | None:
    ticket = held_last(state, window)
    return ResumeTicket(window=window, ticket=ticket.uid) if ticket is not None else None


def _pause(state: State, site: Site, window: str, digits: str) -> Command:
    if state.windows[window].paused:
        return ResumeWindow(window=window)
    return PauseWindow(window=window, reason="break")


def _transfer(state: State, site: Site, window: str, digits: str) -> Command | None:
    if digits in ("", "0"):
        return ReturnTicket(window=window, reason="clerk_ends")
    target = next((one for one in site.windows if one.number == digits), None)
    if target is not None:
        return _to_window(state, window, target.id, target.services)
    place = int(digits) - 1
    if not digits.startswith("0") or not 0 <= place < len(site.services):
        return None
    return TransferTicket(window=window, service=site.services[place].id, reason="needs_other_window")


def _to_window(state: State, window: str, to: str, services: tuple[str, ...]) -> Command:
    """A window that does not serve the ticket's item gets it for the first item it does serve."""
    ticket = state.tickets.get(state.windows[window].ticket)
    stays = ticket is None or ticket.service in services or not services
    return TransferTicket(window=window, service="" if stays else services[0], to=to, reason="needs_other_window")


def _sign_in(state: State, site: Site, window: str, digits: str) -> Command | None:
    """The clerk of this window whose code has this number: `01` is `c01`, and `c1` just as well."""
    numbers = {clerk.id: "".join(sign for sign in clerk.id if sign.isdigit()) for clerk in site.clerks}
    here = [clerk.id for clerk in site.clerks if window in clerk.windows]
    found = [clerk for clerk in here if numbers[clerk] and digits and int(numbers[clerk]) == int(digits)]
    return SignIn(window=window, clerk=found[0]) if len(found) == 1 else None


KEYS: Final[dict[str, Meaning]] = {
    "next": lambda state, site, window, digits: CallNext(window=window),
    "recall": lambda state, site, window, digits: Recall(window=window),
    "miss": lambda state, site, window, digits: MissTicket(window=window),
    "start": lambda state, site, window, digits: StartService(window=window),
    "finish": lambda state, site, window, digits: FinishService(window=window),
    "undo": lambda state, site, window, digits: UndoCall(window=window),
    "suspend": lambda state, site, window, digits: HoldTicket(window=window),
    "resume": _resume,
    "number": lambda state, site, window, digits: CallTicket(window=window, number=digits),
    "transfer": _transfer,
    "pause": _pause,
    "sign_in": _sign_in,
    "sign_out": lambda state, site, window, digits: SignOut(window=window),
}
