"""TCP: network devices and serial servers."""

import asyncio
import socket
from collections.abc import Callable

from drivers.contract import Context
from drivers.links.stream import StreamLink, Wire

# A peer without power says nothing: ask after 5 s of silence, every 3 s, and give up after 3 questions.
_KEEPALIVE = ((socket.TCP_KEEPIDLE, 5), (socket.TCP_KEEPINTVL, 3), (socket.TCP_KEEPCNT, 3))
_UNSENT_MILLISECONDS = 10_000


class TcpLink(StreamLink):
    """`timeout` seconds for the connection only."""

    def __init__(self, name: str, ctx: Context, host: str, port: int, timeout: float) -> None:
        super().__init__(name, ctx)
        self._host = host
        self._port = port
        self._timeout = timeout

    async def _connect(self, new_wire: Callable[[], Wire]) -> Wire:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self._timeout):
            transport, wire = await loop.create_connection(new_wire, self._host, self._port)
        peer = transport.get_extra_info("socket")
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in _KEEPALIVE:
            peer.setsockopt(socket.IPPROTO_TCP, option, value)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNSENT_MILLISECONDS)
        return wire
