"""Frames between host and security module (idcard.md section 2)."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import xor

PREAMBLE = bytes.fromhex("AAAAAA9669")
HEAD = len(PREAMBLE) + 2
SHORTEST_REQUEST = 3  # CMD, PARA, CHK
LONGEST = 0x0A00


def checksum(data: bytes) -> int:
    return reduce(xor, data, 0)


def answer(status: int, data: bytes = b"", card_words: int = 0) -> bytes:
    """A reply frame: `status` is SW3, `card_words` SW1 and SW2."""
    words = card_words.to_bytes(2, "big") + bytes([status])
    counted = (len(words) + len(data) + 1).to_bytes(2, "big") + words + data
    return PREAMBLE + counted + bytes([checksum(counted)])


@dataclass(frozen=True, slots=True)
class Request:
    command: int
    parameter: int
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class BadChecksum:
    """A whole frame whose XOR is not zero."""


@dataclass(frozen=True, slots=True)
class BadLength:
    """LEN no request can have."""


Heard = Request | BadChecksum | BadLength


class RequestParser:
    """Cuts requests out of a byte stream; after damage it goes on just behind the damaged preamble."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    @property
    def waiting(self) -> int:
        """Bytes held of a frame that is not whole yet."""
        return len(self._buffer)

    def forget(self) -> None:
        self._buffer.clear()

    def feed(self, data: bytes) -> Iterator[Heard]:
        self._buffer += data
        while self._find_preamble() and len(self._buffer) >= HEAD:
            length = int.from_bytes(self._buffer[HEAD - 2 : HEAD], "big")
            if not SHORTEST_REQUEST <= length <= LONGEST:
                del self._buffer[: len(PREAMBLE)]
                yield BadLength()
                continue
            if len(self._buffer) < HEAD + length:
                return
            counted = bytes(self._buffer[HEAD - 2 : HEAD + length])
            if checksum(counted):
                del self._buffer[: len(PREAMBLE)]
                yield BadChecksum()
                continue
            del self._buffer[: HEAD + length]
            yield Request(counted[2], counted[3], counted[4:-1])

    def _find_preamble(self) -> bool:
        """Drops what cannot be a preamble's beginning; bytes.find falls back rightly on a long run of AA."""
        place = self._buffer.find(PREAMBLE)
        if place < 0:
            keep = next((n for n in range(len(PREAMBLE) - 1, 0, -1) if self._buffer.endswith(PREAMBLE[:n])), 0)
            del self._buffer[: len(self._buffer) - keep]
            return False
        del self._buffer[:place]
        return True
