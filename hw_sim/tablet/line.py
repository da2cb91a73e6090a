"""The tablet's WebSocket: one question at a time goes out, messages come in, troubles spoil what goes out."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from random import Random
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from hw_sim.clock import Clock
from hw_sim.faults import FaultBox
from hw_sim.tablet.messages import Answer, Malformed, Request, read_message
from hw_sim.wires.mangle import Delivery, Mangler

OPEN_SECONDS: Final = 5.0
CLOSE_SECONDS: Final = 1.0
ANSWER_SECONDS: Final = 5.0
_MOST: Final = 1 << 16


class NoLine(Exception):
    """Not reached, or the connection is gone. Without a text: the tablet hung up."""


class Line:
    """One connection. `asked(request)` is called with what the other side wants and returns what is answered.

    One request is under way at a time: an answer is taken for what was asked last.
    """

    def __init__(
        self,
        url: str,
        trust: ssl.SSLContext | None,
        clock: Clock,
        faults: FaultBox,
        random: Random,
        asked: Callable[[Request], Answer | None],
    ) -> None:
        self._url = url
        self._trust = trust
        self._clock = clock
        self._mangler = Mangler(faults, random)
        self._asked = asked
        self._answers: asyncio.Queue[Answer] = asyncio.Queue()
        self._turn = asyncio.Lock()
        self._to_say: asyncio.Queue[str] = asyncio.Queue()
        self._socket: ClientConnection | None = None
        self.misheard = ""

    async def run(self, session: Callable[[], Awaitable[None]]) -> None:
        """Dial, then serve until the line ends; `session` runs beside it. Raises NoLine."""
        async with AsyncExitStack() as stack:
            try:
                socket = connect(
                    self._url,
                    ssl=self._trust,
                    proxy=None,
                    open_timeout=OPEN_SECONDS,
                    close_timeout=CLOSE_SECONDS,
                    ping_interval=None,
                    max_size=_MOST,
                )
                self._socket = await stack.enter_async_context(socket)
            except (OSError, TimeoutError, InvalidURI, InvalidHandshake, ConnectionClosed) as wrong:
                raise NoLine(f"{type(wrong).__name__}: {wrong}") from wrong
            try:
                await _first_end(self._listen(self._socket), self._talk(self._socket), self._session(session))
            finally:
                self._socket = None

    async def ask(self, request: Request, seconds: float = ANSWER_SECONDS) -> Answer:
        """Raises TimeoutError."""
        async with self._turn:
            while not self._answers.empty():
                self._answers.get_nowait()
            self._to_say.put_nowait(request.encode())
            return await _within(self._answers.get(), seconds, self._clock)

    def abort(self) -> None:
        """As when the cable is pulled: no farewell."""
        if self._socket is not None:
            self._socket.transport.abort()

    async def _session(self, session: Callable[[], Awaitable[None]]) -> None:
        await session()
        raise NoLine

    async def _listen(self, socket: ClientConnection) -> None:
        try:
            async for text in socket:
                try:
                    message = read_message(text)
                except Malformed as wrong:
                    self.misheard = str(wrong)
                    continue
                if isinstance(message, Answer):
                    self._answers.put_nowait(message)
                elif (answer := self._asked(message)) is not None:
                    self._to_say.put_nowait(answer.encode())
        except ConnectionClosed as gone:
            raise NoLine(f"closed: {gone}") from gone
        raise NoLine("closed by the other side")

    async def _talk(self, socket: ClientConnection) -> None:
        try:
            while True:
                text = await self._to_say.get()
                await self._deliver(socket, self._mangler.deliver(text.encode()))
        except ConnectionClosed as gone:
            raise NoLine(f"closed: {gone}") from gone

    async def _deliver(self, socket: ClientConnection, delivery: Delivery) -> None:
        """Several packets are fragments of one message, as they are on any other wire."""
        match delivery.packets:
            case ():
                pass
            case (packet,) if not delivery.dropped:
                if packet.wait:
                    await self._clock.sleep(packet.wait)
                await socket.send(_text(packet.data))
            case packets if not delivery.dropped:

                async def fragments() -> AsyncIterator[str]:
                    for packet in packets:
                        if packet.wait:
                            await self._clock.sleep(packet.wait)
                        yield _text(packet.data)

                await socket.send(fragments())
        if delivery.dropped:
            await self._half(socket, delivery.packets[0].data)

    async def _half(self, socket: ClientConnection, data: bytes) -> None:
        """Breaks in the middle of a message: its first fragment goes out, its end never."""

        async def fragments() -> AsyncIterator[str]:
            yield _text(data)
            socket.transport.abort()
            raise NoLine("dropped")

        await socket.send(fragments())


async def _first_end(*works: Coroutine[Any, Any, None]) -> None:
    """What the first of them ends with, once all have ended.

    No TaskGroup: whoever dials again after its failure would not hear that it was cancelled meanwhile.
    """
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in sorted(done, key=tasks.index):
        task.result()


def _text(data: bytes) -> str:
    """A text message must be UTF-8, also one that noise or a cut ruined."""
    return data.decode("utf-8", errors="replace")


async def _within(work: Awaitable[Answer], seconds: float, clock: Clock) -> Answer:
    """Raises TimeoutError after `seconds` of `clock`."""
    waiting = asyncio.ensure_future(work)
    timer = asyncio.ensure_future(clock.sleep(seconds))
    try:
        await asyncio.wait({waiting, timer}, return_when=asyncio.FIRST_COMPLETED)
        if waiting.done():
            return waiting.result()
        raise TimeoutError
    finally:
        waiting.cancel()
        timer.cancel()
