"""An event loop whose clock jumps: when nothing is ready, time moves to the next timer at once.

Thousands of time-outs of many seconds run in a moment. A thread that was started through the loop (asyncio.to_thread)
or drivers.links.blocking is waited for in real time; meanwhile the clock stands, but for what `advance` adds.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, Final, TypeVar

from drivers.links import blocking

T = TypeVar("T")
_MOST_TURNS: Final = 50_000  # of the loop at one and the same moment
_THREAD_LOOK_SECONDS: Final = 5.0


class Stuck(RuntimeError):
    """Nothing will ever happen again, or the same things happen without end at one moment."""


class _Jumping(selectors.DefaultSelector):
    def __init__(self) -> None:
        super().__init__()
        self.now = 1_000.0
        self.threads = 0
        self._turns = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        threads = self.threads or blocking.under_way()  # before the look: one that ends now has told the loop already
        ready = super().select(0)
        self._turns += 1
        if self._turns > _MOST_TURNS:
            raise Stuck("runs in a circle without letting time pass")
        if ready or timeout == 0:
            return ready
        if threads:
            return super().select(_THREAD_LOOK_SECONDS)
        if timeout is None:
            raise Stuck("everything waits for something that never comes")
        self.now += max(timeout, 0.0)
        self._turns = 0
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now

    def advance(self, seconds: float) -> None:
        """For a thread that plays a device: so much later it is."""
        self._jumping.now += seconds

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        self._jumping.threads += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._thread_done)
        return future

    async def shutdown_default_executor(self) -> None:
        self._jumping.threads += 1
        await super().shutdown_default_executor()

    def _thread_done(self, future: asyncio.Future[Any]) -> None:
        self._jumping.threads -= 1


def run_virtual(main: Coroutine[Any, Any, T]) -> tuple[T, tuple[str, ...]]:
    """Run `main` in virtual time: its result, and what it left running. Raises Stuck."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        result = runner.run(main)
        left = [task for task in asyncio.all_tasks(runner.get_loop()) if not task.done()]
        return result, tuple(f"task {getattr(task.get_coro(), '__qualname__', task.get_name())}" for task in left)
