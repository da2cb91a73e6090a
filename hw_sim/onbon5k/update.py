"""What A3 06 carries: areas to delete and areas to show (led.md 1.4)."""

from dataclasses import dataclass
from typing import Final, Literal

from hw_sim.run_modes import COUNTED

Units = Literal["8px", "pixel_plain"]

ALL_AREAS: Final = 0xFF
IN_PIXELS: Final = 0x8000
UNIT: Final = 8
EFFECTS: Final = {1: "static", 2: "quick", 3: "left", 4: "right", 5: "up", 6: "down"}
SLOWEST: Final = 0x18
STAY_UNIT: Final = 0.5
_HIGHEST_VOICE: Final = 5
_LOUDEST: Final = 10


class Malformed(ValueError):
    """Lengths or values inside the payload that no font card knows."""


@dataclass(frozen=True, slots=True)
class Sound:
    """`text` None: the area's own text is spoken."""

    speaker: int
    repeat: int
    volume: int
    speed: int
    text: bytes | None


@dataclass(frozen=True, slots=True)
class Area:
    """Place and size in pixels; `timeout` in seconds, in run mode 5 the number of plays; `stay` in seconds.

    `across`: 0 left, 1 right, 2 centre; `down`: 0 top, 1 bottom, 2 middle.
    """

    id: int
    run_mode: int
    timeout: int
    x: int
    y: int
    width: int
    height: int
    line_space: int
    across: int
    down: int
    single_line: bool
    wraps: bool
    effect: str
    speed: int
    stay: float
    text: bytes
    sound: Sound | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """`delete` None: all."""

    delete: bytes | None
    areas: tuple[Area, ...]


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.place = 0

    def take(self, count: int) -> bytes:
        taken = self._data[self.place : self.place + count]
        if len(taken) != count:
            raise Malformed(f"{count} bytes wanted at {self.place}, {len(taken)} there")
        self.place += count
        return taken

    def number(self, count: int = 1) -> int:
        return int.from_bytes(self.take(count), "little")

    def one_of(self, what: str, *allowed: int) -> int:
        if (value := self.number()) not in allowed:
            raise Malformed(f"{what} {value}")
        return value

    def at_most(self, what: str, most: int) -> int:
        if (value := self.number()) > most:
            raise Malformed(f"{what} {value}")
        return value

    def end(self) -> None:
        if self.place != len(self._data):
            raise Malformed(f"{len(self._data) - self.place} bytes left over")


def read_update(payload: bytes, units: Units = "8px") -> Update:
    """Raises Malformed. `units`: what x and width without bit 15 mean on this card."""
    reader = _Reader(payload)
    count = reader.number()
    delete = None if count == ALL_AREAS else reader.take(count)
    areas = tuple(_read_area(reader.take(reader.number(2)), units) for _ in range(reader.number()))
    reader.end()
    return Update(delete, areas)


def _read_area(data: bytes, units: Units) -> Area:
    reader = _Reader(data)
    reader.one_of("area type", 0)
    x, y = _across(reader.number(2), units), reader.number(2)
    width, height = _across(reader.number(2), units), reader.number(2)
    id, line_space = reader.number(), reader.number()
    run_mode, timeout = reader.at_most("run mode", COUNTED), reader.number(2)
    sound = _read_sound(reader)
    reader.one_of("extension count", 0)
    alignment = reader.at_most("alignment", 0b1111)
    across, down = alignment & 3, alignment >> 2
    if across > 2 or down > 2:
        raise Malformed(f"alignment {alignment}")
    single = reader.one_of("single line", 1, 2) == 1
    wraps = reader.one_of("wrap", 1, 2) == 2
    effect = EFFECTS[reader.one_of("effect", *EFFECTS)]
    reader.one_of("exit mode", 0)
    speed, stay = reader.at_most("speed", SLOWEST), reader.number() * STAY_UNIT
    text = reader.take(reader.number(4))
    reader.end()
    return Area(
        id, run_mode, timeout, x, y, width, height, line_space, across, down, single, wraps, effect, speed, stay, text,
        sound,
    )  # fmt: skip


def _across(value: int, units: Units) -> int:
    if value & IN_PIXELS:
        return value & ~IN_PIXELS
    return value if units == "pixel_plain" else value * UNIT


def _read_sound(reader: _Reader) -> Sound | None:
    kind = reader.one_of("sound", 0, 1, 2)
    if kind == 0:
        return None
    voice = reader.number()
    if (speaker := voice & 0x0F) > _HIGHEST_VOICE:
        raise Malformed(f"speaker {speaker}")
    volume, speed = reader.at_most("volume", _LOUDEST), reader.at_most("voice speed", _LOUDEST)
    return Sound(speaker, voice >> 4, volume, speed, reader.take(reader.number(4)) if kind == 2 else None)
