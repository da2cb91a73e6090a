"""Dynamic area update A3 06 of the font cards (led.md 1.4): areas of text, drawn by the card."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Literal

from drivers.led.area6 import RunMode

Units = Literal["8px", "pixel_bit15", "pixel_plain"]
"""How x and width are written. y and height are always pixels."""

Box = tuple[int, int, int, int, int]
"""Area id, x, y, width, height."""

ALL: Final = 0xFF
CENTRED: Final = 0x0A  # centre of the width, middle of the height
MIDDLE: Final = 0x08  # left, middle of the height
_AREA = struct.Struct("<BHHHHBBBHBBBBBBBBBI")
_PIXELS = 0x8000


class Effect(IntEnum):
    STATIC = 1
    QUICK = 2
    LEFT = 3
    RIGHT = 4
    UP = 5
    DOWN = 6


@dataclass(frozen=True, slots=True)
class TextArea:
    """Place in pixels; `text` with markers, in the card's charset.

    `timeout` in seconds, `speed` 0 (fastest) .. 24, `stay` in units of 0.5 s.
    """

    text: bytes
    x: int
    y: int
    width: int
    height: int
    area_id: int = 0
    line_space: int = 0
    run_mode: RunMode = RunMode.LOOP
    timeout: int = 0
    alignment: int = 0
    multi_line: bool = True
    auto_wrap: bool = True
    effect: Effect = Effect.STATIC
    speed: int = 0
    stay: int = 0

    @property
    def box(self) -> Box:
        return self.area_id, self.x, self.y, self.width, self.height

    def packed(self, units: Units) -> bytes:
        """Raises ValueError when x or width cannot be written in these units."""
        header = _AREA.pack(
            0,
            across(self.x, units),
            self.y,
            across(self.width, units),
            self.height,
            self.area_id,
            self.line_space,
            self.run_mode,
            self.timeout,
            0,  # no sound
            0,  # no extensions
            self.alignment,
            2 if self.multi_line else 1,
            2 if self.auto_wrap else 1,
            self.effect,
            0,
            self.speed,
            self.stay,
            len(self.text),
        )
        return header + self.text


def across(pixels: int, units: Units) -> int:
    """An x or a width as it goes over the wire."""
    if not 0 <= pixels < _PIXELS:
        raise ValueError(f"{pixels} px does not fit the field")
    if units == "pixel_bit15":
        return pixels | _PIXELS
    if units == "pixel_plain":
        return pixels
    if pixels % 8:
        raise ValueError(f"{pixels} px is not a multiple of 8")
    return pixels // 8


def update(areas: Sequence[TextArea], *, units: Units = "8px", delete: Sequence[int] = ()) -> bytes:
    """Payload of A3 06. `delete` names areas to remove first; (ALL,) = every one."""
    parts = [bytes((ALL,)) if tuple(delete) == (ALL,) else bytes((len(delete), *delete)), bytes((len(areas),))]
    for area in areas:
        packed = area.packed(units)
        parts += [struct.pack("<H", len(packed)), packed]
    return b"".join(parts)
