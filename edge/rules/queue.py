"""Who is next. Virtual time: a walk-in's key is its moment, the smallest (key, uid) is called first.

One order for all services; a window calls the first ticket that it may serve.
"""

from collections.abc import Iterator

from edge.rules.state import State, Ticket


def walk_in_key(state: State, now_ms: int) -> int:
    """Always after everybody already given a key today: a clock set back lets nobody overtake."""
    return max(now_ms, state.last_key + 1)


def order(ticket: Ticket) -> tuple[int, str]:
    return ticket.key, ticket.uid


def waiting(state: State) -> Iterator[Ticket]:
    """Tickets that may be called, in no order."""
    return (t for t in state.tickets.values() if t.state == "waiting" and t.uid not in state.frozen)


def offered(state: State, window: str) -> frozenset[str]:
    """Services a window may serve."""
    return frozenset(state.windows[window].setup.services)


def queue_of(state: State, window: str) -> list[Ticket]:
    """Everybody this window may call, in order."""
    services = offered(state, window)
    return sorted((t for t in waiting(state) if t.service in services), key=order)


def next_for(state: State, window: str) -> Ticket | None:
    services = offered(state, window)
    return min((t for t in waiting(state) if t.service in services), key=order, default=None)


def windows_for(state: State, service: str) -> tuple[str, ...]:
    """Windows that serve it, in the site's order."""
    return tuple(uid for uid, window in state.windows.items() if service in window.setup.services)


def rivals(state: State, service: str) -> frozenset[str]:
    """Services whose tickets may be called before one of `service`: those that share a window with it."""
    return frozenset(s for w in windows_for(state, service) for s in offered(state, w))


def ahead_of(state: State, service: str, key: int) -> int:
    """People waiting before `key` for the same windows: an upper bound where windows differ in skill."""
    services = rivals(state, service)
    return sum(1 for t in waiting(state) if t.service in services and t.key < key)
