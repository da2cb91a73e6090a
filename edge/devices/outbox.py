"""Events of a host on their way to `halld`: kept until acknowledged, numbered within one run of the host."""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Final, Protocol

from drivers.contract import Event
from edge.devices.messages import EventNews

KEEP: Final = 1000  # keys pressed while halld is away for very long: the oldest go first, and are counted


class Keeper(Protocol):
    """Where events outlive the host's process."""

    def kept(self) -> tuple[EventNews, ...]:
        """Those of earlier runs, each with its `boot`."""

    def keep(self, news: EventNews) -> None: ...

    def forget(self, boot: str, n: int) -> None:
        """`boot` as in the event: '' for this run."""


class Outbox:
    def __init__(self, keeper: Keeper | None = None) -> None:
        self._next = 1
        self._keeper = keeper
        kept = () if keeper is None else keeper.kept()
        self._waiting: OrderedDict[tuple[str, int], EventNews] = OrderedDict(((one.boot, one.n), one) for one in kept)
        self.dropped = 0

    def add(self, device: str, event: Event) -> EventNews:
        news = EventNews(n=self._next, device=device, name=event.name, data=event.data)
        self._next += 1
        self._waiting[news.boot, news.n] = news
        if self._keeper is not None:
            self._keeper.keep(news)
        if len(self._waiting) > KEEP:
            boot, oldest = next(iter(self._waiting))
            self.acknowledge(oldest, boot)
            self.dropped += 1
        return news

    def acknowledge(self, n: int, boot: str = "") -> None:
        if self._waiting.pop((boot, n), None) is not None and self._keeper is not None:
            self._keeper.forget(boot, n)

    def __iter__(self) -> Iterator[EventNews]:
        return iter(list(self._waiting.values()))
