"""The feeds as the rest of the site sees them: one thread writes, another reads, and the event loop waits for neither.

Fits sync.downlink.FeedSource.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import apsw

from edge.feeds import database
from edge.feeds.tables import Change, Refused, Tables
from sync.downlink import FeedsNotKept
from sync.protocol.feeds import Delta, FeedMark, Item, Snapshot

T = TypeVar("T")


class FeedStore:
    """Use `await FeedStore.open(folder)`. Every call may raise FeedsNotKept when the disk does."""

    def __init__(self, writing: apsw.Connection, reading: apsw.Connection) -> None:
        self.changed = asyncio.Event()
        """Set when items changed; whoever follows them clears it."""
        self._writing = writing
        self._reading = reading
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="feeds-write")
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="feeds-read")
        self._traces = True  # of items removed, in the WAL; maybe of a process that ended too early
        self._region = Tables(writing).region()
        self._marks = Tables(writing).marks()

    @classmethod
    async def open(cls, folder: Path) -> "FeedStore":
        """A damaged file is put aside and begun anew: the centre has it all."""
        path = folder / database.FILE

        def work() -> "tuple[apsw.Connection, apsw.Connection]":
            writing = database.open_for_writing(path)
            Tables(writing).look_again()
            return writing, database.open_for_reading(path)

        return cls(*await asyncio.to_thread(work))

    async def close(self) -> None:
        # The writer last: whoever closes last empties the WAL into the file, and a reader could not.
        for pool, db in ((self._reader, self._reading), (self._writer, self._writing)):
            await asyncio.get_running_loop().run_in_executor(pool, db.close)
            pool.shutdown()

    # sync.downlink.FeedSource ----------------------------------------------------------------------------------------

    @property
    def region(self) -> str:
        return self._region

    async def meet_region(self, region: str) -> None:
        await self._write(lambda tables: tables.meet_region(region))
        self._region = region

    async def marks(self) -> dict[str, FeedMark]:
        return dict(self._marks)

    async def apply(self, delta: Delta) -> FeedMark:
        found = await self._write(lambda tables: tables.apply(delta))
        self._traces = self._traces or any(item.get("gone") for item in delta.items)
        await self.leave_no_traces()
        self.changed.set()
        return found

    async def replace(self, offer: Snapshot, items: Mapping[str, Item], *, since: FeedMark) -> bool:
        found = await self._write(lambda tables: tables.replace(offer, items, since))
        self._traces = True
        await self.leave_no_traces()
        self.changed.set()
        return found

    async def leave_no_traces(self) -> None:
        """Bytes of removed items leave the file, now or, while somebody reads, with what comes next."""
        if self._traces:
            loop = asyncio.get_running_loop()
            with contextlib.suppress(apsw.FullError, apsw.IOError):  # shows at the next write
                self._traces = not await loop.run_in_executor(self._writer, database.empty_wal, self._writing)

    # for those who follow --------------------------------------------------------------------------------------------

    async def items(self, feed: str) -> dict[str, dict[str, Any]]:
        """By id, as of the last whole version."""
        return await self._read(lambda tables: tables.items(feed))

    async def pending(self, feed: str, limit: int = 64) -> list[Change]:
        return await self._write(lambda tables: tables.pending(feed, limit))

    async def settle(self, ended: Sequence[tuple[Change, str]], at: int) -> None:
        """Changes that are dealt with, each with why nothing followed (a code for people), '' when something did."""
        await self._write(lambda tables: tables.settle(ended, at))
        await self.leave_no_traces()

    async def whole(self, feed: str) -> tuple[int, dict[str, dict[str, Any]]]:
        """All items, and what `settle_whole` wants to know of them."""
        return await self._read(lambda tables: tables.whole(feed))

    async def settle_whole(self, feed: str, upto: int, refused: Mapping[str, str], at: int) -> None:
        await self._write(lambda tables: tables.settle_whole(feed, upto, refused, at))

    async def refused(self) -> list[Refused]:
        return await self._read(lambda tables: tables.refused())

    async def own_notices(self) -> dict[str, dict[str, Any]]:
        return await self._read(lambda tables: tables.own_notices())

    async def keep_notice(self, uid: str, body: Mapping[str, Any], over: Sequence[str]) -> None:
        """`over`: ids of those that nobody needs any more."""
        await self._write(lambda tables: tables.keep_notice(uid, body, over))

    async def keep_catalogue(self, version: str, content: bytes) -> None:
        await self._write(lambda tables: tables.keep_catalogue(version, content))

    async def catalogues(self) -> dict[str, bytes]:
        return await self._read(lambda tables: tables.catalogues())

    async def drop_catalogues(self, kept: frozenset[str]) -> None:
        await self._write(lambda tables: tables.drop_catalogues(kept))

    async def _write(self, work: Callable[[Tables], T]) -> T:
        def now() -> tuple[T, dict[str, FeedMark]]:
            tables = Tables(self._writing)
            return work(tables), tables.marks()

        try:
            found, self._marks = await asyncio.get_running_loop().run_in_executor(self._writer, now)
        except (apsw.FullError, apsw.IOError) as error:
            raise FeedsNotKept(str(error)) from error
        return found

    async def _read(self, work: Callable[[Tables], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._reader, lambda: work(Tables(self._reading)))
