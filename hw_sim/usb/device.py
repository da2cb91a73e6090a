"""A USB device behind its plug: control requests, pipes of packets, waiting requests (NAK), halts (STALL)."""

import struct
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from hw_sim.usb.descriptors import CONFIGURATION, DEVICE, HID, HID_REPORT, IN, STRING, Description

# A device keeps so much for a host that does not fetch it; then it says nothing more.
FIFO_PACKETS = 256
_SHORT_NOT_OK = 0x01


class Status(IntEnum):
    """Linux error numbers as USB/IP carries them."""

    OK = 0
    NO_ENDPOINT = -2
    STALLED = -32  # EPIPE
    TOO_MUCH = -75  # EOVERFLOW: a packet larger than what is left of the buffer
    CANCELLED = -104  # ECONNRESET
    CUT_SHORT = -121  # EREMOTEIO: a short packet where the host forbade it


@dataclass(frozen=True, slots=True)
class Urb:
    """A host's request on one pipe. `done(status, data, count)`: called once, at once or later."""

    number: int
    endpoint: int
    length: int
    done: Callable[[Status, bytes, int], None]
    setup: bytes = b""
    data: bytes = b""
    flags: int = 0


class UsbDevice:
    """`heard(endpoint, data)`: one transfer of the host; `joined` and `left`: a host took or gave back the device."""

    def __init__(
        self,
        description: Description,
        heard: Callable[[int, bytes], None],
        joined: Callable[[], None],
        left: Callable[[], None],
    ) -> None:
        self.description = description
        self.joined = joined
        self._heard = heard
        self._left = left
        self._configured = 1
        self._halted: set[int] = set()
        self._fifos: dict[int, deque[bytes]] = {}
        self._waiting: dict[int, deque[tuple[Urb, bytearray]]] = {}
        self.lost = 0

    def send(self, endpoint: int, packet: bytes) -> None:
        """Puts one packet into an IN pipe; kept until a host fetches it, also over a change of hosts."""
        fifo = self._fifos.setdefault(endpoint, deque())
        if len(fifo) >= FIFO_PACKETS:
            self.lost += 1
            return
        fifo.append(packet)
        self._serve(endpoint)

    def stall(self, endpoint: int) -> None:
        """Halted until the host clears it; requests that wait there fail."""
        self._halted.add(endpoint)
        self._fifos.pop(endpoint, None)
        for urb, _ in self._waiting.pop(endpoint, ()):
            urb.done(Status.STALLED, b"", 0)

    @property
    def stalled(self) -> frozenset[int]:
        return frozenset(self._halted)

    def reset(self) -> None:
        """As after power came: pipes empty, nothing halted."""
        self._halted.clear()
        self._fifos.clear()
        self._configured = 1

    def let_go(self) -> None:
        """The host is gone; its requests are forgotten."""
        self._waiting.clear()
        self._left()

    def submit(self, urb: Urb) -> None:
        if urb.endpoint & 0x0F == 0:
            status, data = self._control(urb)
            urb.done(status, data, len(data) if urb.setup[0] & IN or status else len(urb.data))
        elif self.description.endpoint(urb.endpoint) is None or not self._configured:
            urb.done(Status.NO_ENDPOINT, b"", 0)
        elif urb.endpoint in self._halted:
            urb.done(Status.STALLED, b"", 0)
        elif urb.endpoint & IN:
            self._waiting.setdefault(urb.endpoint, deque()).append((urb, bytearray()))
            self._serve(urb.endpoint)
        else:
            urb.done(Status.OK, b"", len(urb.data))
            self._heard(urb.endpoint, urb.data)

    def unlink(self, number: int) -> bool:
        """False: no such request waits (it was done before). What it had already fetched is lost, as on Linux."""
        for waiting in self._waiting.values():
            for place in waiting:
                if place[0].number == number:
                    waiting.remove(place)
                    return True
        return False

    def _serve(self, endpoint: int) -> None:
        """A transfer ends when its buffer is full or a packet comes that is shorter than the pipe's packet size."""
        waiting, fifo = self._waiting.get(endpoint), self._fifos.get(endpoint)
        described = self.description.endpoint(endpoint)
        while waiting and fifo and described is not None:
            urb, got = waiting[0]
            packet = fifo.popleft()
            short = len(packet) < described.packet
            if len(got) + len(packet) > urb.length:
                waiting.popleft()
                urb.done(Status.TOO_MUCH, bytes(got), len(got))
                continue
            got += packet
            if len(got) == urb.length or short:
                waiting.popleft()
                forbidden = short and len(got) < urb.length and urb.flags & _SHORT_NOT_OK
                urb.done(Status.CUT_SHORT if forbidden else Status.OK, bytes(got), len(got))

    def _control(self, urb: Urb) -> tuple[Status, bytes]:
        kind, request, value, index, length = struct.unpack("<BBHHH", urb.setup)
        answer: bytes | None
        match kind, request:
            case (0x80 | 0x81, 0x06):
                answer = self._descriptor(value >> 8, value & 0xFF, index)
            case (0x80 | 0x81, 0x00):
                answer = bytes(2)
            case (0x82, 0x00):
                answer = bytes([index in self._halted, 0])
            case (0x80, 0x08):
                answer = bytes([self._configured])
            case (0x81, 0x0A):
                answer = bytes(1)
            case (0x00, 0x09) if value in (0, 1):
                self._configured, answer = value, b""
                self._halted.clear()
            case (0x01, 0x0B) if value == 0:
                answer = b""
            case (0x02, 0x01) if value == 0:
                self._halted.discard(index)
                answer = b""
            case (0x02, 0x03) if value == 0:
                self.stall(index)
                answer = b""
            case (0x21, 0x0A | 0x0B) if any(face.report for face in self.description.interfaces):
                answer = b""  # HID: set idle, set protocol
            case _:
                answer = None
        if answer is None:
            return Status.STALLED, b""
        return Status.OK, answer[: min(length, urb.length)]

    def _descriptor(self, kind: int, number: int, index: int) -> bytes | None:
        if kind == DEVICE:
            return self.description.device()
        if kind == CONFIGURATION and number == 0:
            return self.description.configuration()
        if kind == STRING:
            return self.description.string(number)
        face = next((face for face in self.description.interfaces if face.number == index and face.report), None)
        if face is not None and kind in (HID, HID_REPORT):
            return face.hid() if kind == HID else face.report
        return None
