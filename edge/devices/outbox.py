"""Events of a host on their way to `halld`: kept until acknowledged, numbered within one run of the host."""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Final

from drivers.contract import Event
from edge.devices.messages import EventNews

KEEP: Final = 1000  # keys pressed while halld is away for very long: the oldest go first, and are counted


class Outbox:
    def __init__(self) -> None:
        self._next = 1
        self._waiting: OrderedDict[int, EventNews] = OrderedDict()
        self.dropped = 0

    def add(self, device: str, event: Event) -> EventNews:
        news = EventNews(n=self._next, device=device, name=event.name, data=event.data)
        self._next += 1
        self._waiting[news.n] = news
        if len(self._waiting) > KEEP:
            self._waiting.popitem(last=False)
            self.dropped += 1
        return news

    def acknowledge(self, n: int) -> None:
        self._waiting.pop(n, None)

    def __iter__(self) -> Iterator[EventNews]:
        return iter(list(self._waiting.values()))
