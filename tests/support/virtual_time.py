"""An event loop whose clock jumps: when nothing is ready, time moves to the next timer at once.

Sockets between tasks of the same loop work (their data is ready as soon as it is written); threads do not belong here.
"""

import asyncio
import selectors
from collections.abc import Coroutine
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


def run_virtual(main: Coroutine[Any, Any, T]) -> T:
    """Run `main` in virtual time; fails on tasks it leaves behind."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        result = runner.run(main)
        left = [task for task in asyncio.all_tasks(runner.get_loop()) if not task.done()]
        assert not left, f"tasks left behind: {left}"
        return result
