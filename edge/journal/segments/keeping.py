"""Months are closed by the hall itself, when nobody is served, and never on a disk that is nearly full; and dropped."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import apsw
import structlog

from edge.journal import reserve, retention
from edge.journal.errors import GapMode, JournalDamaged, JournalError
from edge.journal.file_folder import DiskUsed, disk_used
from edge.journal.journal import Journal
from edge.journal.schema import FILE
from edge.journal.segments import closing, dropping
from edge.journal.segments.closing import Stretch
from edge.journal.segments.dropping import Allowed, Kept
from edge.journal.segments.form import BadSegment
from edge.journal.store import Store, reading

LOOK_SECONDS: Final = 900.0
_TOO_FULL: Final = ("no_scans", "reserve")
Sleep = Callable[[float], Awaitable[None]]
log = structlog.get_logger(__name__)


async def keep_months(
    journal: Journal,
    data: Path,
    centre_now: Callable[[], int | None],
    is_quiet: Callable[[], bool],
    used: DiskUsed = disk_used,
    sleep: Sleep = asyncio.sleep,
    kept: Kept | None = None,
) -> None:
    """Until cancelled. Nothing while the centre's time is not known, or the hall is at work.

    `kept` None: records stay for ever.
    """
    while True:
        now = centre_now()
        if now is not None and is_quiet():
            await close_due(journal, data, now, used)
            if kept is not None:
                await drop_due(journal, data, now, kept)
        await sleep(LOOK_SECONDS)


async def close_due(journal: Journal, data: Path, now_ms: int, used: DiskUsed = disk_used) -> int:
    """Close every month that may be closed; how many were. `now_ms`: centre time. Raises JournalFailed."""
    closed = 0
    await _move(journal)  # what a run before left
    while (stretch := await _due(journal, data, now_ms)) is not None:
        level = reserve.level(await asyncio.to_thread(used, data))
        if level in _TOO_FULL:
            log.warning("month_not_closed", month=stretch.month, why=f"disk: {level}")
            return closed
        if not await _close(journal, data, stretch):
            return closed
        closed += 1
    return closed


async def drop_due(journal: Journal, data: Path, now_ms: int, kept: Kept) -> int:
    """Drop every month whose time is over; how many were. `now_ms`: centre time. Raises JournalFailed.

    Files go a look later than their records: whoever reads them now, beside us, comes to an end.
    """
    try:
        await asyncio.to_thread(dropping.remove_files, data)
    except (JournalError, apsw.Error, OSError) as error:
        log.error("file_of_a_dropped_month_not_removed", why=str(error))
    dropped = 0
    try:
        allowed = Allowed.at(now_ms, kept, await _safe(journal, now_ms))
        while (month := await journal.drop_month(allowed)) is not None:
            dropped += 1
            log.info("month_dropped", month=month.title.month, records=month.records, kept_months=kept.months)
    except (GapMode, ValueError, OverflowError) as error:
        # A fork was found meanwhile; or a centre's time beyond all calendars, which stops no hall.
        log.error("month_not_dropped", why=str(error))
    return dropped


async def _safe(journal: Journal, now_ms: int) -> int:
    """Position up to which everything has been at the centre for long enough."""
    safe = await journal.note(retention.stamped)
    return retention.reach(safe.records, now_ms - retention.LEAST_DAYS * retention.DAY_MS)


async def _due(journal: Journal, data: Path, now_ms: int) -> Stretch | None:
    upto = await _safe(journal, now_ms)
    try:
        return await asyncio.to_thread(_look, data / FILE, upto)
    except (JournalDamaged, apsw.Error, ValueError) as error:
        log.error("months_not_looked_at", why=str(error))
        return None


def _look(file: Path, safe: int) -> Stretch | None:
    with reading(file) as store:
        return closing.next_stretch(store, safe)


async def _close(journal: Journal, data: Path, stretch: Stretch) -> bool:
    try:
        sealed = await asyncio.to_thread(closing.seal, data, stretch)
    except (JournalDamaged, apsw.Error, OSError, ValueError) as error:
        log.error("month_not_closed", month=stretch.month, why=str(error))  # the rows stay as they are
        return False
    if not await journal.note(lambda store: closing.commit(store, sealed)):
        return False
    await asyncio.to_thread(closing.drop_twins, data, sealed)
    await _move(journal)
    log.info("month_closed", month=stretch.month, records=sealed.records, bytes=sealed.size)
    return True


async def _move(journal: Journal) -> None:
    """A few rows a commit, so that nobody waits long behind it."""
    try:
        while await journal.note(_move_some):
            pass
    except BadSegment as error:
        log.error("rows_kept_for_a_closed_month", why=str(error))


def _move_some(store: Store) -> int:
    return closing.move_some(store) if store.closed.months else 0
