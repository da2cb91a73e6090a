"""Frames FF 68 L L 68 address function data sum 16 (caller.md section 1); both directions have the same form."""

from dataclasses import dataclass
from typing import Literal

START = b"\xff\x68"
END = 0x16
MOST_DATA = 16
_HEAD = 5  # FF 68 L L 68
_TAIL = 2  # sum, 16
_SMALLEST, _LARGEST = 2, 2 + MOST_DATA  # address, function and data

DamageKind = Literal["length_mismatch", "bad_length", "no_start", "bad_checksum", "bad_end", "truncated"]


@dataclass(frozen=True, slots=True)
class Frame:
    address: int
    function: int
    data: bytes = b""

    def encode(self) -> bytes:
        if len(self.data) > MOST_DATA:
            raise ValueError(f"at most {MOST_DATA} data bytes")
        content = bytes([self.address, self.function]) + self.data
        length = len(content)
        return START + bytes([length, length, START[1]]) + content + bytes([sum(content) % 256, END])


@dataclass(frozen=True, slots=True)
class Damage:
    kind: DamageKind


class FrameReader:
    """Finds frames in a stream, however it is cut. After damage it looks for the next FF 68 behind this one."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Frame | Damage]:
        self._buffer += data
        found: list[Frame | Damage] = []
        while self._find_start():
            item = self._take()
            if item is None:
                break
            found.append(item)
        return found

    def abandon(self) -> list[Frame | Damage]:
        """The line fell silent in mid-frame: give that frame up, and look at what it had swallowed."""
        found: list[Frame | Damage] = []
        while self.in_frame:
            found.append(self._damage("truncated"))
            found += self.feed(b"")
        self._buffer.clear()
        return found

    @property
    def in_frame(self) -> bool:
        return self._buffer.startswith(START)

    def _find_start(self) -> bool:
        at = self._buffer.find(START)
        if at >= 0:
            del self._buffer[:at]
            return True
        del self._buffer[: len(self._buffer) - self._buffer.endswith(START[:1])]
        return False

    def _take(self) -> Frame | Damage | None:
        buffer = self._buffer
        if len(buffer) < _HEAD:
            return None
        length = buffer[2]
        if length != buffer[3]:
            return self._damage("length_mismatch")
        if buffer[4] != START[1]:
            return self._damage("no_start")
        if not _SMALLEST <= length <= _LARGEST:
            return self._damage("bad_length")
        end = _HEAD + length + _TAIL
        if len(buffer) < end:
            return None
        content = bytes(buffer[_HEAD : _HEAD + length])
        if buffer[end - 1] != END:
            return self._damage("bad_end")
        if buffer[end - 2] != sum(content) % 256:
            return self._damage("bad_checksum")
        del buffer[:end]
        return Frame(content[0], content[1], content[2:])

    def _damage(self, kind: DamageKind) -> Damage:
        del self._buffer[: len(START)]
        return Damage(kind)
