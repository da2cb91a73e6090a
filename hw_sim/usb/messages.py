"""USB/IP messages (Linux kernel documentation, "USB/IP protocol"); all numbers big endian."""

import struct
from dataclasses import dataclass

from hw_sim.usb.descriptors import Description

VERSION = 0x0111
REQUEST_LIST, REPLY_LIST, REQUEST_IMPORT, REPLY_IMPORT = 0x8005, 0x0005, 0x8003, 0x0003
SUBMIT, UNLINK, SUBMITTED, UNLINKED = 1, 2, 3, 4
AVAILABLE, NOT_AVAILABLE, BUSY, NO_DEVICE = 0, 1, 2, 4
_FULL_SPEED = 2

OPERATION = struct.Struct(">HHI")
BUS_ID = 32
HEADER = struct.Struct(">IIIII")
_SUBMIT = struct.Struct(">Iiiii8s")
HEAD = 48


@dataclass(frozen=True, slots=True)
class Exported:
    """A device as it is listed: `bus_id` such as 1-1.2; bus and device number go into the id that requests carry."""

    bus_id: str
    bus: int
    number: int
    description: Description

    @property
    def id(self) -> int:
        return self.bus << 16 | self.number

    def encode(self, *, interfaces: bool) -> bytes:
        what = self.description
        head = struct.pack(
            ">256s32sIIIHHHBBBBBB",
            f"/sys/devices/pci0000:00/0000:00:14.0/usb{self.bus}/{self.bus_id}".encode(),
            self.bus_id.encode(),
            *(self.bus, self.number, _FULL_SPEED),
            *(what.vendor, what.product, what.release, 0, 0, 0, 1, 1, len(what.interfaces)),
        )
        return head + (b"".join(bytes([*face.kind, 0]) for face in what.interfaces) if interfaces else b"")


@dataclass(frozen=True, slots=True)
class Submit:
    number: int
    device: int
    incoming: bool
    endpoint: int
    flags: int
    length: int
    packets: int
    setup: bytes

    @property
    def payload(self) -> int:
        """Bytes that follow the message."""
        return 0 if self.incoming else self.length


@dataclass(frozen=True, slots=True)
class Unlink:
    number: int
    victim: int


def parse(head: bytes) -> Submit | Unlink | None:
    """One message's 48 bytes; None: neither of the two that a host sends."""
    command, number, device, direction, endpoint = HEADER.unpack_from(head)
    if command == UNLINK:
        return Unlink(number, int.from_bytes(head[HEADER.size : HEADER.size + 4], "big"))
    if command != SUBMIT:
        return None
    flags, length, _, packets, _, setup = _SUBMIT.unpack_from(head, HEADER.size)
    return Submit(number, device, direction == 1, endpoint, flags, length, packets, setup)


def submitted(number: int, status: int, count: int, data: bytes) -> bytes:
    return HEADER.pack(SUBMITTED, number, 0, 0, 0) + struct.pack(">iiiii8x", status, count, 0, 0, 0) + data


def unlinked(number: int, status: int) -> bytes:
    return HEADER.pack(UNLINKED, number, 0, 0, 0) + struct.pack(">i24x", status)
