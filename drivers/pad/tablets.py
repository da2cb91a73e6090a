"""Where tablet pads dial in: one listener for all of a site (rating_pad.md section 3, docs/decisions/0253)."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar
from weakref import WeakSet

from pydantic import BaseModel, ConfigDict, Field, model_validator
from websockets.asyncio.server import Server, ServerConnection, serve

from drivers.contract import Context, Event, Health, Identity, Info, Kind
from drivers.errors import Absent, BadConfig, Busy, Gone
from drivers.links.listen import ListenLink
from drivers.pad.session import Place, Session

_LONGEST_MESSAGE = 16 * 1024
_HANDSHAKE_SECONDS = 5.0
_MOST_STRANGERS = 8  # of one address that have not logged in: they must not take the places of the others
_LOG = logging.getLogger("hall.pad.websocket")
_LOG.setLevel(logging.INFO)  # below that the library writes whole messages, and Login has the token


class TabletsConfig(BaseModel):
    """`certificate`, `key`: PEM files (under the runtime folder unless absolute); both or none.

    `login_seconds`: a connection without Login is ended. `ping_seconds`: how often a silent pad is tried.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    certificate: str = ""
    key: str = ""
    login_seconds: float = Field(default=60.0, gt=0, le=3600)
    ping_seconds: float = Field(default=20.0, gt=0, le=600)
    most: int = Field(default=64, ge=1, le=1000)

    @model_validator(mode="after")
    def _both_or_none(self) -> "TabletsConfig":
        if bool(self.certificate) != bool(self.key):
            raise ValueError("certificate and key go together")
        return self


class Tablets:
    """The bus of `pad.tablet` stations. Owns the listening link; each pad is a session of its own."""

    info: ClassVar[Info] = Info(kind=Kind.BUS, maker="WebSocket", models=("tablets",), links=("ws",))
    Config: ClassVar[type[BaseModel]] = TabletsConfig

    def __init__(self, config: TabletsConfig, link: ListenLink, ctx: Context) -> None:
        self._config, self._link, self._ctx = config, link, ctx
        self._places: dict[str, Place] = {}
        self._server: Server | None = None
        self._over = asyncio.Event()
        self._opening = asyncio.Lock()
        self._sessions: dict[str, set[Session]] = {}  # by address
        self._made: WeakSet[ServerConnection] = WeakSet()

    async def open(self) -> Identity:
        """Raises BadConfig for a certificate that cannot be used, Busy when another program listens there."""
        async with self._opening:
            if self._server is None:
                secret = await asyncio.to_thread(self._secured)
                await self._link.open()
                self._over = asyncio.Event()
                self._server = await serve(
                    self._meet,
                    sock=self._link.sock,
                    ssl=secret,
                    max_size=_LONGEST_MESSAGE,
                    open_timeout=_HANDSHAKE_SECONDS,
                    close_timeout=self._ctx.grace,
                    ping_interval=self._config.ping_seconds,
                    ping_timeout=self._config.ping_seconds,
                    logger=_LOG,
                    create_connection=self._connection,  # type: ignore[arg-type]  # any factory will do
                    start_serving=False,
                )
                await self._server.start_serving()
        return Identity(maker=self.info.maker, model="tablets")

    async def check(self) -> Health:
        if self._server is None or not self._link.is_open:
            raise Gone(f"{self._link.name}: nobody listens")
        return Health(state="ready", detail=f"{self._connected} connected")

    async def close(self) -> None:
        server, self._server = self._server, None
        self._over.set()
        if server is not None:
            server.close()
            try:
                async with asyncio.timeout(self._ctx.grace / 2):
                    await server.wait_closed()
            except TimeoutError:
                self._ctx.note("pad.slow_to_close", link=self._link.name)
                await self._cut_off(server)
        await self._link.close()

    async def _cut_off(self, server: Server) -> None:
        """Pads that do not say good-bye, or never said good day."""
        for connection in tuple(self._made):
            connection.transport.abort()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._ctx.grace / 4):
                await server.wait_closed()

    async def events(self) -> AsyncIterator[Event]:
        """None of its own: stations speak for themselves. Raises Gone at the end."""
        await self.ended()
        raise Gone(f"{self._link.name}: closed")
        yield  # makes this an iterator

    async def ended(self) -> None:
        await self._over.wait()

    @property
    def is_open(self) -> bool:
        return self._server is not None

    def attach(self, place: Place) -> None:
        """Raises Absent while nobody listens, Busy when the window has a pad station already."""
        if self._server is None:
            raise Absent(f"{self._link.name}: nobody listens")
        if self._places.setdefault(place.window, place) is not place:
            raise Busy(f"another pad for window {place.window}")

    def detach(self, place: Place) -> None:
        if self._places.get(place.window) is place:
            del self._places[place.window]

    def _connection(self, *args: Any, **more: Any) -> ServerConnection:
        """The library forgets those whose opening is under way."""
        made = ServerConnection(*args, **more)
        self._made.add(made)
        return made

    async def _meet(self, connection: ServerConnection) -> None:
        address = str((connection.remote_address or ("",))[0])
        strangers = sum(not session.logged_in for session in self._sessions.get(address, ()))
        if self._connected >= self._config.most or strangers >= _MOST_STRANGERS:
            await connection.close(1013, "too many")
            return
        session = Session(connection, lambda: list(self._places.values()), self._link.tap, self._ctx.note)
        here = self._sessions.setdefault(address, set())
        here.add(session)
        try:
            await session.run(self._config.login_seconds)
        finally:
            here.discard(session)
            if not here:
                self._sessions.pop(address, None)

    @property
    def _connected(self) -> int:
        return sum(len(here) for here in self._sessions.values())

    def _secured(self) -> ssl.SSLContext | None:
        if not self._config.certificate:
            return None
        folder = Path(self._ctx.runtime)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.load_cert_chain(folder / self._config.certificate, folder / self._config.key)
        except OSError as problem:  # ssl.SSLError is one
            raise BadConfig(f"certificate or key cannot be used: {problem.strerror or problem}") from problem
        return context
