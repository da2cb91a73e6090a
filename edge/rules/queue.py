"""Who waits for whom: what a window may call, in which order, and how many come first."""

from collections.abc import Iterator

from edge.rules.policies import Choice, choose, ranked
from edge.rules.state import State, Ticket


def waiting(state: State) -> Iterator[Ticket]:
    """Tickets that may be called, in no order."""
    return (t for t in state.tickets.values() if t.state == "waiting" and t.uid not in state.frozen)


def offered(state: State, window: str) -> frozenset[str]:
    """Services a window may serve."""
    return frozenset(state.windows[window].setup.services)


def eligible(state: State, window: str) -> list[Ticket]:
    """Waiting tickets that this window may serve, in no order."""
    services = offered(state, window)
    return [t for t in waiting(state) if t.service in services and t.to in ("", window)]


def queue_of(state: State, window: str, now_ms: int) -> list[Ticket]:
    """Everybody this window may call, in the policy's order; the guard's turns come between."""
    return ranked(eligible(state, window), state.queue, now_ms)


def next_for(state: State, window: str, now_ms: int) -> Choice | None:
    return choose(eligible(state, window), state.queue, owed=state.windows[window].owed, now_ms=now_ms)


def windows_for(state: State, service: str) -> tuple[str, ...]:
    """Windows that serve it, in the site's order."""
    return tuple(uid for uid, window in state.windows.items() if service in window.setup.services)


def rivals(state: State, service: str) -> frozenset[str]:
    """Services whose tickets may be called before one of `service`: those that share a window with it."""
    return frozenset(s for w in windows_for(state, service) for s in offered(state, w))


def ahead_of(state: State, ticket: Ticket, now_ms: int) -> int:
    """People whom the policy puts before it at the same windows: an upper bound where windows differ in skill."""
    services = rivals(state, ticket.service)
    among = [t for t in waiting(state) if t.service in services and t.uid != ticket.uid]
    order = ranked([*among, ticket], state.queue, now_ms)
    return next(place for place, one in enumerate(order) if one is ticket)
