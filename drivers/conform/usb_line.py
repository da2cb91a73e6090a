"""The kit's line in the place of a USB cable: packets as a driver's own carrier cuts them, without libusb's threads."""

import asyncio
from collections.abc import Callable

from drivers.conform.line import Line
from drivers.contract import Context
from drivers.links.stream import Wire
from drivers.links.usb import UsbLink, Wanted
from drivers.links.usb_pipes import Carrier, Shape


class LineUsbLink(UsbLink):
    """One pair of pipes, pipe 0 each way."""

    def __init__(self, ctx: Context, line: Line, shape: Shape) -> None:
        super().__init__("usb:line", ctx, lambda: None, Wanted())
        self._line, self._shape = line, shape

    async def _connect(self, new_wire: Callable[[], Wire]) -> Wire:
        packets = await self._line.connect(lambda: _Packets(self.new_carrier(self._shape), self._shape, new_wire()))
        return packets.wire


class _Packets(asyncio.Protocol):
    def __init__(self, carrier: Carrier, shape: Shape, wire: Wire) -> None:
        self._carrier, self._size, self.wire = carrier, shape.packet, wire

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.wire.connection_made(_Outgoing(transport, self._carrier))

    def data_received(self, data: bytes) -> None:
        for at in range(0, len(data), self._size):
            if taken := self._carrier.incoming(0, data[at : at + self._size]):
                self.wire.data_received(taken)

    def connection_lost(self, exc: Exception | None) -> None:
        self.wire.connection_lost(exc)

    def pause_writing(self) -> None:
        self.wire.pause_writing()

    def resume_writing(self) -> None:
        self.wire.resume_writing()


class _Outgoing(asyncio.Transport):
    def __init__(self, line: asyncio.Transport, carrier: Carrier) -> None:
        super().__init__()
        self._line, self._carrier = line, carrier

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._line.write(b"".join(packet for _, packet in self._carrier.outgoing(bytes(data))))

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """A write is over when the device has it."""

    def is_closing(self) -> bool:
        return self._line.is_closing()

    def abort(self) -> None:
        self._line.abort()

    def pause_reading(self) -> None:
        self._line.pause_reading()

    def resume_reading(self) -> None:
        self._line.resume_reading()

    close = abort
