"""Frames FF 68 L L 68 address function data sum 16 (caller.md section 1); both directions have the same form."""

from dataclasses import dataclass
from typing import Final, Literal

from drivers.hall485.stripframe import STRIP_START, StripAnswer, strip_answer

START = b"\xff\x68"
END = 0x16
_FILL = b"\x00\xff"  # what a line says when a sender lets go of it; no sign of trouble
MOST_DATA = 16
MOST_SENT: Final = 49  # a pad's text line with its colour (rating_pad.md section 5)
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
        if len(self.data) > MOST_SENT:
            raise ValueError(f"at most {MOST_SENT} data bytes")
        content = bytes([self.address, self.function]) + self.data
        length = len(content)
        return START + bytes([length, length, START[1]]) + content + bytes([sum(content) % 256, END])


@dataclass(frozen=True, slots=True)
class Damage:
    kind: DamageKind


Found = Frame | Damage | StripAnswer


class FrameReader:
    """Finds frames in a stream, however it is cut. After damage it looks for the next FF 68 behind this one.

    `strips`: answers of strip screens, A0 90, are looked for as well. `has_strayed`: bytes came in the last feed that
    begin no frame, as they do at another speed or with both wires swapped.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.strips = False
        self.has_strayed = False

    def feed(self, data: bytes) -> list[Found]:
        self._buffer += data
        self.has_strayed = False
        found: list[Found] = []
        while self._find_start():
            item = self._take()
            if item is None:
                break
            found.append(item)
        return found

    def abandon(self) -> list[Found]:
        """The line fell silent in mid-frame: give that frame up, and look at what it had swallowed."""
        found: list[Found] = []
        while self.in_frame:
            found.append(self._damage("truncated"))
            found += self.feed(b"")
        self._buffer.clear()
        return found

    @property
    def in_frame(self) -> bool:
        return self._buffer.startswith(self._starts)

    @property
    def _starts(self) -> tuple[bytes, ...]:
        return (START, STRIP_START) if self.strips else (START,)

    def _find_start(self) -> bool:
        places = [at for start in self._starts if (at := self._buffer.find(start)) >= 0]
        if places:
            self._skip(min(places))
            return True
        half = any(self._buffer.endswith(start[:1]) for start in self._starts)
        self._skip(len(self._buffer) - half)
        return False

    def _skip(self, count: int) -> None:
        self.has_strayed |= bool(self._buffer[:count].strip(_FILL))
        del self._buffer[:count]

    def _take(self) -> Found | None:
        if self.strips and self._buffer.startswith(STRIP_START):
            return self._take_strip_answer()
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

    def _take_strip_answer(self) -> Found | None:
        """A frame that begins inside shows that this was none."""
        answer, length = strip_answer(bytes(self._buffer))
        if answer is not None:
            del self._buffer[:length]
            return answer
        if self._buffer.find(START, len(STRIP_START)) >= 0 or length:
            return self._damage("no_start")
        return None

    def _damage(self, kind: DamageKind) -> Damage:
        del self._buffer[: len(START)]
        return Damage(kind)
