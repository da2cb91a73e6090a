"""The two frames of one line: `FF 68 L L 68 address function data sum 16` (caller.md 1), `A0 90 …` (led.md 4)."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import xor

START = b"\xff\x68"
END = 0x16
MOST_DATA = 16
_HEAD = 5  # FF 68 L L 68
_TAIL = 2  # sum, 16
STRIP_START = b"\xa0\x90"
STRIP_END = b"\xa5\xaa"
# From 255 on two readings of the length's high byte differ (led.md 4): such texts are not heard.
MOST_STRIP_DATA = 250
_STRIP_HEAD = 6  # A0 90 address command, length twice


@dataclass(frozen=True, slots=True)
class Frame:
    address: int
    function: int
    data: bytes = b""

    def encode(self) -> bytes:
        body = bytes([self.address, self.function]) + self.data
        return START + bytes([len(body), len(body), 0x68]) + body + bytes([sum(body) & 0xFF, END])


@dataclass(frozen=True, slots=True)
class StripFrame:
    address: int
    command: int
    data: bytes = b""


def strip_answer(address: int) -> bytes:
    """In the shortest form that the page allows."""
    return STRIP_START + bytes([address]) + STRIP_END


class FrameParser:
    """Resynchronises on FF 68 and A0 90; whatever is wrong is dropped without a word and counted in `dropped`."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.dropped = 0

    def forget(self) -> None:
        self._buffer.clear()

    def feed(self, data: bytes) -> Iterator[Frame | StripFrame]:
        self._buffer += data
        while self._find_start():
            read = self._strip if self._buffer.startswith(STRIP_START) else self._frame
            size, frame = read()
            if size == 0:
                return
            if frame is None:
                self.dropped += 1
                del self._buffer[: len(START)]
                continue
            del self._buffer[:size]
            yield frame

    def _frame(self) -> tuple[int, Frame | None]:
        """Bytes taken, 0 when some are still to come; None: no frame begins here."""
        if len(self._buffer) < _HEAD:
            return 0, None
        first, second, mark = self._buffer[2:_HEAD]
        if first != second or mark != 0x68 or not 2 <= first <= 2 + MOST_DATA:
            return _HEAD, None
        size = _HEAD + first + _TAIL
        if len(self._buffer) < size:
            return 0, None
        body = bytes(self._buffer[_HEAD : _HEAD + first])
        check, end = self._buffer[_HEAD + first : size]
        right = check == sum(body) & 0xFF and end == END
        return size, Frame(body[0], body[1], body[2:]) if right else None

    def _strip(self) -> tuple[int, StripFrame | None]:
        """The same for a strip's frame."""
        if len(self._buffer) < _STRIP_HEAD:
            return 0, None
        address, command, high, low = self._buffer[2:_STRIP_HEAD]
        if high or low > MOST_STRIP_DATA:
            return _STRIP_HEAD, None
        size = _STRIP_HEAD + low + 1
        if len(self._buffer) < size:
            return 0, None
        right = reduce(xor, self._buffer[2:size]) == 0
        data = bytes(self._buffer[_STRIP_HEAD : size - 1])
        return size, StripFrame(address, command, data) if right else None

    def _find_start(self) -> bool:
        places = [place for start in (START, STRIP_START) if (place := self._buffer.find(start)) >= 0]
        if not places:
            half = self._buffer.endswith((START[:1], STRIP_START[:1]))
            del self._buffer[: len(self._buffer) - half]
            return False
        del self._buffer[: min(places)]
        return True
