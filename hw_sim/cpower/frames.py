"""The two frames around the same body: escaped between A5 and AE, or behind a network head (led.md 2)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

Framing = Literal["serial", "network"]

START, END, ESCAPE = 0xA5, 0xAE, 0xAA
_UNESCAPE: Final = {0x05: START, 0x0E: END, 0x0A: ESCAPE}
_ESCAPE: Final = {value: bytes([ESCAPE, code]) for code, value in _UNESCAPE.items()}
TO_CARD, FROM_CARD, CARD_TYPE = 0x68, 0xE8, 0x32
HEAD: Final = 5  # packet type, card type, id, command, confirmation
SUM: Final = 2
NETWORK_HEAD: Final = 8
# The longest content of a packet is some 200 bytes; nothing much longer can be meant for this card.
LONGEST: Final = 1024


def checksum(data: bytes) -> bytes:
    """Sixteen bits, low byte first."""
    return (sum(data) & 0xFFFF).to_bytes(2, "little")


@dataclass(frozen=True, slots=True)
class Body:
    """68 to the end of the data. `whole`: the sum behind it is right."""

    kind: int
    card_type: int
    id: int
    command: int
    confirm: int
    data: bytes
    whole: bool

    @classmethod
    def read(cls, raw: bytes) -> "Body | None":
        """None: shorter than the head and the sum."""
        if len(raw) < HEAD + SUM:
            return None
        kind, card_type, id, command, confirm = raw[:HEAD]
        return cls(kind, card_type, id, command, confirm, raw[HEAD:-SUM], checksum(raw[:-SUM]) == raw[-SUM:])


def reply(id: int, command: int, result: int, data: bytes) -> bytes:
    """The body of an answer, with its sum."""
    body = bytes([FROM_CARD, CARD_TYPE, id, command, result]) + data
    return body + checksum(body)


def spoilt(body: bytes) -> bytes:
    """The same body with a wrong sum."""
    return body[:-1] + bytes([body[-1] ^ 0xFF])


class SerialFrames:
    """A bad escape, or a new start inside, drops the frame: `dropped` counts."""

    def __init__(self) -> None:
        self._body: bytearray | None = None
        self._escaped = False
        self.dropped = 0

    def forget(self) -> None:
        self._body, self._escaped = None, False

    def feed(self, data: bytes) -> Iterator[bytes]:
        for byte in data:
            if byte == START:
                self.dropped += bool(self._body)
                self._body, self._escaped = bytearray(), False
            elif self._body is None:
                continue
            elif byte == END:
                body, escaped = bytes(self._body), self._escaped
                self.forget()
                if body and not escaped:
                    yield body
                else:
                    self.dropped += 1
            else:
                self._take(self._body, byte)

    def wrap(self, body: bytes) -> bytes:
        escaped = b"".join(_ESCAPE.get(byte, bytes([byte])) for byte in body)
        return bytes([START]) + escaped + bytes([END])

    def _take(self, body: bytearray, byte: int) -> None:
        if self._escaped:
            self._escaped = False
            if byte not in _UNESCAPE:
                self._drop()
                return
            body.append(_UNESCAPE[byte])
        elif byte == ESCAPE:
            self._escaped = True
        else:
            body.append(byte)
        if len(body) > LONGEST:
            self._drop()

    def _drop(self) -> None:
        self.dropped += 1
        self.forget()


class NetworkFrames:
    """`code`: the four bytes that this card answers to; what is for another one is dropped whole.

    Without a start byte only the shape of a head tells where a frame begins: what has none is passed over.
    """

    def __init__(self, code: bytes) -> None:
        self.code = code
        self._buffer = bytearray()
        self.dropped = 0

    def forget(self) -> None:
        self.dropped += bool(self._buffer)
        self._buffer.clear()

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._buffer += data
        while len(self._buffer) > NETWORK_HEAD:
            length = int.from_bytes(self._buffer[4:6], "little")
            is_head = self._buffer[6:9] == bytes([0, 0, TO_CARD]) and HEAD + SUM <= length <= LONGEST
            if not is_head:
                del self._buffer[0]
                continue
            if len(self._buffer) < NETWORK_HEAD + length:
                return
            code = bytes(self._buffer[:4])
            body = bytes(self._buffer[NETWORK_HEAD : NETWORK_HEAD + length])
            del self._buffer[: NETWORK_HEAD + length]
            if code == self.code:
                yield body
            else:
                self.dropped += 1

    def wrap(self, body: bytes) -> bytes:
        return self.code + len(body).to_bytes(2, "little") + bytes(2) + body
