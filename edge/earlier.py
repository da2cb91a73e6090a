"""An earlier case of this hall, found by the number on its receipt: in the journal and its view, not in the state.

The state would carry every receipt of three months, and each snapshot of it; nobody asks for more than a few a day.
"""

import asyncio
import sqlite3
from pathlib import Path
from typing import Final

import structlog

from edge.journal.journal import Journal
from edge.rules import query_codes, reuse
from edge.rules.reuse_state import Earlier
from sync.protocol.record import Record

log: Final = structlog.get_logger(__name__)


class EarlierCases:
    """`path`: views.db. While it is folded anew a case is not found, and its original is asked for."""

    def __init__(self, journal: Journal, path: Path) -> None:
        self._journal = journal
        self._path = path

    async def find(self, number: str) -> Earlier | None:
        """By number of case or receipt; the end of one will do where it names one case only. Raises JournalError."""
        typed = query_codes.plain_number(number)
        if len(typed) < query_codes.LEAST:
            return None
        try:
            hits = await asyncio.to_thread(_receipts, self._path, typed)
        except sqlite3.Error as error:
            log.warning("view_not_read", why=str(error))
            return None
        if len(hits) != 1:
            return None
        opened, received = [await self._record(seq) for seq in hits[0]]
        return None if opened is None or received is None else reuse.told_by(opened, received)

    async def _record(self, seq: int) -> Record | None:
        stored = await self._journal.history.read(seq - 1, 1)
        return stored[0].record if stored and stored[0].record.seq == seq else None


def _receipts(path: Path, typed: str) -> list[tuple[int, int]]:
    from edge.journal import views  # sqlite-utils comes with it: not before somebody asks

    return views.receipts(path, typed)
