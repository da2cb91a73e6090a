"""Frames of the SAM_V / SAM_A module (idcard.md section 2): AA AA AA 96 69, length, content, XOR."""

from dataclasses import dataclass, field
from functools import reduce
from operator import xor
from typing import Literal

PREAMBLE = bytes.fromhex("AAAAAA9669")
HEADER = len(PREAMBLE) + 2
SMALLEST_REPLY = 4
LARGEST_REPLY = 0x0A00  # two fingerprints are 0x090A; more means a damaged length
# What one family of modules says when its own wait for the card ended (section 9.5). It promises two bytes more than
# it has, and would pass for a whole frame with the first two bytes of the next preamble.
_FILLER = PREAMBLE + bytes.fromhex("0005050505")

DamageKind = Literal["bad_preamble", "bad_checksum", "bad_length", "truncated"]


@dataclass(frozen=True, slots=True)
class Reply:
    """`sw`: SW1 SW2 of the card, SW3 of the module. `data` may be a person's: never in repr."""

    sw: bytes
    data: bytes = field(repr=False)

    @property
    def status(self) -> int:
        return self.sw[2]


@dataclass(frozen=True, slots=True)
class Skipped:
    """Noise before a frame, in bytes."""

    count: int


@dataclass(frozen=True, slots=True)
class Damage:
    kind: DamageKind


Found = Reply | Skipped | Damage


def encode_request(command: int, parameter: int, data: bytes = b"") -> bytes:
    """Preamble, length of what follows it (2, big endian), the two bytes, `data`, XOR of all behind the preamble."""
    content = bytes([command, parameter]) + data
    counted = (len(content) + 1).to_bytes(2, "big") + content
    return PREAMBLE + counted + bytes([reduce(xor, counted)])


class FrameReader:
    """Finds replies in a stream, however it is cut.

    A frame whose length is plausible is taken whole, whatever its content looks like: a photo may hold a preamble.
    After damage the search goes on just behind that preamble, because the length itself may be what is wrong.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._dropped = 0
        self._synchronised = False  # a preamble was seen
        self._damaged = False  # what is dropped now was already reported

    def feed(self, data: bytes) -> list[Found]:
        self._buffer += data
        found: list[Found] = []
        while self._find_preamble(found):
            item = self._take_frame()
            if item is None:
                break
            self._damaged = isinstance(item, Damage)
            found.append(item)
        return found

    def finish(self) -> list[Damage]:
        """The stream ended here: what is left over. Noise behind reported damage is not reported again."""
        partial = len(self._buffer)
        if partial >= len(PREAMBLE) or (partial and not self._damaged):
            return [Damage("truncated")]
        if self._dropped and not self._synchronised:
            return [Damage("bad_preamble")]
        return []

    @property
    def ends_clean(self) -> bool:
        """Nothing, or the begin of a late filler (section 9.5), followed the last item.

        One XOR cannot see every frame that a doubled byte has shifted, but its last byte is then left over.
        """
        if self._dropped:
            return False
        return not self._buffer or (len(self._buffer) >= len(PREAMBLE) and _FILLER.startswith(self._buffer))

    @property
    def missing(self) -> int | None:
        """Bytes still to come of the frame that has begun; None before its length is known."""
        if len(self._buffer) < HEADER:
            return None
        return HEADER + self._length() - len(self._buffer)

    def _find_preamble(self, found: list[Found]) -> bool:
        at = self._buffer.find(PREAMBLE)
        whole = at >= 0
        self._drop(at if whole else len(self._buffer) - self._begun_preamble())
        if whole:
            self._synchronised = True
            if self._dropped and not self._damaged:
                found.append(Skipped(self._dropped))
            self._dropped = 0
        return whole

    def _begun_preamble(self) -> int:
        """Length of the longest tail that may be the start of a preamble."""
        sizes = range(min(len(PREAMBLE) - 1, len(self._buffer)), 0, -1)
        return next((size for size in sizes if self._buffer.endswith(PREAMBLE[:size])), 0)

    def _take_frame(self) -> Reply | Damage | None:
        if len(self._buffer) < HEADER:
            return None
        if not SMALLEST_REPLY <= self._length() <= LARGEST_REPLY:
            del self._buffer[: len(PREAMBLE)]
            return Damage("bad_length")
        if self._buffer.startswith(_FILLER):
            del self._buffer[: len(_FILLER)]
            return Damage("truncated")
        end = HEADER + self._length()
        if len(self._buffer) < end:
            return None
        if reduce(xor, self._buffer[len(PREAMBLE) : end]):
            del self._buffer[: len(PREAMBLE)]
            return Damage("bad_checksum")
        content = bytes(self._buffer[HEADER : end - 1])
        del self._buffer[:end]
        return Reply(content[:3], content[3:])

    def _length(self) -> int:
        return int.from_bytes(self._buffer[len(PREAMBLE) : HEADER], "big")

    def _drop(self, count: int) -> None:
        self._dropped += count
        del self._buffer[:count]
