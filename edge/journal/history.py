"""The journal as the hall counts it: one history over all epochs, every fact once, places from 1 without a gap."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edge.journal import appending
from edge.journal.beside import with_parts
from edge.journal.errors import EpochChanged
from edge.journal.skeleton import shipped_size
from edge.journal.store import Store
from edge.journal.writer import Writer
from edge.rules.records import Draft
from sync.protocol.record import Record
from sync.source import Stored

Append = Callable[[Store], tuple[Record, ...]]
Prepare = Callable[[Sequence[Draft], str | None], Append]


@dataclass(frozen=True, slots=True)
class Placed(Record):
    """A record with its place in the history as `seq`; `data["seq"]` is the one it travels under."""

    place: int

    @property
    def seq(self) -> int:
        return self.place


class History:
    """Belongs to one Journal, which makes it; for the epoch of that moment. `head`: place of the newest record then."""

    def __init__(self, writer: Writer, epoch: str, head: int, prepare: Prepare) -> None:
        self._prepare = prepare
        self._writer = writer
        self._epoch = epoch
        self._head = head
        self._grown = asyncio.Event()

    @property
    def head(self) -> int:
        """Place of the newest committed record."""
        return self._head

    def submit(self, drafts: Sequence[Draft], *, cmd: str | None = None) -> asyncio.Future[tuple[Record, ...]]:
        """As Journal.submit. May raise EpochChanged: what was decided on the history before is not written."""
        work = self._prepare(drafts, cmd)

        def placed(store: Store) -> tuple[Record, ...]:
            if store.epoch != self._epoch:
                raise EpochChanged("the journal has opened a new epoch; the hall starts again on what it holds now")
            return tuple(_placed(store, found) for found in work(store))

        return self._writer.submit(placed, writes=True)

    async def answer_to(self, cmd: str) -> tuple[Record, ...] | None:
        """As Journal.answer_to."""

        def work(store: Store) -> tuple[Record, ...] | None:
            found = appending.answer(store, cmd)
            return None if found is None else tuple(_placed(store, one) for one in found)

        return await self._writer.submit(work, writes=False)

    async def load_snapshot(self) -> tuple[int, bytes] | None:
        """The newest snapshot whose digest fits it and its record, with its place; a bad one is passed over."""
        return await self._writer.submit(lambda store: store.snapshot(), writes=False)

    async def save_snapshot(self, place: int, data: bytes) -> None:
        """Keep what the records up to `place` add up to. Raises ValueError for a place not committed."""

        def work(store: Store) -> None:
            if store.epoch == self._epoch:
                store.save_snapshot(place, data)

        await self._writer.submit(work, writes=True)

    async def read(self, after: int, limit: int = 64, max_bytes: int = 262_144) -> list[Stored]:
        """As Journal.read, by places."""

        def work(store: Store) -> list[Stored]:
            found: list[Stored] = []
            room = max_bytes
            for place, record in store.history(after, limit):
                stored = with_parts(store, Placed(record.data, record.raw, place))
                room -= shipped_size(record, stored.parts.values())
                if found and room < 0:
                    break
                found.append(stored)
            return found

        return await self._writer.submit(work, writes=False)

    async def wait_beyond(self, place: int) -> None:
        """Return when a record above `place` is committed. Raises JournalFailed when none will be."""
        while self._head <= place:
            self._writer.check()
            await self._grown.wait()

    def grew(self, head: int | None) -> None:
        """The journal committed up to `head`; None: it never will again."""
        self._head = self._head if head is None else head
        self._grown.set()
        self._grown.clear()


def _placed(store: Store, found: Record) -> Placed:
    """Its place: found by epoch, since an answer to a known command may stand in an earlier one."""
    for span in store.spans:
        if span.epoch == found.epoch:
            return Placed(found.data, found.raw, span.before + int(found.data["seq"]))
    raise LookupError("a record of no epoch of this journal")
