"""Window commands come in packets: content over 200 bytes is cut, the sub-code stands only in the first (led.md 2)."""

from dataclasses import dataclass
from typing import Final

HEAD: Final = 4  # length, packet number, last packet number
MOST: Final = 200


class Malformed(ValueError):
    """Lengths or values that no card knows: dropped without an answer."""


class OutOfOrder(ValueError):
    """Not the packet that follows; answered with result 2."""


@dataclass(frozen=True, slots=True)
class Packet:
    number: int
    last: int
    content: bytes

    @classmethod
    def read(cls, data: bytes) -> "Packet":
        """`data`: length (2, little endian), number, last number, content. Raises Malformed."""
        if len(data) < HEAD:
            raise Malformed("shorter than a packet's head")
        length, number, last = int.from_bytes(data[:2], "little"), data[2], data[3]
        content = data[HEAD:]
        if length != len(content):
            raise Malformed(f"content length {length}, {len(content)} there")
        if not content or len(content) > MOST + (number == 0):
            raise Malformed(f"{len(content)} bytes in packet {number}")
        if number > last:
            raise Malformed(f"packet {number} of {last}")
        return cls(number, last, content)


class Assembly:
    """What has come of a command so far. A first packet begins anew."""

    def __init__(self) -> None:
        self._content = bytearray()
        self._next = 0
        self._last = 0

    def forget(self) -> None:
        self._content.clear()
        self._next = 0

    def take(self, packet: Packet) -> bytes | None:
        """The whole content after the last packet, None before it. Raises OutOfOrder."""
        if packet.number == 0:
            self.forget()
            self._last = packet.last
        elif packet.number != self._next or packet.last != self._last:
            self.forget()
            raise OutOfOrder(f"packet {packet.number} of {packet.last} does not follow")
        self._content += packet.content
        self._next = packet.number + 1
        if packet.number < packet.last:
            return None
        whole = bytes(self._content)
        self.forget()
        return whole
