"""What a page offers to choose from, and over how many sheets: read from a snapshot, changing nothing."""

from math import ceil
from typing import Final

from edge.api.schema import ServiceEntry
from kiosk_ui.terminal import desk_steps, guides
from kiosk_ui.terminal.state import Snapshot

MOST_ITEMS: Final = 3


def sheet_size(large: bool) -> int:
    """Choices on one screen: never more than six, fewer when each must be larger (rule U16)."""
    return 4 if large else 6


def further(s: Snapshot) -> tuple[str, ...]:
    """Items that may still go on this ticket."""
    if s.catalogue is None or len(s.more) + 1 >= MOST_ITEMS:
        return ()
    stopped = s.hall.stopped if s.hall else {}
    taken = (s.service, *s.more)
    return tuple(entry.id for entry in s.catalogue.services if entry.id not in taken and entry.id not in stopped)


def services_shown(s: Snapshot) -> tuple[ServiceEntry, ...]:
    """What the page of choices offers: everything, or what may still be added."""
    if s.catalogue is None:
        return ()
    if s.page != "more":
        return s.catalogue.services
    rest = further(s)
    return tuple(entry for entry in s.catalogue.services if entry.id in rest)


def listed(s: Snapshot) -> int:
    """How many choices the page has, over all its sheets."""
    if s.desk.step == "level":
        return 1  # the five levels are seen together: a scale in two parts is no scale
    if s.page == "guide":
        return guides.sheet_count(s.desk.guides, s.language, tall=s.tall, large=s.large)
    return len(desk_steps.options(s.desk)) if s.desk.step else len(services_shown(s))


def sheets_of(s: Snapshot) -> int:
    """How many sheets the page has; those of a guide are counted as they are."""
    return max(1, ceil(listed(s) / (1 if s.page == "guide" else sheet_size(s.large))))
