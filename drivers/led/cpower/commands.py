"""What a C-Power card can be told (led.md 2): requests, contents of its windows, pictures."""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Literal

import numpy as np

from drivers.glyphs import Dots

ECHO: Final = 0x01
FREE_DISK: Final = 0x29
RESTART_CARD: Final = 0x2D
VERSION: Final = 0x2E
NETWORK: Final = 0x3C
ID_AND_BAUD: Final = 0x3E
POWER_INFO: Final = 0x45
TEMPERATURE: Final = 0x75
POWER: Final = 0x76
WINDOWS: Final = 0x7B
RESTART_APPLICATION: Final = 0xFE

FOREVER: Final = 0xFFFF
MOST_WINDOWS: Final = 8
BAUDS: Final = (115200, 57600, 38400, 19200, 9600, 4800, 2400)
FONTS: Final = {8: 0, 12: 1, 16: 2, 24: 3, 32: 4, 40: 5, 48: 6, 56: 7}
"""Dot height to the card's size number."""

CENTRED: Final = 0x05  # centre of the width, middle of the height
MIDDLE: Final = 0x04  # left, middle of the height

_PACKET = 200
_SIMPLE_PICTURE = 4

Box = tuple[int, int, int, int]
"""x, y, width, height in dots."""

Rgb = tuple[int, int, int]
Plane = Literal["red", "green", "blue"]
_PLANES: Final[dict[Plane, int]] = {"red": 1, "green": 2, "blue": 4}


class Effect(IntEnum):
    """Those in use here; the manual has sixty."""

    AT_ONCE = 0
    SCROLL_LEFT = 11
    FLASH = 13


@dataclass(frozen=True, slots=True)
class Look:
    """How the card's own text looks. `stay` seconds, `speed` 0..100, `size` one of FONTS."""

    size: int = 16
    rgb: Rgb = (255, 0, 0)
    align: int = CENTRED
    effect: int = Effect.AT_ONCE
    speed: int = 0
    stay: int = FOREVER
    face: int = 0

    @property
    def font(self) -> int:
        return FONTS[self.size] | self.face << 4


# --- window contents: sub-code and what follows it -------------------------------------------------------------------


def split(windows: Sequence[Box]) -> bytes:
    """Raises ValueError for none or more than eight."""
    if not 1 <= len(windows) <= MOST_WINDOWS:
        raise ValueError(f"{len(windows)} windows, 1 to {MOST_WINDOWS} expected")
    return bytes((0x01, len(windows))) + b"".join(struct.pack(">4H", *window) for window in windows)


def text(window: int, coloured: bytes, *, effect: int, align: int, speed: int, stay: int) -> bytes:
    """`coloured`: three bytes a character, from `characters`."""
    return struct.pack(">5BH", 0x02, _window(window), effect, align, speed, stay) + coloured


def characters(encoded: Iterable[bytes], size: int, colour: int) -> bytes:
    """`encoded`: one or two bytes each; `colour` the card's number 0..15."""
    return b"".join(bytes((colour << 4 | FONTS[size],)) + one.rjust(2, b"\0") for one in encoded)


def picture(window: int, simple: bytes, *, x: int = 0, y: int = 0, mode: int = 0, stay: int = FOREVER) -> bytes:
    """`simple`: a picture from `simple_picture`, at x, y of the window."""
    head = struct.pack(">BBBBHBHH", 0x03, _window(window), mode, 1, stay, _SIMPLE_PICTURE, x, y)
    return head + simple


def static_text(window: int, box: Box, encoded: bytes, look: Look) -> bytes:
    head = bytes((0x04, _window(window), 0x01, look.align)) + struct.pack(">4H", *box)
    return head + bytes((look.font, *look.rgb)) + _ended(encoded)


def clock(window: int, encoded: bytes, look: Look, *, calendar: int = 0, form: int = 0, content: int = 0) -> bytes:
    """`encoded` stands before the time; `calendar`, `form` and `content` are the card's numbers."""
    head = struct.pack(">BBHBBB", 0x05, _window(window), look.stay, calendar, form, content)
    return head + bytes((look.font, *look.rgb)) + _ended(encoded)


def leave() -> bytes:
    """End of the live display: the card plays what is stored on it."""
    return b"\x06"


def save() -> bytes:
    """Windows and what they show survive a restart."""
    return b"\x07\x00\x00\x00"


def forget_saved() -> bytes:
    return b"\x07\x01\x00\x00"


def pure_text(window: int, encoded: bytes, look: Look) -> bytes:
    head = struct.pack(">5BH", 0x12, _window(window), look.effect, look.align, look.speed, look.stay)
    return head + bytes((look.font, *look.rgb)) + _ended(encoded)


def _window(number: int) -> int:
    if not 0 <= number < MOST_WINDOWS:
        raise ValueError(f"window {number}, 0 to {MOST_WINDOWS - 1} expected")
    return number


def _ended(encoded: bytes) -> bytes:
    if 0 in encoded:
        raise ValueError("a text ends at its first 00")
    return encoded + b"\0"


# --- pictures ----------------------------------------------------------------------------------------------------


def simple_picture(dots: Dots, planes: Sequence[Plane] = ("red",)) -> bytes:
    """An "I1" picture: the same dots in each of `planes`; 1 = lit, rows padded with 0 to whole bytes."""
    height, width = dots.shape
    ordered = [plane for plane in _PLANES if plane in planes]
    head = b"I1" + struct.pack("<HHBB", width, height, sum(_PLANES[plane] for plane in ordered), 0)
    return head + np.packbits(dots, axis=1).tobytes() * len(ordered)


def dots_of(simple: bytes) -> dict[Plane, Dots]:
    """The reverse of simple_picture. Raises ValueError."""
    if len(simple) < 8 or simple[:2] != b"I1" or simple[6] >> 4:
        raise ValueError("not a simple picture of one bit a dot")
    width, height = struct.unpack_from("<HH", simple, 2)
    planes = [plane for plane, bit in _PLANES.items() if simple[6] & bit]
    row = -(-width // 8)
    if len(simple) - 8 != row * height * len(planes):
        raise ValueError(f"{width}x{height} in {len(planes)} planes does not fit {len(simple) - 8} bytes")
    bits = np.unpackbits(np.frombuffer(simple, np.uint8, offset=8).reshape(len(planes), height, row), axis=2)
    return {plane: bits[index, :, :width] == 1 for index, plane in enumerate(planes)}


# --- data of requests ----------------------------------------------------------------------------------------------


def packets(content: bytes) -> tuple[bytes, ...]:
    """Data of the WINDOWS requests that carry `content`, in order; each wants its own confirmation."""
    parts = [content[start : start + _PACKET] for start in range(0, len(content), _PACKET)]
    return tuple(
        len(part).to_bytes(2, "little") + bytes((number, len(parts) - 1)) + part for number, part in enumerate(parts)
    )


def power(on: bool) -> bytes:
    return bytes((0, on, *bytes(7)))


def network(ip: bytes, gateway: bytes, mask: bytes, port: int, code: int) -> bytes:
    """Set the card's address: four bytes each."""
    return b"\0" + ip + gateway + mask + port.to_bytes(2, "big") + code.to_bytes(4, "big")


def id_and_baud(card: int, baud: int) -> bytes:
    """Raises ValueError for a speed the card does not have."""
    return bytes((0, card, BAUDS.index(baud)))


QUERY: Final = b"\x01"
"""Data of NETWORK and ID_AND_BAUD that asks instead of setting."""
