"""Frames A0 90 of strip screens (led.md 4). They share the line with FF 68 and have addresses of their own."""

from dataclasses import dataclass
from functools import reduce
from operator import xor
from typing import Final, Literal

STRIP_START: Final = b"\xa0\x90"
SHOW_TEXT, SHOW_ROM, SET_ROM = 0xA5, 0xA1, 0xA2
MOST_TEXT: Final = 249
"""Bytes: from 250 on the only source may count lengths in 255s."""

Colour = Literal["red", "green", "yellow"]
_COLOURS: Final[dict[Colour, int]] = {"red": 0, "green": 1, "yellow": 2}
_ANSWER_END: Final = b"\xa5\xaa"
_ADDRESS_AT = 2
_MOST_BETWEEN = 12  # of an answer: what stands there is not known


@dataclass(frozen=True, slots=True)
class StripFrame:
    """Raises ValueError on `encode` for more than MOST_TEXT bytes."""

    address: int
    cmd: int
    data: bytes = b""

    def encode(self) -> bytes:
        if len(self.data) > MOST_TEXT:
            raise ValueError(f"{len(self.data)} bytes of text, {MOST_TEXT} at most")
        content = bytes((self.address, self.cmd, 0, len(self.data))) + self.data
        return STRIP_START + content + bytes((reduce(xor, content),))


@dataclass(frozen=True, slots=True)
class StripAnswer:
    address: int


def coloured(characters: list[bytes], colour: Colour) -> bytes:
    """Data of a text: each character, of one or two bytes, followed by its colour."""
    return b"".join(one + bytes((_COLOURS[colour],)) for one in characters)


def strip_answer(data: bytes) -> tuple[StripAnswer | None, int]:
    """The answer at the start of `data` and its length; without one, a length says that none can come any more."""
    end = data.find(_ANSWER_END, _ADDRESS_AT + 1)
    if 0 <= end <= _ADDRESS_AT + 1 + _MOST_BETWEEN:
        return StripAnswer(data[_ADDRESS_AT]), end + len(_ANSWER_END)
    longest = _ADDRESS_AT + 1 + _MOST_BETWEEN + len(_ANSWER_END)
    return None, len(data) if len(data) >= longest else 0
