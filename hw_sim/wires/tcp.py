"""A device with a network plug: one client at a time, the next one waits in the backlog."""

import asyncio
import contextlib
import socket
import struct
from random import Random

from hw_sim.clock import Clock
from hw_sim.faults import FaultBox
from hw_sim.loopback import HOST, listener
from hw_sim.wires.wire import Wire

_READ = 65536
_ABORT = struct.pack("ii", 1, 0)  # SO_LINGER zero: the peer sees a reset


class TcpWire(Wire):
    """`port` 0: a free one, kept over unplugging. `idle`: seconds until a silent client is closed; None: never."""

    def __init__(
        self,
        clock: Clock,
        faults: FaultBox,
        random: Random,
        *,
        port: int = 0,
        idle: float | None = None,
        baud: int | None = None,
    ) -> None:
        super().__init__(clock, faults, random, baud)
        self._port = self._now_at = port
        self._idle = idle
        self._listener: socket.socket | None = None
        self._client: socket.socket | None = None
        self._last = 0.0
        self._accepting: asyncio.Task[None] | None = None

    @property
    def link(self) -> str:
        return f"tcp://{HOST}:{self._now_at}"

    @property
    def connected(self) -> bool:
        return self._client is not None

    def plug(self, *, elsewhere: bool = False) -> None:
        if self.plugged:
            return
        plug = listener(0 if elsewhere else self._port)
        self._now_at = plug.getsockname()[1]
        if not elsewhere:
            self._port = self._now_at
        self._listener = plug
        self._accepting = asyncio.create_task(self._accept(plug))
        self.plugged = True

    def unplug(self) -> None:
        if not self.plugged:
            return
        self.plugged = False
        if self._accepting is not None:
            self._accepting.cancel()
            self._accepting = None
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        if self._client is not None:
            self._abort(self._client)
            self._gone()

    def hang_up(self) -> None:
        if self._client is not None:
            _shut(self._client)

    async def close(self) -> None:
        accepting = self._accepting
        await super().close()
        if accepting is not None:
            await asyncio.gather(accepting, return_exceptions=True)

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            client, _ = await loop.sock_accept(listener)
            client.setblocking(False)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._client, self._last = client, self.clock.now()
            if self._ears is not None:
                self._ears.joined()
            idle = asyncio.create_task(self._close_when_idle(client))
            try:
                await self._read(client)
            finally:
                idle.cancel()
                client.close()
                if self._client is client:
                    self._gone()

    async def _read(self, client: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError):
            while data := await loop.sock_recv(client, _READ):
                self._last = self.clock.now()
                self._arrived(data)

    def _gone(self) -> None:
        self._client = None
        self._forget()
        if self._ears is not None:
            self._ears.left()

    async def _close_when_idle(self, client: socket.socket) -> None:
        if self._idle is None:
            return
        while (left := self._last + self._idle - self.clock.now()) > 0:
            await self.clock.sleep(left)
        _shut(client)

    async def _write(self, data: bytes) -> None:
        client = self._client
        if client is None:
            return
        with contextlib.suppress(OSError):  # the client has gone: its reader sees it and cleans up
            await asyncio.get_running_loop().sock_sendall(client, data)

    def _abort(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
        _shut(client)


def _shut(client: socket.socket) -> None:
    """Not closed here: a read is pending on it, which ends now and closes it."""
    with contextlib.suppress(OSError):
        client.shutdown(socket.SHUT_RDWR)
