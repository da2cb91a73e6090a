"""Follows the journal with a cursor of its own and puts each marker out once, in order. Whatever the other side does,
the hall goes on: only the journal's own failure comes out of here.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

import structlog

from edge.video.marks import Marks
from edge.video.outlets import NotKept, Outlet
from sync.private_files import write_private
from sync.protocol.record import Record

FILE: Final = "video.json"
LEARNED_FROM: Final = 20_000  # records before the cursor that are gone through again, for numbers and windows
LONGEST_WAIT: Final = 60.0
_PAGE: Final = 500
_PAGE_BYTES: Final = 4_000_000
_TELL_EVERY: Final = 60  # of the tries in vain

log = structlog.get_logger(__name__)


class Stored(Protocol):
    @property
    def record(self) -> Record: ...


class History(Protocol):
    """edge.journal.history.History."""

    @property
    def head(self) -> int: ...

    async def read(self, after: int, limit: int, max_bytes: int) -> Sequence[Any]: ...

    async def wait_beyond(self, place: int) -> None: ...


class Cursor(NamedTuple):
    """The last record that is dealt with: its place, and where it was born, so that a restored journal is noticed."""

    place: int
    epoch: str
    seq: int


class Following:
    def __init__(
        self,
        history: History,
        file: Path,
        marks: Marks,
        outlet: Outlet,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._history, self._file, self._marks, self._outlet = history, file, marks, outlet
        self._sleep = sleep

    async def run(self) -> None:
        """Until cancelled. Raises JournalFailed."""
        try:
            place = await self._begin()
            while True:
                await self._history.wait_beyond(place)
                for stored in await self._history.read(place, _PAGE, _PAGE_BYTES):
                    place = stored.record.seq
                    await self._mark(stored.record)
        finally:
            await self._outlet.close()

    async def _begin(self) -> int:
        """The place after which markers are owed. Without a cursor: from now on, nothing of the past is sent."""
        cursor, head = self._load(), self._history.head
        if cursor is None:
            await self._learn(max(0, head - LEARNED_FROM), head, None)
            newest = await self._history.read(head - 1, 1, _PAGE_BYTES) if head else ()
            self._save(head, newest[0].record if newest else None)
            return head
        place = min(cursor.place, head)
        return await self._learn(max(0, place - LEARNED_FROM), place, cursor)

    async def _learn(self, place: int, last: int, cursor: Cursor | None) -> int:
        """Go through what is dealt with. A restored journal may end before the cursor or hold other records at its
        place: what was born as the cursor's record ends the past, wherever it stands; else its place does.
        """
        while place < last:
            for stored in await self._history.read(place, min(_PAGE, last - place), _PAGE_BYTES):
                record = stored.record
                place = record.seq
                self._marks.note(record)
                if cursor is not None and record.birth[:2] == (cursor.epoch, cursor.seq):
                    return place
        return place

    async def _mark(self, record: Record) -> None:
        marker = self._marks.note(record)
        if marker is None:
            return
        tries = 0
        while True:
            try:
                await self._outlet.put(marker)
                break
            except NotKept as problem:
                if tries % _TELL_EVERY == 0:
                    log.warning("marker_not_kept", why=str(problem), tries=tries, kind=marker.kind)
            await self._sleep(min(LONGEST_WAIT, 2.0 ** min(tries, 6)))
            tries += 1
        self._save(record.seq, record)

    def _load(self) -> Cursor | None:
        try:
            found = json.loads(self._file.read_text("utf-8"))
            return Cursor(int(found["place"]), str(found["epoch"]), int(found["seq"]))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.error("video_cursor_unreadable", error=type(error).__name__)
            return None

    def _save(self, place: int, record: Record | None) -> None:
        """A disk that is full must not end the hall: the same marker is then sent once more after a restart."""
        epoch, seq = record.birth[:2] if record is not None else ("", 0)
        data = json.dumps({"place": place, "epoch": epoch, "seq": seq}).encode()
        try:
            write_private(self._file, data)
        except OSError as error:
            log.error("video_cursor_not_kept", error=error.strerror)
