"""A wire inside one process: a simulator at one end, a driver's Link at the other. No sockets, so it runs in virtual
time; its pace, its faults and its one client at a time are those of the wires people use."""

import asyncio
from random import Random

from drivers.errors import Absent, Busy, Gone
from hw_sim.clock import Clock
from hw_sim.faults import FaultBox
from hw_sim.wires import Wire


class InnerWire(Wire):
    """The simulator's end. `client` is the link that is open on it."""

    def __init__(self, clock: Clock, faults: FaultBox, random: Random, baud: int | None = None) -> None:
        super().__init__(clock, faults, random, baud)
        self.client: InnerLink | None = None

    @property
    def link(self) -> str:
        return "tcp://127.0.0.1:9100"

    def plug(self, *, elsewhere: bool = False) -> None:
        self.plugged = True

    def unplug(self) -> None:
        self.plugged = False
        if self.client is not None:
            self.client.lose()
            self.left()

    def left(self) -> None:
        self.client = None
        self._forget()
        if self._ears is not None:
            self._ears.left()

    def take(self, data: bytes) -> None:
        self._arrived(data)

    async def drained(self) -> None:
        """Until the host's bytes have gone over."""
        while self._coming:
            await self.clock.sleep(0.005)

    async def _write(self, data: bytes) -> None:
        if self.client is not None:
            self.client.bring(data)


class InnerLink:
    """The driver's end."""

    baud: int | None = None

    def __init__(self, wire: InnerWire) -> None:
        self.name = wire.link
        self._wire = wire
        self._unread = bytearray()
        self._news = asyncio.Event()
        self._lost = False

    @property
    def is_open(self) -> bool:
        return self._wire.client is self

    async def open(self) -> None:
        if self.is_open:
            return
        if not self._wire.plugged:
            raise Absent("nobody there")
        if self._wire.client is not None:
            raise Busy("another client")
        self._lost = False
        self._unread.clear()
        self._wire.client = self

    async def close(self) -> None:
        """What was sent is on its way: a closed connection still delivers it."""
        if self.is_open:
            await self._wire.drained()
        if self.is_open:
            self._wire.left()

    async def read(self, limit: int = 4096) -> bytes:
        while not self._unread:
            if self._lost or not self.is_open:
                raise Gone("the other end left")
            self._news.clear()
            await self._news.wait()
        data = bytes(self._unread[:limit])
        del self._unread[:limit]
        return data

    async def write(self, data: bytes) -> None:
        if not self.is_open:
            raise Gone("the other end left")
        self._wire.take(data)
        await asyncio.sleep(0)

    def discard_input(self) -> bytes:
        data = bytes(self._unread)
        self._unread.clear()
        return data

    def bring(self, data: bytes) -> None:
        self._unread += data
        self._news.set()

    def lose(self) -> None:
        self._lost = True
        self._news.set()
