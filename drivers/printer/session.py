"""One short conversation with a printer: open, ask, send, close."""

import asyncio
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from drivers.contract import Link
from drivers.errors import Garbled, Late
from drivers.links import keep_private
from drivers.printer.status import Condition, Message, Other, Reply, StatusStream, ask, from_replies

_ANSWER_SECONDS = 0.8
_ASK_PAPER_IN_TURN = b"\x1dr\x01"  # GS r 1: answered when everything before it was processed
_IN_TURN_ANSWERS = frozenset({0x00, 0x03, 0x0C})


class Session:
    """`async with`: the link is closed at the end, whatever happened."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._stream = StatusStream()
        self._waiting: list[Message] = []
        self._end_asked = False
        self._end_reached = False

    async def __aenter__(self) -> Self:
        if not self._link.is_open:
            await self._link.open()
        self._link.discard_input()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._link.close()

    async def send(self, data: bytes) -> None:
        """What is printed may name a person: the wire tap keeps its length only."""
        keep_private(self._link, True)
        try:
            await self._link.write(data)
        finally:
            keep_private(self._link, False)

    async def condition(self, questions: Iterable[int]) -> Condition:
        """Ask DLE EOT one by one, since an answer does not name its question. Raises Late, Garbled, Gone."""
        replies = {}
        for n in questions:
            self._waiting.clear()
            await self._link.write(ask(n))
            replies[n] = await self._reply(n)
        return from_replies(replies)

    async def ask_end(self) -> None:
        """Ask for paper in turn: a printer answers when it has processed all that was sent before."""
        self._end_asked = True
        await self._link.write(_ASK_PAPER_IN_TURN)

    async def reached_end(self, seconds: float) -> bool:
        """Whether the answer to `ask_end` came, waiting at most `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                while not self._end_reached:
                    self._absorb(await self._link.read())
        except TimeoutError:
            return False
        return True

    async def _reply(self, n: int) -> int:
        strange = 0
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                while True:
                    message = await self._next()
                    if isinstance(message, Reply):
                        return message.value
                    strange += isinstance(message, Other)
        except TimeoutError as exc:
            if strange:
                raise Garbled(f"{strange} bytes that are no status to DLE EOT {n}") from exc
            raise Late(f"no answer to DLE EOT {n}") from exc

    async def _next(self) -> Message:
        while not self._waiting:
            self._absorb(await self._link.read())
        return self._waiting.pop(0)

    def _absorb(self, data: bytes) -> None:
        for message in self._stream.feed(data):
            if self._end_asked and isinstance(message, Other) and message.value in _IN_TURN_ANSWERS:
                self._end_reached = True
            else:
                self._waiting.append(message)
