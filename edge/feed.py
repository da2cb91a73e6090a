"""How committed records reach whoever follows them. A slow reader gets more at once; it never holds up the hall."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from sync.protocol.record import Record

KEPT: Final = 10_000  # records a sleeping reader may fall behind before it is only told that it missed some


@dataclass(frozen=True, slots=True)
class Committed:
    """Records since the last one read, oldest first. `missed`: there were more; look at the state instead."""

    records: tuple[Record, ...]
    missed: bool = False


class Subscription:
    """Follows the journal from the moment it is entered: `async with engine.subscribe() as feed: async for …`."""

    def __init__(self, enter: Callable[["Subscription"], None], leave: Callable[["Subscription"], None]) -> None:
        self._enter = enter
        self._leave = leave
        self._records: list[Record] = []
        self._missed = False
        self._news = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._enter(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave(self)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Committed:
        await self._news.wait()
        self._news.clear()
        news = Committed(tuple(self._records), self._missed)
        self._records, self._missed = [], False
        return news

    def tell(self, records: Sequence[Record]) -> None:
        """Called by the engine after a commit; never blocks."""
        self._records.extend(records)
        if len(self._records) > KEPT:
            self._records, self._missed = [], True
        self._news.set()
