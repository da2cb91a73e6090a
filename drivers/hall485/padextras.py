"""What a pad with our own extension can be told and asked (rating_pad.md section 5)."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Literal

from drivers.errors import Garbled
from drivers.printer.text import clean, encode

MOST_TEXT: Final = 48
PadState = Literal["idle", "rating", "paused"]
_STATES: Final[tuple[PadState, ...]] = ("idle", "rating", "paused")
_LONGEST_SECONDS = 255


class PadPrompt(IntEnum):
    WELCOME = 1
    PLEASE_RATE = 2
    THANKS = 3
    PAUSED = 4


@dataclass(frozen=True, slots=True)
class PadIdentity:
    model: str
    version: str
    keys: int


@dataclass(frozen=True, slots=True)
class PadStatus:
    state: PadState
    last_value: int
    errors: int


def parse_identity(data: bytes) -> PadIdentity:
    """Model(8, ASCII), version(2), keys(1). Raises Garbled."""
    model = data[:8].decode("ascii", "replace").rstrip("\0 ")
    if len(data) != 11 or not model.isascii():
        raise Garbled(f"identity of {len(data)} bytes")
    return PadIdentity(model, f"{data[8]}.{data[9]}", data[10])


def parse_status(data: bytes) -> PadStatus:
    """State, last value, errors. Raises Garbled."""
    if len(data) != 3 or data[0] >= len(_STATES):
        raise Garbled(f"status {data.hex(' ')}")
    return PadStatus(_STATES[data[0]], data[1], data[2])


def keys(opened: bool, seconds: float = 0) -> bytes:
    """Data of KEYS; whole seconds, rounded up."""
    return bytes((opened, min(_LONGEST_SECONDS, max(0, -int(-seconds // 1)))))


def text(words: str, colour: int = 0) -> bytes:
    """Data of TEXT: GBK, cut at whole characters."""
    line = b""
    for char in clean(words):
        coded = encode(char, "gbk") or b"?"
        if len(line) + len(coded) > MOST_TEXT:
            break
        line += coded
    return bytes((colour,)) + line
