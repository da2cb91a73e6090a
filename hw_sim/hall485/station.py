"""One address on the line: says a thing, repeats it twice, gives up."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from random import Random

from hw_sim.clock import Clock
from hw_sim.device import Device
from hw_sim.faults import FaultWord
from hw_sim.hall485.frames import Frame, StripFrame
from hw_sim.wires.mangle import Mangler

REPEATS = 2
REPEAT_AFTER = 0.5
# Ours: without it two stations that collided once would collide at each repetition too.
SPREAD = 0.01


class Station(Device, ABC):
    """`transmit` puts bytes on the shared line; the line tells every station what is heard there."""

    troubles = frozenset(
        {
            FaultWord.SILENT,
            FaultWord.HANG,
            FaultWord.NOISE,
            FaultWord.SHORT,
            FaultWord.LONG,
            FaultWord.STUTTER,
            FaultWord.WRONG_DEVICE,
            FaultWord.BAD_CHECKSUM,
            FaultWord.UNPLUG,
            FaultWord.POWER_CUT,
        }
    )

    def __init__(self, id: str, address: int, clock: Clock, random: Random) -> None:
        super().__init__(id, clock, random)
        self.address = address
        self.transmit: Callable[[bytes], None] | None = None
        self.unanswered = 0
        self._awaited: Frame | None = None
        self._repeating: asyncio.Task[None] | None = None
        self._mangler = Mangler(self.faults, random)

    @property
    def alive(self) -> bool:
        return self.plugged and self.powered

    @abstractmethod
    def hear(self, frame: Frame) -> None:
        """A whole good frame for this address."""

    def hear_strip(self, frame: StripFrame) -> None:
        """The same of the strips' kind; stations of the other kind do not know it."""

    def overhear(self, frame: Frame) -> None:
        """A frame another station sent under the same address."""

    def forget(self) -> None:
        self._settled()

    def unplug(self) -> None:
        super().unplug()
        self._settled()

    def _report(self, frame: Frame, answer: Frame) -> None:
        """Sends now and again until `answer` comes; a new report ends the old one."""
        self._settled()
        if not self.alive:
            return
        self._awaited = answer
        self._send(frame)
        self._repeating = self._chores.spawn(self._repeat(frame))

    def _answered(self, frame: Frame) -> bool:
        if frame != self._awaited:
            return False
        self._settled()
        return True

    def _settled(self) -> None:
        self._awaited = None
        if self._repeating is not None:
            self._repeating.cancel()
            self._repeating = None

    async def _repeat(self, frame: Frame) -> None:
        for _ in range(REPEATS):
            await self.clock.sleep(REPEAT_AFTER + SPREAD * (self.address % 8))
            self._send(frame)
        await self.clock.sleep(REPEAT_AFTER)
        self._repeating = None
        self._awaited = None
        self.unanswered += 1
        self.changed.tell()

    def _send(self, frame: Frame) -> None:
        if not self.alive:
            return
        sent = frame.encode()
        if self.faults.strike(FaultWord.BAD_CHECKSUM):
            sent = sent[:-2] + bytes([sent[-2] ^ 0xFF]) + sent[-1:]
        self._say(sent)

    def _say(self, sent: bytes) -> None:
        """Spoilt as the station's own faults are; those of the whole line come on top."""
        for packet in self._mangler.deliver(sent).packets:
            if packet.wait:
                self._chores.spawn(self._say_later(packet.data, packet.wait))
            else:
                self._transmit(packet.data)

    async def _say_later(self, sent: bytes, seconds: float) -> None:
        await self.clock.sleep(seconds)
        self._transmit(sent)

    def _transmit(self, sent: bytes) -> None:
        if self.alive and self.transmit is not None:
            self.transmit(sent)
