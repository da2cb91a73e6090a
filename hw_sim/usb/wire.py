"""A device on a USB plug, as a wire: what it says is cut into packets, what the host sends comes as transfers."""

from random import Random
from typing import Protocol

from hw_sim.clock import Clock
from hw_sim.faults import FaultBox, FaultWord
from hw_sim.usb.descriptors import IN, Description
from hw_sim.usb.device import UsbDevice
from hw_sim.usb.server import UsbIpServer
from hw_sim.wires import Ears, Wire


class UsbBerth(Protocol):
    """The socket on the host. `bus_id` is known while the device is there."""

    @property
    def bus_id(self) -> str: ...

    def appear(self, *, elsewhere: bool = False) -> None: ...

    def reached_by(self, link: str) -> None:
        """Where the device can be borrowed."""

    def vanish(self) -> None: ...


class BusBerth:
    """A socket without a machine around it: 1-N, and 2-N for what came back elsewhere."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._bus = 1

    @property
    def bus_id(self) -> str:
        return f"{self._bus}-{self._port}"

    def appear(self, *, elsewhere: bool = False) -> None:
        self._bus = 2 if elsewhere else 1

    def reached_by(self, link: str) -> None: ...

    def vanish(self) -> None: ...


class UsbWire(Wire):
    """One IN and one OUT pipe. `padded`: the last packet of an answer is filled up with zeros.

    Fault `stall` halts the IN pipe in the place of an answer.
    """

    troubles = frozenset({FaultWord.STALL})

    def __init__(
        self,
        server: UsbIpServer,
        berth: UsbBerth,
        description: Description,
        clock: Clock,
        faults: FaultBox,
        random: Random,
        *,
        padded: bool = False,
    ) -> None:
        super().__init__(clock, faults, random)
        self._server = server
        self._berth = berth
        self._faults = faults
        self._description = description
        self._padded = padded
        self._device: UsbDevice | None = None
        pipes = [endpoint for face in description.interfaces for endpoint in face.endpoints]
        self._pipes_in = [pipe for pipe in pipes if pipe.address & IN]

    @property
    def link(self) -> str:
        return self._server.link(self._berth.bus_id)

    @property
    def connected(self) -> bool:
        return self._server.host_of(self._berth.bus_id)

    async def open(self, ears: Ears) -> None:
        await self._server.start()
        await super().open(ears)

    async def close(self) -> None:
        await super().close()
        await self._server.stop()

    def set_baud(self, baud: int) -> None:
        """There is no speed to change."""

    def plug(self, *, elsewhere: bool = False) -> None:
        if self.plugged:
            return
        device = UsbDevice(self._description, self._transfer, self._joined, lambda: self._left(device))
        self._device, self.plugged = device, True
        self._berth.appear(elsewhere=elsewhere)
        self._server.plug(self._berth.bus_id, device)
        self._berth.reached_by(self.link)

    def unplug(self) -> None:
        if not self.plugged:
            return
        self.plugged, self._device = False, None
        self._server.unplug(self._berth.bus_id)
        self._berth.vanish()
        self._forget()
        if self._ears is not None:
            self._ears.left()

    async def _write(self, data: bytes) -> None:
        if self._device is not None:
            self._answer(self._device, data)

    def _answer(self, device: UsbDevice, data: bytes) -> None:
        self._put(device, 0, data)

    def _put(self, device: UsbDevice, pipe: int, data: bytes) -> None:
        """Packets into the device's first, second, … IN pipe."""
        endpoint = self._pipes_in[pipe]
        if self._faults.strike(FaultWord.STALL):
            device.stall(endpoint.address)
            return
        for start in range(0, len(data), endpoint.packet):
            packet = data[start : start + endpoint.packet]
            device.send(endpoint.address, packet.ljust(endpoint.packet, b"\0") if self._padded else packet)

    def _transfer(self, endpoint: int, data: bytes) -> None:
        self._hear(data)

    def _joined(self) -> None:
        if self._ears is not None:
            self._ears.joined()

    def _left(self, device: UsbDevice) -> None:
        if device is self._device and self._ears is not None:
            self._ears.left()
