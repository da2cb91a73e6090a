"""One address on the line, as its driver sees it."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from drivers.contract import Health
from drivers.errors import Gone, Late
from drivers.hall485.frame import Frame
from drivers.hall485.functions import ANSWER_ROOM, REPLY
from drivers.hall485.transmitter import Transmitter

_MOST_UNREAD = 64  # more than a person types while nobody listens; then the oldest goes


@dataclass(frozen=True, slots=True)
class Report:
    """`at`: when it came, on the context's clock; it may be read much later."""

    frame: Frame
    at: float


class Station:
    """Made by Hall485Bus.attach. Ends with the line or with `detach`, and then for good: attach again.

    `replies`: functions that answer questions of ours; they are not reports and are not acknowledged.
    """

    def __init__(
        self,
        address: int,
        functions: frozenset[int],
        transmitter: Transmitter,
        clock: Callable[[], float],
        replies: frozenset[int] = frozenset(),
    ) -> None:
        self.address = address
        self.functions = functions
        self.replies = replies
        self._transmitter = transmitter
        self._answers: dict[int, asyncio.Future[bytes]] = {}
        self._clock = clock
        self._unread: deque[Report] = deque(maxlen=_MOST_UNREAD)
        self._news = asyncio.Event()
        self._over = False
        self._heard_at: float | None = None

    async def send(self, function: int, data: bytes = b"") -> None:
        """Returns when the whole frame was handed to the link. Raises Gone."""
        await self._send(function, data)

    def post(self, function: int, data: bytes) -> None:
        """For what nobody waits for: sent when the line has room, and not at all when something newer comes first.

        Raises Gone.
        """
        if self._over:
            raise self._gone()
        self._transmitter.post((self.address, function), Frame(self.address, function, data))

    async def ask(self, function: int, data: bytes, seconds: float) -> bytes:
        """Data of the answer, function plus 80 hex. Raises Late, Gone."""
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._answers[function | REPLY] = answer
        try:
            await self._send(function, data, ANSWER_ROOM)
            async with asyncio.timeout(seconds):
                return await answer
        except TimeoutError:
            raise Late(f"address {self.address}: no answer to function {function:02X}") from None
        finally:
            if self._answers.get(function | REPLY) is answer:
                del self._answers[function | REPLY]

    async def settled(self, enough: Callable[[], bool]) -> bool:
        """Whether no device can still be waiting to be heard since the line was opened (Transmitter.settled)."""
        return await self._transmitter.settled(enough)

    async def _send(self, function: int, data: bytes, answer_room: float = 0.0) -> None:
        if self._over:
            raise self._gone()
        self._transmitter.forget((self.address, function))
        await self._transmitter.send(Frame(self.address, function, data), answer_room)

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

    @property
    def heard_at(self) -> float | None:
        return self._heard_at

    # --- for the bus

    def heard(self) -> None:
        self._heard_at = self._clock()

    def deliver(self, frame: Frame) -> None:
        self._unread.append(Report(frame, self._clock()))
        self._news.set()

    def deliver_answer(self, frame: Frame) -> None:
        answer = self._answers.get(frame.function)
        if answer is not None and not answer.done():
            answer.set_result(frame.data)

    def end(self) -> None:
        self._over = True
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(self._gone())
        self._news.set()

    def _gone(self) -> Gone:
        return Gone(f"address {self.address}: the line ended")
