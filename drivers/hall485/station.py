"""One address on the line, as its driver sees it."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from drivers.contract import Health
from drivers.errors import Gone
from drivers.hall485.frame import Frame

_MOST_UNREAD = 64  # more than a person types while nobody listens; then the oldest goes


@dataclass(frozen=True, slots=True)
class Report:
    """`at`: when it came, on the context's clock; it may be read much later."""

    frame: Frame
    at: float


class Station:
    """Made by Hall485Bus.attach. Ends with the line or with `detach`, and then for good: attach again."""

    def __init__(
        self,
        address: int,
        functions: frozenset[int],
        transmit: Callable[[Frame], Awaitable[None]],
        clock: Callable[[], float],
    ) -> None:
        self.address = address
        self.functions = functions
        self._transmit = transmit
        self._clock = clock
        self._unread: deque[Report] = deque(maxlen=_MOST_UNREAD)
        self._news = asyncio.Event()
        self._over = False
        self._heard_at: float | None = None

    async def send(self, function: int, data: bytes = b"") -> None:
        """Returns when the whole frame was handed to the link. Raises Gone."""
        if self._over:
            raise self._gone()
        await self._transmit(Frame(self.address, function, data))

    async def reports(self) -> AsyncIterator[Report]:
        """Each press once, already acknowledged. Cut off it loses none. Raises Gone at the end."""
        while True:
            while self._unread:
                yield self._unread.popleft()
            if self._over:
                raise self._gone()
            self._news.clear()
            await self._news.wait()

    def health(self) -> Health:
        """The devices are silent by nature: ready while the line is up. Raises Gone when it is not."""
        if self._over:
            raise self._gone()
        if self._heard_at is None:
            return Health(state="ready", detail="not heard yet")
        return Health(state="ready", detail=f"heard {self._clock() - self._heard_at:.0f} s ago")

    @property
    def is_over(self) -> bool:
        return self._over

    def redeliver(self, report: Report) -> None:
        """Read it again, as it came: its driver now knows what it means."""
        self._unread.append(report)
        self._news.set()

    # --- for the bus

    def heard(self) -> None:
        self._heard_at = self._clock()

    def deliver(self, frame: Frame) -> None:
        self._unread.append(Report(frame, self._clock()))
        self._news.set()

    def end(self) -> None:
        self._over = True
        self._news.set()

    def _gone(self) -> Gone:
        return Gone(f"address {self.address}: the line ended")
