"""Whether who came now would still be served before closing: what the hall can do until then, against who waits.

A fluid estimate: a window works through its share of everybody it may serve. Good enough to stop issuing by, where a
minute more or less decides about one number; what people are told of their wait is computed by replay instead.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from edge.rules import look, queue
from edge.rules.state import State, Ticket, WindowState

MeanOf = Callable[[str], int]  # service -> ms that serving one person takes
# Given again only with this much room, so that two people leaving do not switch a kiosk on and off.
_ROOM: Final = 0.85


@dataclass(frozen=True, slots=True)
class Verdict:
    """Services to stop and to give again, each in the site's order."""

    stop: tuple[str, ...]
    resume: tuple[str, ...]


def judge(state: State, now_ms: int, mean_of: MeanOf) -> Verdict:
    """Nothing on a day without a planned end, nor for a service at whose windows nobody works."""
    if not state.open or not state.closes:
        return Verdict((), ())
    stop, resume = [], []
    for service in state.services:
        load = _load(state, service, now_ms, mean_of)
        why = state.stopped.get(service)
        if load is None or f"service:{service}" in state.frozen:
            continue
        if why is None and load > 1:
            stop.append(service)
        elif why == "forecast" and load <= _ROOM:
            resume.append(service)
    return Verdict(tuple(stop), tuple(resume))


def _load(state: State, service: str, now_ms: int, mean_of: MeanOf) -> float | None:
    """Work before a newcomer, as a part of what can be begun early enough to end by closing; above 1 it does not."""
    at_work = _at_work(state)
    windows = [window for window in at_work if service in window.setup.services]
    if not windows:
        return None
    last_begin = state.closes - mean_of(service)
    room = sum(max(0, last_begin - _free_from(state, window, now_ms, mean_of)) for window in windows)
    work = sum(_work(ticket, service, at_work, mean_of) for ticket in queue.waiting(state))
    return work / room if room else float("inf")


def _at_work(state: State) -> list[WindowState]:
    """Where clerks sign in, only windows with one count; windows at rest count only with a planned end."""
    signed_in = any(window.clerk for window in state.windows.values())
    return [
        window
        for window in state.windows.values()
        if not (window.paused and not window.until)
        and (not signed_in or window.clerk or look.at_window(state, window) is not None)
    ]


def _free_from(state: State, window: WindowState, now_ms: int, mean_of: MeanOf) -> int:
    """Half a service is left where somebody sits, on average."""
    if window.paused:
        return max(now_ms, window.until)
    ticket = look.at_window(state, window)
    return now_ms if ticket is None else now_ms + mean_of(ticket.service) // 2


def _work(ticket: Ticket, service: str, at_work: Sequence[WindowState], mean_of: MeanOf) -> float:
    """The part of a ticket's work that falls on the windows of `service`."""
    work = 0.0
    for item in ticket.left:
        able = [window for window in at_work if item in window.setup.services]
        shared = sum(service in window.setup.services for window in able)
        work += mean_of(item) * shared / len(able) if able else 0.0
    return work
