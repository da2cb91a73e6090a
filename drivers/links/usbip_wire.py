"""The client's half of USB/IP (Linux kernel, Documentation/usb/usbip_protocol.rst): every number big endian."""

import socket
import struct
from dataclasses import dataclass
from typing import Final

from drivers.errors import Absent, Busy, Denied, Garbled

VERSION: Final = 0x0111
_REQ_LIST, _REP_LIST = 0x8005, 0x0005
_REQ_IMPORT, _REP_IMPORT = 0x8003, 0x0003
CMD_SUBMIT, CMD_UNLINK, RET_SUBMIT, RET_UNLINK = 1, 2, 3, 4
OUT, IN = 0, 1

_OPERATION: Final = struct.Struct(">HHI")
_DEVICE: Final = struct.Struct(">256s32sIIIHHH6B")
_BUSID_BYTES: Final = 32
_SUBMIT: Final = struct.Struct(">IIIII IiIII 8s")
_UNLINK: Final = struct.Struct(">IIIII I 24x")
_RETURN: Final = struct.Struct(">IIIII i I 20x")
_DEVICE_BUSY: Final = 2
_MOST_DEVICES: Final = 256
_MOST_BACK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class RemoteDevice:
    """An entry of the server's list. `speed` as in Linux: 1 low, 2 full, 3 high, 5 super."""

    busid: str
    bus: int
    address: int
    speed: int
    usb_id: str
    interfaces: int

    @property
    def devid(self) -> int:
        return self.bus << 16 | self.address


@dataclass(frozen=True, slots=True)
class Returned:
    """The head of an answer; `length` bytes follow an IN transfer. `status` is 0 or a negative errno."""

    command: int
    seqnum: int
    status: int
    length: int


def list_devices(line: socket.socket) -> list[RemoteDevice]:
    """Raises Garbled, OSError. The server closes the line behind its answer."""
    line.sendall(_OPERATION.pack(VERSION, _REQ_LIST, 0))
    _expect(line, _REP_LIST)
    (count,) = struct.unpack(">I", read_exactly(line, 4))
    if count > _MOST_DEVICES:
        raise Garbled(f"a USB/IP list of {count} devices")
    found = []
    for _ in range(count):
        device = _device(line)
        read_exactly(line, 4 * device.interfaces)
        found.append(device)
    return found


def import_device(line: socket.socket, busid: str) -> RemoteDevice:
    """From now on `line` carries this device's transfers. Raises Absent, Busy, Garbled, OSError."""
    line.sendall(_OPERATION.pack(VERSION, _REQ_IMPORT, 0) + busid.encode("ascii", "replace").ljust(_BUSID_BYTES, b"\0"))
    status = _expect(line, _REP_IMPORT, refusals=True)
    if status == _DEVICE_BUSY:
        raise Busy("another USB/IP client")
    if status:
        raise Absent(f"{busid}: the USB/IP server says {status}")
    return _device(line)


def submit(seqnum: int, devid: int, direction: int, endpoint: int, length: int, data: bytes, setup: bytes) -> bytes:
    """One transfer; not isochronous, so no packets are counted. `setup` is 8 bytes, zero except on endpoint 0."""
    head = (CMD_SUBMIT, seqnum, devid, direction, endpoint)
    return _SUBMIT.pack(*head, 0, length, 0, 0, 0, setup) + data


def unlink(seqnum: int, devid: int, victim: int) -> bytes:
    return _UNLINK.pack(CMD_UNLINK, seqnum, devid, 0, 0, victim)


def read_returned(line: socket.socket) -> Returned:
    """Raises Garbled, OSError at the end of the line."""
    command, seqnum, _, _, _, status, length = _RETURN.unpack(read_exactly(line, _RETURN.size))
    if command == RET_UNLINK:
        return Returned(command, seqnum, status, 0)
    if command != RET_SUBMIT or length > _MOST_BACK:
        raise Garbled(f"USB/IP answer {command} with {length} bytes")
    return Returned(command, seqnum, status, length)


def read_exactly(line: socket.socket, count: int) -> bytes:
    """Raises ConnectionError when the line ends before."""
    data = b""
    while len(data) < count:
        piece = line.recv(count - len(data))
        if not piece:
            raise ConnectionResetError("the USB/IP server closed the line")
        data += piece
    return data


def _expect(line: socket.socket, wanted: int, *, refusals: bool = False) -> int:
    version, code, status = _OPERATION.unpack(read_exactly(line, _OPERATION.size))
    if code != wanted:
        raise Garbled(f"USB/IP answer {code:04x} instead of {wanted:04x}")
    if version != VERSION:
        raise Garbled(f"USB/IP version {version:04x}")
    if status and not refusals:
        raise Denied(f"the USB/IP server refuses: {status}")
    return int(status)


def _device(line: socket.socket) -> RemoteDevice:
    fields = _DEVICE.unpack(read_exactly(line, _DEVICE.size))
    _, busid, bus, address, speed, vendor, product, _ = fields[:8]
    name = busid.rstrip(b"\0").decode("ascii", "replace")
    return RemoteDevice(name, bus, address, speed, f"{vendor:04x}:{product:04x}", fields[-1])
