"""A device on a wire of its own."""

from random import Random

from hw_sim.clock import Clock
from hw_sim.device import Device
from hw_sim.faults import FaultBox, FaultWord
from hw_sim.wires import Wire


class WiredDevice(Device):
    """Plug, power and name of the port act on the wire. `faults` is shared with it, so both see the same strikes."""

    def __init__(self, id: str, wire: Wire, faults: FaultBox, clock: Clock, random: Random) -> None:
        super().__init__(id, clock, random)
        self.faults = faults
        self.wire = wire
        self.troubles = self.troubles | wire.troubles

    @property
    def link(self) -> str:
        return self.wire.link

    async def start(self) -> None:
        await self.wire.open(self)

    async def stop(self) -> None:
        await super().stop()
        await self.wire.close()

    def heard(self, data: bytes) -> None: ...

    def joined(self) -> None:
        self.changed.tell()

    def left(self) -> None:
        self.changed.tell()

    def plug(self) -> None:
        super().plug()
        self.come()

    def unplug(self) -> None:
        super().unplug()
        self.wire.unplug()

    def power(self, on: bool) -> None:
        super().power(on)
        if not on or self.plugged:
            self.wire.power(on, elsewhere=FaultWord.ELSEWHERE in self.faults)

    def come(self) -> None:
        """Appears on the machine, unless a hand holds the cable or it needs power and has none."""
        if self.plugged and (self.powered or self.wire.stays):
            self.wire.plug(elsewhere=FaultWord.ELSEWHERE in self.faults)

    def _move(self) -> None:
        self.wire.unplug()
        self.come()
