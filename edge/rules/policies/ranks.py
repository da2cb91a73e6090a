"""The four orders. Smallest first; every rank ends in the ticket's uid, so that no two are alike."""

from collections.abc import Callable
from typing import Final

from edge.rules.queue_setup import PolicyName, QueueSetup
from edge.rules.state import Ticket

Rank = tuple[int, int, str]
_CLASSES: Final = ("green", "appointment", "walk_in")


def virtual_time(ticket: Ticket, setup: QueueSetup, now_ms: int) -> Rank:
    return ticket.key, ticket.arrived, ticket.uid


def fifo(ticket: Ticket, setup: QueueSetup, now_ms: int) -> Rank:
    return ticket.arrived, 0, ticket.uid


def strict(ticket: Ticket, setup: QueueSetup, now_ms: int) -> Rank:
    """What is common: class by class, however long the others wait."""
    return _CLASSES.index(ticket.klass), ticket.arrived, ticket.uid


def accumulating(ticket: Ticket, setup: QueueSetup, now_ms: int) -> Rank:
    """Kleinrock's accumulating priority: waiting time by the weight of the class."""
    weight = setup.weights[_CLASSES.index(ticket.klass)]
    return -weight * (now_ms - ticket.arrived), ticket.arrived, ticket.uid


RANKS: Final[dict[PolicyName, Callable[[Ticket, QueueSetup, int], Rank]]] = {
    "vt": virtual_time,
    "fifo": fifo,
    "strict": strict,
    "apq": accumulating,
}
