"""An event loop whose time jumps to the next timer as soon as nothing else is left to do."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any


class _NoWaiting(selectors.SelectSelector):
    """Never blocks: what would be a wait moves the clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1_000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everything waits for something that never comes")
        self.now += max(timeout, 0.0)
        return super().select(0)


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
        return round(asyncio.get_running_loop().time() * 1000)


def run_virtual(coro: Coroutine[Any, Any, Any]) -> Any:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(coro)
