"""Numbers of a restored station: how far they stay from those that nobody here remembers (sync.md section 5)."""

from collections.abc import Callable
from typing import Final

from edge.engine import Engine
from edge.journal.epochs import LOST
from edge.journal.journal import Journal
from edge.journal.new_epoch import Gap
from edge.rules.floors import NO_FLOORS, Floors
from edge.rules.state import State
from edge.site import Site

_DAYS_APART: Final = 2  # nobody gives more in a day than twice what the busiest day needed


async def keep_floors(engine: Engine, journal: Journal, site: Site, today: str) -> None:
    """Set the engine's floors as the journal's gap says. Call before anything is issued, and when either changed.

    The floors of a day are fixed once and kept on the disk, so a restart does not skip again. A gap whose tail is
    lost for good ends with its day.
    """
    gap = journal.epochs.gap
    if gap is None:
        engine.floors = NO_FLOORS
        return
    if gap.why == LOST and gap.date not in ("", today):
        await journal.epochs.keep_gap(None)
        engine.floors = NO_FLOORS
        return
    distance = max(site.queue.restored_gap, _DAYS_APART * engine.state.busiest)
    if gap.date != today:
        gap = _fixed(gap, engine.state, today, distance)
        await journal.epochs.keep_gap(gap)
    engine.floors = Floors(distance, gap.date, gap.tickets, gap.cases)


def _fixed(gap: Gap, state: State, today: str, distance: int) -> Gap:
    """Nothing is known of another day's numbers: on it the distance counts from 0."""
    if state.date != today:
        return gap._replace(date=today, tickets={}, cases={})
    return gap._replace(
        date=today,
        tickets={prefix: count + distance for prefix, count in state.counters.items()},
        cases={letter: count + distance for letter, count in state.case_counters.items()},
    )


async def follow_gap(engine: Engine, journal: Journal, site: Site, today: Callable[[], str]) -> None:
    """Until cancelled: a fork that is found later begins a gap at once."""
    while True:
        await journal.epochs.gap_changed.wait()
        journal.epochs.gap_changed.clear()
        await keep_floors(engine, journal, site, today())
