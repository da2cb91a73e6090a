"""Tells many watchers that something changed, without a queue that could grow: a slow watcher sees one tick."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Tick:
    """One watcher's. Starts set: there is always a first state to look at."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()
        self._changed.set()

    def set(self) -> None:
        self._changed.set()

    async def wait(self) -> None:
        """Return when something changed since the last return. Safe to cancel."""
        await self._changed.wait()
        self._changed.clear()


class Changes:
    """Give `watch` as HallPort.changes; call `tick` after every commit and every device or link change."""

    def __init__(self) -> None:
        self._watchers: set[Tick] = set()

    def tick(self) -> None:
        for watcher in self._watchers:
            watcher.set()

    @contextmanager
    def watch(self) -> Iterator[Tick]:
        tick = Tick()
        self._watchers.add(tick)
        try:
            yield tick
        finally:
            self._watchers.discard(tick)
