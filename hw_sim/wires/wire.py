"""What every wire does: paces both directions, spoils answers, can be pulled out and put in again."""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from random import Random
from typing import Protocol

from hw_sim.clock import Clock
from hw_sim.faults import FaultBox, FaultWord
from hw_sim.wires.mangle import Mangler

BITS_A_BYTE = 10  # start, eight data, stop
PACE_STEP = 0.005  # seconds; bytes go over in steps of about this


class Ears(Protocol):
    """The device behind the wire."""

    def heard(self, data: bytes) -> None: ...

    def joined(self) -> None:
        """A host connected (TCP only; a serial line cannot know)."""

    def left(self) -> None:
        """The connection is gone."""


class Wire(ABC):
    """`baud` None: as fast as it goes. Bytes sent while nobody listens are lost, as on a real line.

    `troubles`: what only this kind of wire can suffer.
    """

    troubles: frozenset[FaultWord] = frozenset()

    def __init__(self, clock: Clock, faults: FaultBox, random: Random, baud: int | None = None) -> None:
        self.clock = clock
        self.baud = baud
        self.plugged = False
        self.stays = False  # the port does not go away with the device's power
        # Set on a line with one pair for both directions: called when the host talks into the device's bytes.
        self.on_clash: Callable[[], None] | None = None
        self.on_answer: Callable[[], None] | None = None  # called before the first byte of each answer
        self._random = random
        self._mangler = Mangler(faults, random)
        self._outbox: deque[tuple[bytes, Callable[[], None] | None]] = deque()
        self._going = bytearray()
        self._coming = bytearray()
        self._to_say = asyncio.Event()
        self._to_hear = asyncio.Event()
        self._ears: Ears | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    @abstractmethod
    def link(self) -> str:
        """The URL a site file names this wire by."""

    @property
    def talking(self) -> bool:
        """Bytes of the device are on the line at this moment."""
        return bool(self._going or self._outbox)

    @property
    def hearing(self) -> bool:
        """Bytes of the host are on the line at this moment."""
        return bool(self._coming)

    async def open(self, ears: Ears) -> None:
        self._ears = ears
        self.plug()
        self._tasks = [asyncio.create_task(self._talk()), asyncio.create_task(self._listen())]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        self.unplug()

    @abstractmethod
    def plug(self, *, elsewhere: bool = False) -> None:
        """Appears on the machine again; `elsewhere`: under another name."""

    @abstractmethod
    def unplug(self) -> None: ...

    def power(self, on: bool, *, elsewhere: bool = False) -> None:
        """The device behind the wire lost its power or has it again."""
        if on:
            self.plug(elsewhere=elsewhere)
        else:
            self.unplug()

    def hang_up(self) -> None:
        """The connection breaks; the device can be reached again at once."""
        self.unplug()
        self.plug()

    def say(self, answer: bytes, then: Callable[[], None] | None = None) -> None:
        """Queues an answer. `then` is called when its last byte is out."""
        self._outbox.append((answer, then))
        self._to_say.set()

    def set_baud(self, baud: int) -> None:
        self.baud = baud

    def jam(self, other: bytes) -> None:
        """A second station drives the line: what is on it, from either side, is ruined together with `other`."""
        self._coming[:] = self._ruined(bytes(self._coming))
        if self._outbox and not self._going:
            answer, then = self._outbox.pop()
            self._outbox.append((self._mixed(answer, other), then))
        else:
            self._going[:] = self._mixed(bytes(self._going), other)

    def _mixed(self, one: bytes, other: bytes) -> bytes:
        length = max(len(one), len(other))
        pairs = zip(one.ljust(length, b"\xff"), other.ljust(length, b"\xff"), strict=True)
        return bytes((a & b) ^ self._random.randrange(1, 256) for a, b in pairs)

    def _ruined(self, data: bytes) -> bytes:
        return bytes(byte ^ self._random.randrange(1, 256) for byte in data)

    @abstractmethod
    async def _write(self, data: bytes) -> None:
        """Puts bytes out; silently nothing when nobody is there."""

    def _arrived(self, data: bytes) -> None:
        """Called by the wire with what the host wrote, still to be paced."""
        if self.on_clash is not None and self._going:
            self._going[:] = self._ruined(bytes(self._going))
            data = self._ruined(data)
            self.on_clash()
        if self.baud is None:
            self._hear(data)
            return
        self._coming += data
        self._to_hear.set()

    def _hear(self, data: bytes) -> None:
        if self._ears is not None:
            self._ears.heard(data)

    def _forget(self) -> None:
        self._outbox.clear()
        self._going.clear()
        self._coming.clear()
        self._mangler.forget()

    def _step(self, baud: int) -> int:
        return max(1, int(baud / BITS_A_BYTE * PACE_STEP))

    async def _talk(self) -> None:
        while True:
            await self._to_say.wait()
            if not self._outbox:
                self._to_say.clear()
                continue
            answer, then = self._outbox.popleft()
            if self.on_answer is not None:
                self.on_answer()
            delivery = self._mangler.deliver(answer)
            for packet in delivery.packets:
                if packet.wait:
                    await self.clock.sleep(packet.wait)
                await self._send(packet.data)
            if delivery.dropped:
                self.hang_up()
            if then is not None:
                then()

    async def _send(self, data: bytes) -> None:
        if self.baud is None:
            await self._write(data)
            return
        self._going[:] = data
        due = self.clock.now()
        while self._going:
            count = min(self._step(self.baud), len(self._going))
            due += count * BITS_A_BYTE / self.baud
            await self.clock.sleep(due - self.clock.now())
            step = bytes(self._going[:count])
            del self._going[:count]
            await self._write(step)

    async def _listen(self) -> None:
        while True:
            await self._to_hear.wait()
            self._to_hear.clear()
            due = self.clock.now()
            while self._coming and self.baud is not None:
                count = min(self._step(self.baud), len(self._coming))
                due += count * BITS_A_BYTE / self.baud
                await self.clock.sleep(due - self.clock.now())
                step = bytes(self._coming[:count])
                del self._coming[:count]
                if step:
                    self._hear(step)
