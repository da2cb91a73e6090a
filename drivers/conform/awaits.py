"""Cancellation at one chosen suspension of a coroutine, whatever it waits for there."""

import asyncio
from collections.abc import Coroutine, Generator
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Awaits(Generic[T]):
    """Awaiting this runs `work` and counts its suspensions; at number `at` (from 1) its task is cancelled.

    Early: as it begins to wait. Late: in the moment in which what it waited for has come, so that the answer and the
    cancellation meet.
    """

    def __init__(self, work: Coroutine[Any, Any, T], at: int = 0, late: bool = False) -> None:
        self._work = work
        self._at = at
        self._late = late
        self.count = 0

    def __await__(self) -> Generator[Any, Any, T]:
        problem: BaseException | None = None
        while True:
            try:
                waiting = self._work.send(None) if problem is None else self._work.throw(problem)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            self.count += 1
            if self.count == self._at:
                self._cancel(waiting)
            try:
                yield waiting
                problem = None
            except BaseException as thrown:  # noqa: BLE001 - handed on into the coroutine it was meant for
                problem = thrown

    def _cancel(self, waiting: Any) -> None:
        task = asyncio.current_task()
        assert task is not None
        if self._late and isinstance(waiting, asyncio.Future):
            waiting.add_done_callback(lambda _: task.cancel())
        else:
            task.cancel()
