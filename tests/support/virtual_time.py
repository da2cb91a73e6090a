"""An event loop whose clock jumps: when nothing is ready, time moves to the next timer at once.

Sockets between tasks of the same loop work (their data is ready as soon as it is written); threads do not belong here.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from random import Random
from typing import Any, TypeVar

T = TypeVar("T")


class _NoWaiting(selectors.SelectSelector):
    """Never blocks: what would be a wait moves the clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1_000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready:
            return ready
        if timeout is None:
            raise RuntimeError("everything waits for something that never comes")
        self.now += max(timeout, 0.0)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._virtual = _NoWaiting()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.now


class SeededLoop(VirtualLoop):
    """Tasks that are ready at the same time wake in an order drawn from `random`; plain callbacks keep theirs.

    What goes to an executor runs in this loop, after a drawn delay of at most `slow_s`, so that nothing depends on
    threads. `after_steps` calls back once the loop has gone round so many times: between any two awaits.
    """

    def __init__(self, random: Random, slow_s: float = 0.02) -> None:
        super().__init__()
        self._random, self._slow_s = random, slow_s
        self.steps = 0
        self._alarms: list[tuple[int, Callable[[], None]]] = []

    def after_steps(self, count: int, act: Callable[[], None]) -> None:
        self._alarms.append((self.steps + count, act))

    def call_soon_threadsafe(self, callback, *args, context=None):  # type: ignore[no-untyped-def]
        return self.call_soon(callback, *args, context=context)

    def run_in_executor(self, executor, func, *args):  # type: ignore[no-untyped-def]
        answer = self.create_future()
        self.call_later(self._random.uniform(0, self._slow_s), self._work, answer, func, args)
        return answer

    def _work(self, answer: "asyncio.Future[Any]", func: Callable[..., Any], args: tuple[Any, ...]) -> None:
        try:
            result = func(*args)
        except Exception as error:  # noqa: BLE001  it is the caller's, as from a real executor
            self.call_soon(_settle, answer, None, error)
        else:
            self.call_soon(_settle, answer, result, None)

    def _run_once(self) -> None:
        self.steps += 1
        if self._alarms:
            due = [act for at, act in self._alarms if at <= self.steps]
            self._alarms = [alarm for alarm in self._alarms if alarm[0] > self.steps]
            for act in due:
                act()
        self._shuffle()
        super()._run_once()  # type: ignore[misc]

    def _shuffle(self) -> None:
        ready = self._ready  # type: ignore[attr-defined]
        places = [index for index, handle in enumerate(ready) if _wakes_a_task(handle)]
        if len(places) > 1:
            handles = [ready[index] for index in places]
            self._random.shuffle(handles)
            for index, handle in zip(places, handles, strict=True):
                ready[index] = handle


def _wakes_a_task(handle: asyncio.Handle) -> bool:
    callback = handle._callback  # type: ignore[attr-defined]
    return isinstance(getattr(callback, "__self__", None), asyncio.Task)


def _settle(answer: "asyncio.Future[Any]", result: Any, error: Exception | None) -> None:
    if answer.done():
        return
    if error is None:
        answer.set_result(result)
    else:
        answer.set_exception(error)


class VirtualClock:
    """Reads the running virtual loop; the wall clock is a fixed distance away and may be moved."""

    def __init__(self, wall_offset_ms: int = 1_795_396_447_312) -> None:
        self.wall_offset_ms = wall_offset_ms

    def now_ms(self) -> int:
        return self.up_ms() + self.wall_offset_ms

    def up_ms(self) -> int:
        return round(now() * 1000)


def now() -> float:
    """Seconds on the running loop's clock."""
    return asyncio.get_running_loop().time()


def run_virtual(main: Coroutine[Any, Any, T], loop: Callable[[], VirtualLoop] = VirtualLoop) -> T:
    """Run `main` in virtual time; fails on tasks it leaves behind."""
    with asyncio.Runner(loop_factory=loop) as runner:
        result = runner.run(main)
        left = [task for task in asyncio.all_tasks(runner.get_loop()) if not task.done()]
        assert not left, f"tasks left behind: {left}"
        return result
