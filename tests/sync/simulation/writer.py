"""The journal's writer without its thread: the same groups and commits, at moments that the loop chooses."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import apsw

import edge.journal.journal
from edge.journal.errors import JournalDamaged, JournalFailed
from edge.journal.writer import Writer, _Job


class InlineWriter(Writer):
    random: Random  # set by `inline_writers`

    def __post_init__(self) -> None:
        self._waiting: list[_Job] = []

    def submit(self, work: Callable[[Any], Any], *, writes: bool) -> asyncio.Future[Any]:
        if self._failure:
            raise JournalFailed(self._failure)
        job = _Job(work, writes, self.loop.create_future())
        if not self._waiting:
            self.loop.call_later(self.random.uniform(0, 0.01), self._turn)
        self._waiting.append(job)
        return job.answer

    def _turn(self) -> None:
        group, self._waiting = self._waiting, []
        if not group:
            return
        try:
            self._serve(group)
        except (apsw.Error, OSError, JournalDamaged) as error:
            self._failure = f"{type(error).__name__}: {error}"
            for job in group:
                job.error = JournalFailed(self._failure)
            self.loop.call_soon(self._answer, group, None)

    async def stop(self) -> None:
        if self._failure == "closed":
            return
        self._turn()
        self._failure = "closed"
        self.loop.call_soon(self.committed, None)
        self.store.db.close(True)


@contextmanager
def inline_writers(random: Random) -> Iterator[None]:
    """Journals opened within have no thread."""
    real = edge.journal.journal.Writer
    edge.journal.journal.Writer = type("SeededWriter", (InlineWriter,), {"random": random})  # type: ignore[misc]
    try:
        yield
    finally:
        edge.journal.journal.Writer = real  # type: ignore[misc]
