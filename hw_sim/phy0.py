"""The outer frame of every Onbon card and its CRC (led.md 1.2, 1.3)."""

from collections.abc import Iterator

START, END = 0xA5, 0x5A
_UNESCAPE = {(0xA6, 2): 0xA5, (0xA6, 1): 0xA6, (0x5B, 2): 0x5A, (0x5B, 1): 0x5B}
_ESCAPE = {value: bytes(pair) for pair, value in _UNESCAPE.items()}
_ESCAPE_BYTES = frozenset(first for first, _ in _UNESCAPE)


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
    """Bodies, unescaped, CRC still on them. A bad escape or a new start inside drops the frame: `dropped` counts.

    `longest`: bytes of a body beyond which nothing can be meant for this card.
    """

    def __init__(self, longest: int) -> None:
        self._longest = longest
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
        if self._body is not None and len(self._body) > self._longest:
            self._drop()

    def _drop(self) -> None:
        self.dropped += 1
        self.forget()
