"""Tablets that dial in on 127.0.0.1, written from the page; the drivers' clock is the test's."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from drivers.contract import Context
from drivers.links import make_link
from drivers.links.listen import ListenLink
from drivers.pad.tablet import Tablet, TabletConfig
from drivers.pad.tablets import Tablets, TabletsConfig

TOKEN = "t0ken-of-the-pad-at-window-"


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Pad:
    """A tablet: says things, hears things. `answers` are given to pushed requests, in order; then `ok`."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def say(self, method: str, **param: Any) -> dict[str, Any]:
        """A request, and its answer."""
        await self.connection.send(json.dumps({"method": method, "param": param}))
        return await self.hear()

    async def hear(self) -> dict[str, Any]:
        async with asyncio.timeout(30):
            return json.loads(await self.connection.recv())  # type: ignore[no-any-return]

    async def answer(self, code: str = "0", result: Any = "ok") -> None:
        await self.connection.send(json.dumps({"code": code, "result": result}))

    async def login(self, window: str = "1", token: str | None = None) -> dict[str, Any]:
        return await self.say("Login", WindowNumber=window, UserNumber="0", Token=token or TOKEN + window)

    async def closed(self) -> int | None:
        async with asyncio.timeout(30):
            await self.connection.wait_closed()
        return self.connection.close_code


Dial = Callable[..., Any]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pad_ctx(ctx: Context, clock: Clock) -> Context:
    ctx.clock = clock
    ctx.grace = 0.3
    return ctx


@pytest.fixture
def link(pad_ctx: Context) -> ListenLink:
    made = make_link("ws://127.0.0.1:0", pad_ctx)
    assert isinstance(made, ListenLink)
    return made


@pytest.fixture
async def bus(link: ListenLink, pad_ctx: Context) -> AsyncIterator[Tablets]:
    tablets = Tablets(TabletsConfig(login_seconds=1), link, pad_ctx)
    await tablets.open()
    yield tablets
    await tablets.close()


@pytest.fixture
async def tablet(bus: Tablets, pad_ctx: Context) -> AsyncIterator[Tablet]:
    station = Tablet(TabletConfig(window="1", name="1号窗口", token=TOKEN + "1", answer_timeout=10), bus, pad_ctx)
    await station.open()
    yield station
    await station.close()


@pytest.fixture
async def dial(link: ListenLink) -> AsyncIterator[Dial]:
    connections: list[ClientConnection] = []

    async def dialled(query: str = "", **options: Any) -> Pad:
        connections.append(await connect(f"ws://127.0.0.1:{link.port}/{query}", **options))
        return Pad(connections[-1])

    yield dialled
    for connection in connections:
        await connection.close()
