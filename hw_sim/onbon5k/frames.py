"""The font cards' header and the three ways to check a frame (led.md 1.4)."""

from dataclasses import dataclass
from enum import IntEnum

from hw_sim.phy0 import enclose, fast_crc

VERSION = 0x02
HEADER = 14
BARCODE = 16
CHECK = 2
LONGEST_BODY = HEADER + BARCODE + 0xFFFF + CHECK


class CheckMode(IntEnum):
    CRC = 0
    SUM = 1
    NONE = 2


class NotAHeader(ValueError):
    """Too short, another version, or an option or check mode nobody defined."""


@dataclass(frozen=True, slots=True)
class Header:
    """`barcode`: None when the frame names no card by it; `wins`: dynamic areas win over programs."""

    destination: int
    source: int
    device_type: int
    data_length: int
    check: CheckMode = CheckMode.CRC
    wins: bool = False
    barcode: bytes | None = None

    @property
    def size(self) -> int:
        return HEADER + (0 if self.barcode is None else BARCODE)

    @classmethod
    def read(cls, body: bytes) -> "Header":
        """`body`: header, data and check, unescaped. Raises NotAHeader: too short, or values that no header has."""
        if len(body) < HEADER + CHECK:
            raise NotAHeader("shorter than a header")
        if (option := body[7]) > 1:
            raise NotAHeader(f"option {option}")
        rest = body[8 + BARCODE * option :]
        if len(rest) < HEADER - 8 + CHECK:
            raise NotAHeader("shorter than a header with a barcode")
        check, display, device_type, version = rest[:4]
        if version != VERSION:
            raise NotAHeader(f"version {version:02X}")
        if check > CheckMode.NONE or display > 1:
            raise NotAHeader(f"check mode {check}, display mode {display}")
        return cls(
            int.from_bytes(body[0:2], "little"),
            int.from_bytes(body[2:4], "little"),
            device_type,
            int.from_bytes(rest[4:6], "little"),
            CheckMode(check),
            bool(display),
            body[8 : 8 + BARCODE] if option else None,
        )

    def write(self) -> bytes:
        return b"".join(
            (
                self.destination.to_bytes(2, "little"),
                self.source.to_bytes(2, "little"),
                bytes([0, 0, 0, 0 if self.barcode is None else 1]),
                self.barcode or b"",
                bytes([self.check, self.wins, self.device_type, VERSION]),
                self.data_length.to_bytes(2, "little"),
            )
        )


def check_bytes(mode: CheckMode, data: bytes) -> bytes:
    """Low byte first; without a check two bytes stand there all the same."""
    match mode:
        case CheckMode.CRC:
            value = fast_crc(data)
        case CheckMode.SUM:
            value = sum(data) & 0xFFFF
        case CheckMode.NONE:
            value = 0
    return value.to_bytes(2, "little")


def is_whole(mode: CheckMode, body: bytes) -> bool:
    return mode is CheckMode.NONE or check_bytes(mode, body[:-CHECK]) == body[-CHECK:]


def frame(header: Header, data: bytes) -> bytes:
    body = header.write() + data
    return enclose(body + check_bytes(header.check, body))
