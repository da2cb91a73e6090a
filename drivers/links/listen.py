"""A place where devices dial in: pads and other clients that open the connection themselves."""

import errno
import socket
from urllib.parse import urlsplit

from drivers.contract import Context
from drivers.errors import BadConfig, Busy, Gone
from drivers.links.tap import WireTap
from drivers.links.trouble import LIBRARY_ERRORS, at_open


class ListenLink:
    """`ws://address:port`, an address of this machine. The driver that owns it speaks the protocol on `sock`.

    It carries no bytes itself: whoever serves a client records what it says in `tap`.
    """

    baud: int | None = None

    def __init__(self, name: str, ctx: Context, host: str, port: int) -> None:
        self.name = name
        self.tap = WireTap(ctx.clock)
        self._host, self._port = host, port
        self._sock: socket.socket | None = None

    @property
    def is_open(self) -> bool:
        return self._sock is not None and self._sock.fileno() >= 0

    @property
    def sock(self) -> socket.socket:
        """Bound and listening. Raises Gone when it is not open."""
        if self._sock is None or self._sock.fileno() < 0:
            raise Gone(f"{self.name}: not open")
        return self._sock

    @property
    def port(self) -> int:
        """The one in use; another than asked for when that was 0. Raises Gone when it is not open."""
        return int(self.sock.getsockname()[1])

    async def open(self) -> None:
        """Raises Busy when another program listens there, Denied for a port below 1024, Absent for no such address."""
        if self.is_open:
            return
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        try:
            self._sock = socket.create_server((self._host, self._port), family=family)
        except LIBRARY_ERRORS as problem:
            if isinstance(problem, OSError) and problem.errno == errno.EADDRINUSE:
                raise Busy("another program", f"{self.name}: another program listens there") from problem
            raise at_open(problem, self.name) from problem
        self._sock.setblocking(False)
        self.tap.opened()

    async def close(self) -> None:
        sock, self._sock = self._sock, None
        if sock is not None:
            sock.close()

    async def read(self, limit: int = 4096) -> bytes:
        raise Gone(f"{self.name}: a place to listen carries no bytes")

    async def write(self, data: bytes) -> None:
        raise Gone(f"{self.name}: a place to listen carries no bytes")

    def discard_input(self) -> bytes:
        return b""


def listening(url: str, ctx: Context) -> ListenLink:
    """Raises BadConfig."""
    parts = urlsplit(url)
    try:
        host, port = parts.hostname, parts.port
    except ValueError as problem:
        raise BadConfig(f"{url.partition('?')[0]}: {problem}") from problem
    if not host or port is None or parts.path.strip("/") or parts.query or "@" in parts.netloc:
        raise BadConfig("write ws://address:port, an address of this machine")
    return ListenLink(f"ws://{parts.netloc}", ctx, host, port)
