"""The endpoints of one claimed USB interface, and the threads that keep them moving."""

import asyncio
import errno
import queue
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Protocol

import usb.core
import usb.util

from drivers.errors import BadConfig
from drivers.links.stream import Wire

_READ_MILLISECONDS: Final = 200  # a thread looks so often whether it shall end
_WRITE_MILLISECONDS: Final = 1000
_HID: Final = 3
_STREAMED: Final = {usb.util.ENDPOINT_TYPE_BULK, usb.util.ENDPOINT_TYPE_INTR}
_EMPTY_READS: Final = 3  # one may end a transfer; several in a row come from a device that has left


@dataclass(frozen=True, slots=True)
class Shape:
    """What the descriptors say. `packet`: bytes of the largest packet the first OUT pipe takes."""

    ins: int
    outs: int
    packet: int
    hid: bool


class Carrier(Protocol):
    """How a protocol's bytes travel in packets, in both directions. Pipes are numbered by endpoint address, from 0."""

    def outgoing(self, data: bytes) -> list[tuple[int, bytes]]:
        """One request of the protocol as packets, each with the number of the OUT pipe it goes to, in order."""

    def incoming(self, pipe: int, packet: bytes) -> bytes:
        """What a packet from IN pipe `pipe` adds to the protocol's bytes; b'' = nothing, or nothing yet."""


class FirstPipes:
    """One pipe each way, bytes as they are; a HID device gets whole reports."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape

    def outgoing(self, data: bytes) -> list[tuple[int, bytes]]:
        return [(0, padded(data, self._shape) if self._shape.hid else data)]

    def incoming(self, pipe: int, packet: bytes) -> bytes:
        return packet if pipe == 0 else b""


def padded(data: bytes, shape: Shape) -> bytes:
    return data + bytes(-len(data) % shape.packet)


@dataclass(slots=True, eq=False)
class Pipes:
    """The device, one of its interfaces, and that interface's endpoints."""

    device: Any
    interface: Any
    ins: list[Any]
    outs: list[Any]
    _kernel_driver_sent_away: bool = False

    @property
    def shape(self) -> Shape:
        packet = self.outs[0].wMaxPacketSize or 64
        return Shape(len(self.ins), len(self.outs), packet, self.interface.bInterfaceClass == _HID)

    def claim(self) -> None:
        """Raises USBError."""
        number = self.interface.bInterfaceNumber
        try:
            if self.device.is_kernel_driver_active(number):
                self.device.detach_kernel_driver(number)
                self._kernel_driver_sent_away = True
        except NotImplementedError:
            pass  # no kernel driver can be there
        usb.util.claim_interface(self.device, number)

    def release(self) -> None:
        """Give the interface and its kernel driver back. Never raises."""
        number = self.interface.bInterfaceNumber
        with suppress(usb.core.USBError):
            usb.util.release_interface(self.device, number)
        if self._kernel_driver_sent_away:
            with suppress(usb.core.USBError, NotImplementedError):
                self.device.attach_kernel_driver(number)
        with suppress(usb.core.USBError):
            usb.util.dispose_resources(self.device)


def choose_pipes(device: Any, ins: tuple[int, ...] = (), outs: tuple[int, ...] = ()) -> Pipes:
    """The first interface with the wanted endpoints, by default one with a way in and a way out.

    Raises BadConfig when there is none, USBError.
    """
    for interface in _configuration(device):
        if interface.bAlternateSetting:
            continue
        streamed = sorted(
            (e for e in interface if usb.util.endpoint_type(e.bmAttributes) in _STREAMED),
            key=lambda e: e.bEndpointAddress,
        )
        inward = [e for e in streamed if e.bEndpointAddress & 0x80 and (not ins or e.bEndpointAddress in ins)]
        outward = [e for e in streamed if not e.bEndpointAddress & 0x80 and (not outs or e.bEndpointAddress in outs)]
        if inward and outward and len(inward) >= len(ins) and len(outward) >= len(outs):
            return Pipes(device, interface, inward, outward)
    raise BadConfig("this USB device has no such endpoints")


def _configuration(device: Any) -> Any:
    try:
        return device.get_active_configuration()
    except usb.core.USBError as problem:
        if usb_errno(problem) in (errno.EBUSY, errno.EACCES, errno.ENODEV):
            raise
        device.set_configuration()
        return device.get_active_configuration()


def usb_errno(problem: usb.core.USBError) -> int | None:
    return problem.errno if isinstance(problem.errno, int) else None


class UsbTransport(asyncio.Transport):
    """Moves packets between the pipes' threads and the loop. The interface is released after the last thread."""

    def __init__(self, pipes: Pipes, carrier: Carrier, wire: Wire) -> None:
        super().__init__()
        self._pipes = pipes
        self._carrier = carrier
        self._wire = wire
        self._loop = asyncio.get_running_loop()
        self._packets: queue.SimpleQueue[tuple[int, bytes] | None] = queue.SimpleQueue()
        self._unsent = 0
        self._stop = threading.Event()
        self._reason: BaseException | None = None
        self._running = 0

    def begin(self) -> None:
        self._wire.connection_made(self)
        works = [(self._write_packets, ()), *((self._read_packets, (n,)) for n in range(len(self._pipes.ins)))]
        self._running = len(works)
        for work, arguments in works:
            threading.Thread(target=self._run, args=(work, *arguments), name="usb", daemon=True).start()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """There is no buffer: a write is over when the device has taken it."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._wire.pause_writing()
        for packet in self._carrier.outgoing(bytes(data)):
            self._unsent += 1
            self._packets.put(packet)

    def is_closing(self) -> bool:
        return self._stop.is_set()

    def abort(self) -> None:
        self._stop.set()
        self._packets.put(None)

    close = abort

    def pause_reading(self) -> None:
        """What a device says unasked is little; it may pile up in the wire."""

    def resume_reading(self) -> None:
        pass

    def _run(self, work: Any, *arguments: int) -> None:
        try:
            work(*arguments)
        except usb.core.USBError as problem:
            self._reason = self._reason or OSError(usb_errno(problem) or errno.EIO, problem.strerror or "USB error")
        self.abort()
        self._tell(self._one_ended)

    def _one_ended(self) -> None:
        self._running -= 1
        if self._running == 0:
            threading.Thread(target=self._leave, name="usb", daemon=True).start()

    def _leave(self) -> None:
        self._pipes.release()
        self._tell(self._wire.connection_lost, self._reason)

    def _write_packets(self) -> None:
        while (packet := self._packets.get()) is not None and not self._stop.is_set():
            self._pipes.outs[packet[0]].write(packet[1], _WRITE_MILLISECONDS)
            self._tell(self._sent)

    def _sent(self) -> None:
        self._unsent -= 1
        if self._unsent == 0:
            self._wire.resume_writing()

    def _read_packets(self, pipe: int) -> None:
        """One packet at a time: its end is the only mark of where padding ends."""
        endpoint = self._pipes.ins[pipe]
        empty = 0
        while not self._stop.is_set():
            try:
                packet = bytes(endpoint.read(endpoint.wMaxPacketSize or 64, _READ_MILLISECONDS))
            except usb.core.USBTimeoutError:
                empty = 0
                continue
            empty = 0 if packet else empty + 1
            if empty >= _EMPTY_READS:
                raise usb.core.USBError("nothing but empty packets", errno=errno.ENODEV)
            if packet:
                self._tell(self._received, pipe, packet)

    def _received(self, pipe: int, packet: bytes) -> None:
        data = self._carrier.incoming(pipe, packet)
        if data and not self._stop.is_set():
            self._wire.data_received(data)

    def _tell(self, what: Any, *arguments: Any) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody listens any more
            self._loop.call_soon_threadsafe(what, *arguments)
