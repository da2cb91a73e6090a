"""One short conversation with a printer: open, ask, send, close."""

import asyncio
from collections import deque
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from drivers.contract import Link
from drivers.errors import Garbled, Late
from drivers.links import keep_private
from drivers.printer.status import Automatic, Condition, Other, Reply, StatusStream, ask, from_replies

ANSWER_SECONDS = 0.8
_ASK_IN_TURN = b"\x1dr\x01"  # GS r 1: answered when everything before it was processed
_IN_TURN_ANSWERS = frozenset({0x00, 0x03, 0x0C})
_ROUNDS = 3  # one byte of noise in 85 looks like the answer to GS r 1; three questions in a row are not answered by it
_DOUBTS = 3
_QUIET_SECONDS = 0.1  # answers that waited together come together, a few ms apart
_QUIET_REPLIES = 3  # or, on a line that answers slowly, as far apart as its replies; with room
_LOUDEST_SECONDS = 0.5


class Session:
    """`async with`: the link is closed at the end, whatever happened. `strange`: bytes that answer nothing."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._stream = StatusStream()
        self._replies: deque[int] = deque()
        self._in_turn = False
        self._in_turn_asked = False
        self._slowest = 0.0  # seconds of a reply in this session
        self.strange = 0
        self.automatic: Condition | None = None  # the newest the printer sent by itself

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
        """Trouble is believed when it was said twice in a row. Raises Late, Garbled, Gone."""
        asked = tuple(questions)
        seen = await self._answers(asked)
        for _ in range(_DOUBTS):
            if seen.sound:
                return seen
            before, seen = seen, await self._answers(asked)
            if seen == before:
                return seen
        return seen

    async def all_processed(self, seconds: float, *, in_doubt: bool = False) -> bool:
        """Whether the printer has worked off all that was sent, waiting at most `seconds` for the first answer.

        A printer that has answers the next questions at once; noise does not. Automatic status with a fault ends the
        wait: ask for the condition then. `in_doubt`: an earlier session may have gone without its answers. They come
        now, before ours, and each would be taken for the answer to a question that was asked later.
        """
        for turn in range(_ROUNDS):
            self._in_turn, self._in_turn_asked = False, True
            await self._link.write(_ASK_IN_TURN)
            if not await self._answered_in_turn(ANSWER_SECONDS if turn else seconds):
                return False
            if in_doubt and turn == 0 and not await self._hear_out():
                return False
        return True

    async def _hear_out(self) -> bool:
        """Whether the line fell silent: then nothing is owed any more."""
        quiet = max(_QUIET_SECONDS, _QUIET_REPLIES * self._slowest)
        until = _now() + _LOUDEST_SECONDS + 10 * self._slowest
        while _now() < until:
            try:
                async with asyncio.timeout(quiet):
                    self._absorb(await self._link.read())
            except TimeoutError:
                return True
        return False

    async def _answers(self, questions: Iterable[int]) -> Condition:
        """DLE EOT one by one, since an answer does not name its question."""
        replies = {}
        for n in questions:
            self._replies.clear()
            await self._link.write(ask(n))
            replies[n] = await self._reply(n)
        return from_replies(replies)

    async def _reply(self, n: int) -> int:
        strange, asked = self.strange, _now()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                while not self._replies:
                    self._absorb(await self._link.read())
        except TimeoutError as exc:
            if self.strange > strange:
                raise Garbled(f"{self.strange - strange} bytes that are no status to DLE EOT {n}") from exc
            raise Late(f"no answer to DLE EOT {n}") from exc
        self._slowest = max(self._slowest, _now() - asked)
        return self._replies.popleft()

    async def _answered_in_turn(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                while not self._in_turn:
                    self._absorb(await self._link.read())
                    if self.automatic is not None and self.automatic.fault is not None:
                        self.automatic = None
                        return self._in_turn
        except TimeoutError:
            return False
        return True

    def _absorb(self, data: bytes) -> None:
        for message in self._stream.feed(data):
            match message:
                case Reply(value):
                    self._replies.append(value)
                case Automatic(condition):
                    self.automatic = condition
                case Other(value) if self._in_turn_asked and value in _IN_TURN_ANSWERS:
                    self._in_turn = True
                case Other():
                    self.strange += 1


def _now() -> float:
    return asyncio.get_running_loop().time()
