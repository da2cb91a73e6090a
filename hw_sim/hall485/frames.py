"""The frame `FF 68 L L 68 address function data sum 16` (caller.md section 1)."""

from collections.abc import Iterator
from dataclasses import dataclass

START = b"\xff\x68"
END = 0x16
MOST_DATA = 16
_HEAD = 5  # FF 68 L L 68
_TAIL = 2  # sum, 16


@dataclass(frozen=True, slots=True)
class Frame:
    address: int
    function: int
    data: bytes = b""

    def encode(self) -> bytes:
        body = bytes([self.address, self.function]) + self.data
        return START + bytes([len(body), len(body), 0x68]) + body + bytes([sum(body) & 0xFF, END])


class FrameParser:
    """Resynchronises on FF 68; whatever is wrong is dropped without a word and counted in `dropped`."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.dropped = 0

    def forget(self) -> None:
        self._buffer.clear()

    def feed(self, data: bytes) -> Iterator[Frame]:
        self._buffer += data
        while self._find_start() and len(self._buffer) >= _HEAD:
            first, second, mark = self._buffer[2:_HEAD]
            if first != second or mark != 0x68 or not 2 <= first <= 2 + MOST_DATA:
                self._drop()
                continue
            if len(self._buffer) < _HEAD + first + _TAIL:
                return
            body = bytes(self._buffer[_HEAD : _HEAD + first])
            check, end = self._buffer[_HEAD + first : _HEAD + first + _TAIL]
            if check != sum(body) & 0xFF or end != END:
                self._drop()
                continue
            del self._buffer[: _HEAD + first + _TAIL]
            yield Frame(body[0], body[1], body[2:])

    def _drop(self) -> None:
        self.dropped += 1
        del self._buffer[: len(START)]

    def _find_start(self) -> bool:
        place = self._buffer.find(START)
        if place < 0:
            del self._buffer[: len(self._buffer) - self._buffer.endswith(START[:1])]
            return False
        del self._buffer[:place]
        return True
