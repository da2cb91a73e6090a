"""Serial ports by socket: whatever the kernel calls the port in that socket today, and never the one beside it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from serialx import Parity, StopBits

from drivers.contract import Context
from drivers.errors import Absent, BadConfig, WrongDevice
from drivers.links.machine import Machine, Socket
from drivers.links.serial import SerialLink
from drivers.links.stream import Wire

_USB_ID: Final = re.compile(r"[0-9a-f]{4}:[0-9a-f]{4}")


@dataclass(frozen=True, slots=True)
class Expected:
    """What must sit in the socket: "vid:pid" and serial number; "" = anything."""

    usb_id: str = ""
    serial: str = ""

    def __post_init__(self) -> None:
        if self.usb_id and not _USB_ID.fullmatch(self.usb_id):
            raise BadConfig(f"id={self.usb_id!r}: write vendor and product as 1a86:7523")

    def look_at(self, socket: Socket) -> None:
        """Raises WrongDevice. Looking costs the device nothing: no byte is sent."""
        if self.usb_id and socket.usb_id != self.usb_id:
            raise WrongDevice(f"{socket.path} holds {socket.usb_id or 'no USB device'}, not {self.usb_id}")
        if self.serial and socket.serial != self.serial:
            raise WrongDevice(f"{socket.path} holds number {socket.serial or '(none)'}, not {self.serial}")


class SerialAtLink(SerialLink):
    """A SerialLink whose port is looked up at every open. Raises Absent: empty socket; WrongDevice: see Expected."""

    def __init__(
        self,
        name: str,
        ctx: Context,
        socket: str,
        expected: Expected,
        baud: int,
        parity: Parity = Parity.NONE,
        stop_bits: StopBits = StopBits.ONE,
    ) -> None:
        super().__init__(name, ctx, "", baud, parity, stop_bits)
        self.socket = socket
        self._machine = Machine(ctx.root)
        self._expected = expected

    async def _connect(self, new_wire: Callable[[], Wire]) -> Wire:
        found = self._look()
        self._path = str(self._machine.node(found))
        wire = await super()._connect(new_wire)
        try:
            # Between the look and the open everything may have moved, and the node may be another port's by now.
            if self._look().node != found.node:
                raise Absent(f"{self.socket} moved while it was opened")
        except (Absent, WrongDevice):
            self._wire = wire
            await self.close()
            raise
        return wire

    def _look(self) -> Socket:
        found = self._machine.find("tty", self.socket)
        self._expected.look_at(found)
        return found
