"""How a device host reaches `halld`: by a unix socket on its machine, by mutual TLS from another one."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import urlsplit

from drivers.errors import BadConfig
from edge.devices import messages as m

DIAL_SECONDS: Final = 5.0
HANDSHAKE_SECONDS: Final = 10.0
SHUTDOWN_SECONDS: Final = 1.0
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Way(Protocol):
    """`silence`: seconds without a message after which the other side counts as gone; None: the kernel tells."""

    @property
    def silence(self) -> float | None: ...

    async def open(self) -> Streams:
        """A new connection. Raises OSError (ssl.SSLError is one)."""


@dataclass(frozen=True, slots=True)
class LocalWay:
    path: str
    silence: None = None

    async def open(self) -> Streams:
        return await asyncio.open_unix_connection(self.path, limit=m.MAX_LINE)


@dataclass(frozen=True, slots=True)
class TlsWay:
    """`context` is asked for each connection, so that a renewed certificate is used from the next one on."""

    host: str
    port: int
    name: str
    context: Callable[[], ssl.SSLContext]
    silence: float = m.LOST_AFTER_SECONDS

    async def open(self) -> Streams:
        async with asyncio.timeout(DIAL_SECONDS):
            return await asyncio.open_connection(
                self.host,
                self.port,
                limit=m.MAX_LINE,
                ssl=self.context(),
                server_hostname=self.name,
                ssl_handshake_timeout=HANDSHAKE_SECONDS,
                ssl_shutdown_timeout=SHUTDOWN_SECONDS,
            )


def address_of(url: str, scheme: str = "tls") -> tuple[str, int]:
    """`tls://hall.example:8688` -> host and port. Raises BadConfig."""
    try:
        parts = urlsplit(url)
        if parts.scheme == scheme and parts.hostname and parts.port:
            return parts.hostname, parts.port
    except ValueError as error:
        raise BadConfig(f"{url}: {error}") from error
    raise BadConfig(f"{url}: {scheme}://host:port is wanted")
