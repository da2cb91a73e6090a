"""What a USB device says of itself (USB 2.0 chapter 9, HID 1.11 section 6.2)."""

import struct
from dataclasses import dataclass
from typing import Literal

IN = 0x80
Transfer = Literal["bulk", "interrupt"]
_TRANSFERS = {"bulk": 2, "interrupt": 3}
DEVICE, CONFIGURATION, STRING, INTERFACE, ENDPOINT, HID, HID_REPORT = 1, 2, 3, 4, 5, 0x21, 0x22
_US_ENGLISH = 0x0409


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`address` with bit 7 for IN; `packet` = wMaxPacketSize."""

    address: int
    transfer: Transfer = "bulk"
    packet: int = 64

    def encode(self) -> bytes:
        interval = 1 if self.transfer == "interrupt" else 0
        return struct.pack("<BBBBHB", 7, ENDPOINT, self.address, _TRANSFERS[self.transfer], self.packet, interval)


@dataclass(frozen=True, slots=True)
class Interface:
    """`kind`: class, subclass, protocol. `report`: the HID report descriptor of an interface of class 3."""

    number: int
    kind: tuple[int, int, int]
    endpoints: tuple[Endpoint, ...]
    report: bytes = b""

    def encode(self) -> bytes:
        head = struct.pack("<9B", 9, INTERFACE, self.number, 0, len(self.endpoints), *self.kind, 0)
        return head + self.hid() + b"".join(endpoint.encode() for endpoint in self.endpoints)

    def hid(self) -> bytes:
        if not self.report:
            return b""
        return struct.pack("<BBHBBBH", 9, HID, 0x0111, 0, 1, HID_REPORT, len(self.report))


@dataclass(frozen=True, slots=True)
class Description:
    """One configuration; full speed. Strings left empty have no index, as on many cheap devices."""

    vendor: int
    product: int
    interfaces: tuple[Interface, ...]
    maker: str = ""
    name: str = ""
    serial: str = ""
    release: int = 0x0100

    @property
    def strings(self) -> tuple[str, ...]:
        """Index 1, 2, …"""
        return tuple(text for text in (self.maker, self.name, self.serial) if text)

    def device(self) -> bytes:
        indexes = [self.strings.index(text) + 1 if text else 0 for text in (self.maker, self.name, self.serial)]
        return struct.pack(
            "<BBHBBBBHHHBBBB",
            *(18, DEVICE, 0x0200, 0, 0, 0, 64),
            *(self.vendor, self.product, self.release, *indexes, 1),
        )

    def configuration(self) -> bytes:
        body = b"".join(interface.encode() for interface in self.interfaces)
        return struct.pack("<BBHBBBBB", 9, CONFIGURATION, 9 + len(body), len(self.interfaces), 1, 0, 0x80, 50) + body

    def string(self, index: int) -> bytes | None:
        if index == 0:
            return struct.pack("<BBH", 4, STRING, _US_ENGLISH)
        if index > len(self.strings):
            return None
        text = self.strings[index - 1].encode("utf-16-le")
        return bytes([2 + len(text), STRING]) + text

    def endpoint(self, address: int) -> Endpoint | None:
        return next((one for face in self.interfaces for one in face.endpoints if one.address == address), None)
