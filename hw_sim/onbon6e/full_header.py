"""The long header that the vendor's kit sends power, clock and status with; its checks are inside (led.md 1.6).

What a real card answers with is not published: the same header back, addresses swapped, the sequence number echoed.
"""

from dataclasses import dataclass, replace
from functools import reduce
from operator import xor
from typing import Final

from hw_sim.phy0 import enclose, fast_crc

VERSION: Final = {5: 0x05, 6: 0x07}
_SIZE: Final = {5: 27, 6: 28}
_BODY_LENGTH: Final = 22  # its place in both
BODY_CRC: Final = _BODY_LENGTH + 2


class Unheard(ValueError):
    """Nothing that this card answers: too short, lengths that differ, or a damaged header."""


class BadBody(ValueError):
    """The header is right, the body is not."""

    def __init__(self, header: "FullHeader") -> None:
        super().__init__("the body's check is wrong")
        self.header = header


@dataclass(frozen=True, slots=True)
class FullHeader:
    """`middle`: from the fields after the device type to the body's length, kept as they came."""

    generation: int
    destination: int
    source: int
    device_type: int
    middle: bytes

    def back(self, device_type: int, address: int) -> "FullHeader":
        return replace(self, destination=self.source, source=address, device_type=device_type)

    def frame(self, body: bytes) -> bytes:
        head = b"".join(
            (
                self.destination.to_bytes(2, "little"),
                self.source.to_bytes(2, "little"),
                bytes([VERSION[self.generation], 0]),
                self.device_type.to_bytes(2, "little"),
                self.middle,
                len(body).to_bytes(2, "little"),
                fast_crc(body).to_bytes(2, "little"),
                bytes(1 if self.generation == 6 else 0),
            )
        )
        return enclose(head + bytes([reduce(xor, head)]) + body)


def read_full(raw: bytes, generation: int) -> tuple[FullHeader, bytes]:
    """Header and body of an unescaped frame. Raises Unheard, BadBody."""
    size = _SIZE[generation]
    if len(raw) < size:
        raise Unheard("shorter than a full header")
    if raw[4] != VERSION[generation]:
        raise Unheard(f"version {raw[4]:02X}")
    head, body = raw[:size], raw[size:]
    if reduce(xor, head):
        raise Unheard("the header's check is wrong")
    length = int.from_bytes(head[_BODY_LENGTH:BODY_CRC], "little")
    if length != len(body):
        raise Unheard(f"body length {length}, {len(body)} there")
    header = FullHeader(
        generation,
        int.from_bytes(head[0:2], "little"),
        int.from_bytes(head[2:4], "little"),
        int.from_bytes(head[6:8], "little"),
        head[8:_BODY_LENGTH],
    )
    if fast_crc(body) != int.from_bytes(head[BODY_CRC : BODY_CRC + 2], "little"):
        raise BadBody(header)
    return header, body
