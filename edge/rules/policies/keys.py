"""Queue keys of virtual time: a ticket's own moment less what its class is worth (domain 3.2)."""

from edge.rules.queue_setup import QueueSetup
from edge.rules.state import State


def arrival(state: State, now_ms: int) -> int:
    """Always after everybody who came today: a clock set back lets nobody overtake."""
    return max(now_ms, state.last_key + 1)


def green_key(setup: QueueSetup, arrived: int) -> int:
    return arrived - setup.green


def on_time(setup: QueueSetup, slot: int, arrived: int) -> bool:
    """Checked in early, on time or within the grace."""
    return arrived <= slot + setup.grace


def booked_key(setup: QueueSetup, slot: int, arrived: int) -> int | None:
    """None: later than `late`, so the booking has lapsed."""
    if on_time(setup, slot, arrived):
        return slot - setup.appointment
    if arrived <= slot + setup.late:
        return arrived - setup.appointment // 2
    return None
