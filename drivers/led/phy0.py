"""The outer frame of every Onbon card (led.md 1.2, 1.3): preamble, escapes, end byte, CRC-16/ARC."""

from drivers.errors import Garbled

HOST = 0x8000
"""The address of whoever asks (led.md 1.1)."""

PREAMBLE = b"\xa5" * 8
START, END = 0xA5, 0x5A
ESCAPES = {0xA5: b"\xa6\x02", 0xA6: b"\xa6\x01", 0x5A: b"\x5b\x02", 0x5B: b"\x5b\x01"}
_UNESCAPES = {bytes(sent): raw for raw, sent in ESCAPES.items()}
_ESCAPE_LEADS = frozenset(sent[0] for sent in ESCAPES.values())


def _crc_table() -> tuple[int, ...]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0xA001 if value & 1 else 0)
        table.append(value)
    return tuple(table)


_TABLE = _crc_table()


def crc16_arc(data: bytes) -> int:
    """Polynomial 0x8005 reflected, start 0, no final xor; `123456789` -> BB3D."""
    crc = 0
    for byte in data:
        crc = (crc >> 8) ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc


def escape(data: bytes) -> bytes:
    return b"".join(ESCAPES.get(byte, bytes((byte,))) for byte in data)


def wrapped(content: bytes) -> bytes:
    """`content` as it is, escaped, between preamble and one end byte."""
    return PREAMBLE + escape(content) + bytes((END,))


def frame(body: bytes) -> bytes:
    """`body` with its CRC, wrapped."""
    return wrapped(body + crc16_arc(body).to_bytes(2, "little"))


def checked(content: bytes) -> bytes:
    """Content of a frame without its trailing CRC. Raises Garbled."""
    if len(content) < 3:
        raise Garbled(f"frame of {len(content)} bytes")
    body, crc = content[:-2], int.from_bytes(content[-2:], "little")
    if crc16_arc(body) != crc:
        raise Garbled("CRC of the frame is wrong")
    return body


class Unframer:
    """Cuts a byte stream into unescaped frame contents (CRC still on, because not every header has one).

    One or more A5 start a frame, extra 5A are ignored, a bad escape drops the frame; `dropped` counts what was
    thrown away since `reset`, noise between frames included.
    """

    def __init__(self, limit: int = 1 << 19) -> None:
        self._limit = limit
        self.reset()

    def reset(self) -> None:
        self._content: bytearray | None = None
        self._lead = 0
        self.dropped = 0

    def feed(self, data: bytes) -> list[bytes]:
        return [content for byte in data if (content := self._take(byte)) is not None]

    def _take(self, byte: int) -> bytes | None:
        if self._content is None:
            self._outside(byte)
        elif self._lead:
            self._escaped(byte)
        elif byte == START:
            self._start()
        elif byte == END:
            return self._end()
        elif byte in _ESCAPE_LEADS:
            self._lead = byte
        else:
            self._append(byte)
        return None

    def _outside(self, byte: int) -> None:
        if byte == START:
            self._start()
        elif byte != END:
            self.dropped += 1

    def _start(self) -> None:
        if self._content:
            self.dropped += 1
        self._content, self._lead = bytearray(), 0

    def _end(self) -> bytes | None:
        content, self._content = self._content, None
        if not content:
            self.dropped += 1
            return None
        return bytes(content)

    def _escaped(self, byte: int) -> None:
        raw = _UNESCAPES.get(bytes((self._lead, byte)))
        self._lead = 0
        if raw is None:
            self.dropped += 1
            self._content = None
            self._outside(byte)
        else:
            self._append(raw)

    def _append(self, byte: int) -> None:
        assert self._content is not None
        self._content.append(byte)
        if len(self._content) > self._limit:
            self.dropped += 1
            self._content = None
