"""The 5E/6E header on the frame of every Onbon card (led.md 1.5)."""

from dataclasses import dataclass

from hw_sim import phy0
from hw_sim.phy0 import crc, enclose, fast_crc, wrap

__all__ = ["HEADER", "VERSION", "FrameParser", "Header", "crc", "enclose", "fast_crc", "wrap"]

VERSION = 0xF0
HEADER = 16
# Four areas of 300 KB and their heads; nothing longer can be meant for this card.
LONGEST_BODY = 4 * 300 * 1024 + 4096


class FrameParser(phy0.FrameParser):
    def __init__(self) -> None:
        super().__init__(LONGEST_BODY)


@dataclass(frozen=True, slots=True)
class Header:
    destination: int
    source: int
    version: int
    device_type: int
    data_length: int

    @classmethod
    def read(cls, body: bytes) -> "Header":
        """`body` holds at least 16 bytes."""
        return cls(
            int.from_bytes(body[0:2], "little"),
            int.from_bytes(body[2:4], "little"),
            body[4],
            int.from_bytes(body[6:8], "little"),
            int.from_bytes(body[12:16], "little"),
        )

    def write(self) -> bytes:
        return b"".join(
            (
                self.destination.to_bytes(2, "little"),
                self.source.to_bytes(2, "little"),
                bytes([self.version, 0]),
                self.device_type.to_bytes(2, "little"),
                bytes(4),
                self.data_length.to_bytes(4, "little"),
            )
        )
