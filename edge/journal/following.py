"""Keeps views.db level with the journal, behind everything else: it may lag, and may be deleted at any time."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge.journal.journal import Journal

if TYPE_CHECKING:
    from edge.journal.views import Views

VIEWS: Final = "views.db"
_PAGE: Final = 500
_PAGE_BYTES: Final = 4_000_000


async def keep_views(journal: Journal, path: Path) -> None:
    """Until cancelled. Raises JournalFailed."""
    history = journal.history
    views = await asyncio.to_thread(_opened, path, journal.epoch)
    try:
        cursor = await asyncio.to_thread(lambda: views.cursor)
        while True:
            await history.wait_beyond(cursor)
            records = [stored.record for stored in await history.read(cursor, _PAGE, _PAGE_BYTES)]
            await asyncio.to_thread(views.follow, records)
            cursor = records[-1].seq
    finally:
        views.close()


def _opened(path: Path, epoch: str) -> "Views":
    from edge.journal.views import Views  # a third of a second of sqlite-utils, here beside the loop

    return Views(path, epoch=epoch)
