"""The outer frame and its CRC, and the 5E/6E header (led.md 1.2, 1.3, 1.5)."""

from collections.abc import Iterator
from dataclasses import dataclass

START, END = 0xA5, 0x5A
_UNESCAPE = {(0xA6, 2): 0xA5, (0xA6, 1): 0xA6, (0x5B, 2): 0x5A, (0x5B, 1): 0x5B}
_ESCAPE = {value: bytes(pair) for pair, value in _UNESCAPE.items()}
_ESCAPE_BYTES = frozenset(first for first, _ in _UNESCAPE)
VERSION = 0xF0
HEADER = 16
# Four areas of 300 KB and their heads; nothing longer can be meant for this card.
LONGEST_BODY = 4 * 300 * 1024 + 4096


def crc(data: bytes) -> int:
    """CRC-16/ARC."""
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return value


_TABLE = tuple(crc(bytes([low])) for low in range(256))


def fast_crc(data: bytes) -> int:
    value = 0
    for byte in data:
        value = value >> 8 ^ _TABLE[(value ^ byte) & 0xFF]
    return value


def wrap(body: bytes) -> bytes:
    """Appends the CRC, escapes, frames."""
    return enclose(body + fast_crc(body).to_bytes(2, "little"))


def enclose(body: bytes) -> bytes:
    """Escapes and frames a body that has its CRC."""
    escaped = b"".join(_ESCAPE.get(byte, bytes([byte])) for byte in body)
    return bytes([START] * 8) + escaped + bytes([END])


class FrameParser:
    """Bodies, unescaped, CRC still on them. A bad escape or a new start inside drops the frame: `dropped` counts."""

    def __init__(self) -> None:
        self._body: bytearray | None = None
        self._escape: int | None = None
        self.dropped = 0

    def forget(self) -> None:
        self._body = self._escape = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        for byte in data:
            if byte == START:
                self._begin()
            elif self._body is None:
                continue  # before a start, or the second 5A of the vendor's kit
            elif byte == END:
                body, escape = bytes(self._body), self._escape
                self.forget()
                if escape is None and body:
                    yield body
                else:
                    self.dropped += 1
            else:
                self._take(byte)

    def _begin(self) -> None:
        if self._body:
            self.dropped += 1
        self._body, self._escape = bytearray(), None

    def _take(self, byte: int) -> None:
        if self._body is None:
            return
        if self._escape is not None:
            raw = _UNESCAPE.get((self._escape, byte))
            self._escape = None
            if raw is None:
                self._drop()
            else:
                self._body.append(raw)
        elif byte in _ESCAPE_BYTES:
            self._escape = byte
        else:
            self._body.append(byte)
        if self._body is not None and len(self._body) > LONGEST_BODY:
            self._drop()

    def _drop(self) -> None:
        self.dropped += 1
        self.forget()


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
