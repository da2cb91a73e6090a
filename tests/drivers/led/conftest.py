"""A scripted card on 127.0.0.1: whole frames in, prepared bytes out. Written from the vectors, not from any code."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from drivers.contract import Context
from drivers.glyphs import FontFiles, Glyphs, find_fonts
from drivers.led.onbon6e import Onbon6E, Onbon6EConfig
from drivers.links import make_link

GOLDEN = Path(__file__).parent / "golden"


def frames(kind: str, family: str = "onbon_f0") -> dict[str, bytes]:
    vectors = json.loads((GOLDEN / f"{family}.json").read_text("utf-8"))
    return {vector["id"]: bytes.fromhex(vector["hex"]) for vector in vectors[kind]}


ACK = frames("vectors")["e_ack"]


class Card:
    """Answers each request with the next prepared answer; `ack` when none is left. None = silence."""

    def __init__(self, ack: bytes = ACK) -> None:
        self._ack = ack
        self.requests: list[bytes] = []
        self.answers: list[bytes | None] = []
        self.port = 0
        self._arrived = asyncio.Condition()
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        try:
            while True:
                request = await reader.readuntil(b"\x5a")
                async with self._arrived:
                    self.requests.append(request)
                    self._arrived.notify_all()
                answer = self.answers.pop(0) if self.answers else self._ack
                if answer is not None:
                    writer.write(answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def received(self, count: int) -> None:
        async with asyncio.timeout(30), self._arrived:
            await self._arrived.wait_for(lambda: len(self.requests) >= count)

    def unplug(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def stop(self) -> None:
        assert self._server is not None
        self.unplug()
        self._server.close()
        await self._server.wait_closed()


@pytest.fixture(scope="session")
def fonts() -> FontFiles:
    return find_fonts()


@pytest.fixture(scope="session")
def glyphs(fonts: FontFiles) -> Glyphs:
    return Glyphs(fonts)


@pytest.fixture
async def card() -> AsyncIterator[Card]:
    card = Card()
    await card.start()
    yield card
    await card.stop()


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
async def panel(card: Card, fonts: FontFiles, slept: list[float]) -> AsyncIterator[Callable[..., Onbon6E]]:
    made: list[Onbon6E] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    def make(**config: object) -> Onbon6E:
        loop = asyncio.get_running_loop()
        ctx = Context(
            clock=loop.time,
            random=random.Random(1),
            note=lambda *_, **__: None,
            extra={"fonts": fonts, "sleep": sleep},
        )
        settings = Onbon6EConfig(**{"width": 192, "height": 64, "reply_timeout": 0.2, **config})
        made.append(Onbon6E(settings, make_link(f"tcp://127.0.0.1:{card.port}", ctx), ctx))
        return made[-1]

    yield make
    for device in made:
        await device.close()
