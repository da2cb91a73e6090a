"""A scripted printer on 127.0.0.1, written from ticket_printer.md: answers DLE EOT at once, GS r in turn."""

import asyncio
import random
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from drivers.contract import Context
from drivers.glyphs import FontFiles, Glyphs, find_fonts
from drivers.links import make_link
from drivers.printer.escpos import EscPosConfig, EscPosPrinter

_ASKED = re.compile(rb"(.*?)(\x10\x04[\x01-\x04]|\Z)", re.DOTALL)
FINE = {1: 0x12, 2: 0x12, 3: 0x12, 4: 0x12}


class PeerPrinter:
    """`status`: answers to DLE EOT by n (a missing one = silence), `once`: said instead the next time.

    `after`: replaces `status` once a ticket came.

    `in_turn`: the answer to GS r 1, `in_turn_after` once a ticket came; None = silence.
    """

    def __init__(self) -> None:
        self.status = dict(FINE)
        self.once: dict[int, int] = {}
        self.after: dict[int, int] | None = None
        self.in_turn: bytes | None = b"\x00"
        self.in_turn_after: bytes | None = b"\x00"
        self.before_answer = b""
        self.drop_after: int | None = None
        self.printed = bytearray()
        self.asked: list[int] = []
        self.sessions = 0
        self.open_now = 0
        self.ticket_begun = asyncio.Event()
        self.idle = asyncio.Event()
        self.port = 0
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        for writer in self._writers:
            writer.transport.abort()
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        self.sessions += 1
        self.open_now += 1
        self.idle.clear()
        try:
            while data := await reader.read(65536):
                if not self._take(data, writer):
                    writer.transport.abort()
                    break
        except ConnectionError:
            pass
        finally:
            self.open_now -= 1
            self.idle.set()
            writer.close()

    def _take(self, data: bytes, writer: asyncio.StreamWriter) -> bool:
        """Questions are answered at once, wherever they stand in the data; the rest is the ticket."""
        for ticket, question in _ASKED.findall(data):
            if ticket and not self._print(ticket, writer):
                return False
            if question:
                self._answer(question[2], writer)
        return True

    def _print(self, data: bytes, writer: asyncio.StreamWriter) -> bool:
        questions = data.count(b"\x1dr\x01")
        paper = data.replace(b"\x1dr\x01", b"")
        self.printed += paper
        if paper:
            self.ticket_begun.set()
            self.in_turn = self.in_turn_after
            if self.after is not None:
                self.status = self.after
        if self.drop_after is not None and len(self.printed) >= self.drop_after:
            return False
        for _ in range(questions):
            writer.write(self.in_turn or b"")
        return True

    def _answer(self, n: int, writer: asyncio.StreamWriter) -> None:
        self.asked.append(n)
        if n in self.status:
            value = self.once.pop(n, self.status[n])
            writer.write(self.before_answer + bytes((value,)))


@pytest.fixture(scope="session")
def fonts() -> FontFiles:
    return find_fonts()


@pytest.fixture(scope="session")
def glyphs(fonts: FontFiles) -> Glyphs:
    return Glyphs(fonts)


@pytest.fixture
async def peer() -> AsyncIterator[PeerPrinter]:
    peer = PeerPrinter()
    await peer.start()
    yield peer
    await peer.stop()


@pytest.fixture
def notes() -> list[tuple[str, dict[str, object]]]:
    return []


@pytest.fixture
async def printer(
    peer: PeerPrinter, fonts: FontFiles, tmp_path: Path, notes: list[tuple[str, dict[str, object]]]
) -> AsyncIterator[Callable[..., EscPosPrinter]]:
    made: list[EscPosPrinter] = []

    def make(**config: object) -> EscPosPrinter:
        loop = asyncio.get_running_loop()
        ctx = Context(
            clock=loop.time,
            random=random.Random(1),
            note=lambda name, **values: notes.append((name, values)),
            extra={"fonts": fonts},
            grace=0.5,
            runtime=str(tmp_path),
        )
        settings = EscPosConfig(**{"timeout": 0.3, **config})
        made.append(EscPosPrinter(settings, make_link(f"tcp://127.0.0.1:{peer.port}", ctx), ctx))
        return made[-1]

    yield make
    for device in made:
        await device.close()
