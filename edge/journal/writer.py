"""The one thread that owns the connection: everything queued while a commit is under way goes into the next one."""

import asyncio
import contextlib
import os
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeVar

import apsw

from edge.journal.errors import JournalDamaged, JournalFailed
from edge.journal.files import HeadNote
from edge.journal.store import Store

T = TypeVar("T")
_GROUP_LIMIT: Final = 1000
_SMALL_WAL_PAGES: Final = 16


@dataclass(slots=True)
class _Job:
    work: Callable[[Store], Any]
    writes: bool
    answer: asyncio.Future[Any]
    result: Any = None
    error: Exception | None = None


class Reach(NamedTuple):
    """How far the journal is committed: `next_seq` of `epoch`, and the place of the newest record in the history;
    `floor`: the oldest seq that is held."""

    epoch: str
    next_seq: int
    place: int
    floor: int


@dataclass
class Writer:
    """`committed` is called in the event loop with the reach before the waiters of a group wake, None at the end."""

    store: Store
    note: HeadNote
    loop: asyncio.AbstractEventLoop
    committed: Callable[[Reach | None], None]
    commits: int = 0
    make_room: Callable[[], bool] = lambda: False  # on a full disk; False: there is no more to give
    _queue: queue.SimpleQueue[_Job | None] = field(default_factory=queue.SimpleQueue)
    _failure: str = ""
    _gate: threading.Lock = field(default_factory=threading.Lock)  # nothing is queued behind the last look

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[Store], T], *, writes: bool) -> asyncio.Future[T]:
        """Queue `work`; writes are answered after their fsync. ValueError, TypeError, LookupError of `work` are its
        caller's alone, what it wrote is taken back; anything else ends the journal."""
        job = _Job(work, writes, self.loop.create_future())
        with self._gate:
            if self._failure:
                raise JournalFailed(self._failure)
            self._queue.put(job)
        return job.answer

    async def stop(self) -> None:
        """Finish what is queued and end the thread."""
        with self._gate:
            self._failure = self._failure or "the journal is closed"
            self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def check(self) -> None:
        """Raise JournalFailed when nothing can be done any more."""
        if self._failure:
            raise JournalFailed(self._failure)

    # --- the thread ----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        group: list[_Job] = []
        try:
            while not self._take(group):
                self._serve(group)
                group.clear()
            self._serve(group)
            group.clear()
        except (apsw.Error, OSError) as error:
            self._failure = f"the journal could not write to disk: {type(error).__name__}: {error}"
        except JournalDamaged as error:
            self._failure = f"the journal is damaged: {error}"
        finally:
            self._refuse(group)
            with contextlib.suppress(apsw.Error):  # the WAL holds all that was committed, with or without a checkpoint
                self.store.db.close(True)

    def _take(self, group: list[_Job]) -> bool:
        """Wait for work and take all there is; True at the end."""
        job = self._queue.get()
        while job is not None:
            group.append(job)
            if len(group) >= _GROUP_LIMIT:
                return False
            try:
                job = self._queue.get_nowait()
            except queue.Empty:
                return False
        return True

    def _serve(self, group: list[_Job]) -> None:
        writes = [job for job in group if job.writes]
        if writes:
            before = self.store.head.pos
            try:
                self._transact(writes)
            except apsw.FullError:
                # Nothing was committed, and unlike after a failed fsync SQLite and the disk agree about that.
                self._take_back()
                released = self.make_room()
                if not self._shrink_wal() and not released:
                    raise
                # Until the next start: the WAL keeps its few pages instead of taking the room that is left.
                self.store.db.wal_autocheckpoint(_SMALL_WAL_PAGES)
                self._transact(writes)
            self.commits += 1
            if self.store.head.pos != before:
                self.note.write(self.store.head)
        for job in group:
            if not job.writes:
                self._read(job)
        if group:
            self.loop.call_soon_threadsafe(self._answer, list(group), self._reach())

    def _transact(self, writes: list[_Job]) -> None:
        self.store.db.execute("BEGIN IMMEDIATE")
        for job in writes:
            self._write(job)
        self.store.db.execute("COMMIT")

    def _take_back(self) -> None:
        if self.store.db.in_transaction:
            self.store.db.execute("ROLLBACK")
        self.store.look_again()

    def _shrink_wal(self) -> bool:
        """Whether the WAL gave room back: all of it is in the file, where most pages have their place already."""
        before = self._wal_size()
        with contextlib.suppress(apsw.FullError):
            self.store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return self._wal_size() < before

    def _wal_size(self) -> int:
        return os.path.getsize(self.store.db.filename_wal)

    def _write(self, job: _Job) -> None:
        self.store.db.execute("SAVEPOINT one")
        job.result = job.error = None
        try:
            job.result = job.work(self.store)
        except (ValueError, TypeError, LookupError) as error:
            job.error = error
            self.store.db.execute("ROLLBACK TO one")
            self.store.look_again()
        self.store.db.execute("RELEASE one")

    def _read(self, job: _Job) -> None:
        try:
            job.result = job.work(self.store)
        except (ValueError, TypeError, LookupError, JournalDamaged) as error:
            job.error = error

    def _refuse(self, group: list[_Job]) -> None:
        """Whatever ended the thread, nobody waits for ever."""
        left = list(group)
        with self._gate:
            self._failure = self._failure or "the journal's writer ended"
            while not self._queue.empty():
                job = self._queue.get_nowait()
                if job is not None:
                    left.append(job)
        for job in left:
            job.error = JournalFailed(self._failure)
        self.loop.call_soon_threadsafe(self._answer, left, None)

    def _reach(self) -> Reach:
        return Reach(self.store.epoch, self.store.next_seq, self.store.places, self.store.floor)

    def _answer(self, group: list[_Job], reach: Reach | None) -> None:
        self.committed(reach)
        for job in group:
            if job.answer.done():
                continue
            if job.error is not None:
                job.answer.set_exception(job.error)
            else:
                job.answer.set_result(job.result)
