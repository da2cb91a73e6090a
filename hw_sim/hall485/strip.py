"""A strip screen on the keypads' line: one row of letters, each in its colour (led.md section 4)."""

import io
from random import Random
from typing import Any, Final

from PIL import Image

from hw_sim.clock import Clock
from hw_sim.faults import FaultWord
from hw_sim.hall485.frames import Frame, StripFrame, strip_answer
from hw_sim.hall485.station import Station
from hw_sim.onbon5k.letters import glyph
from hw_sim.onbon5k.markup import Letter

ROWS: Final = 16
COLOURS: Final = ("red", "green", "yellow")
_SHINING: Final = ((28, 8, 8), (255, 52, 32), (64, 230, 64), (255, 200, 40))


class NoText(ValueError):
    """Not characters and colours in turn."""


class Strip(Station):
    """`width` in lamps, sixteen rows. What its ROM holds survives a power cut; it starts by showing that."""

    kind = "strip"
    troubles = Station.troubles - {FaultWord.BAD_CHECKSUM}  # its answer carries no check

    def __init__(self, id: str, address: int, clock: Clock, random: Random, *, width: int = 128) -> None:
        super().__init__(id, address, clock, random)
        self.width = width
        self.height = ROWS
        self.rom: tuple[Letter, ...] = ()
        self.letters: tuple[Letter, ...] = ()
        self.updates = 0
        self.last_error = ""

    def hear(self, frame: Frame) -> None:
        """The keypads' frames mean nothing to a strip."""

    def hear_strip(self, frame: StripFrame) -> None:
        try:
            self._do(frame)
        except NoText as wrong:
            self.last_error = str(wrong)
            self.changed.tell()
            return
        self.updates += 1
        self._say(strip_answer(self.address))
        self.changed.tell()

    @property
    def text(self) -> str:
        return "".join(letter.text for letter in self.letters)

    @property
    def light(self) -> float:
        return 1.0 if self.powered else 0.0

    def colours(self) -> bytes:
        """width x 16 bytes of what shines now: 0 dark, 1 red, 2 green, 3 yellow; what does not fit is not seen."""
        lamps = bytearray(self.width * ROWS)
        left = 0
        for letter in self.letters if self.powered else ():
            if not letter.absent:
                self._put(lamps, letter, left)
            left += ROWS if letter.wide else ROWS // 2
        return bytes(lamps)

    def picture(self) -> bytes | None:
        image = Image.frombytes("P", (self.width, ROWS), self.colours())
        image.putpalette([part for colour in _SHINING for part in colour])
        out = io.BytesIO()
        image.save(out, "PNG")
        return out.getvalue()

    def panel_image(self) -> Image.Image:
        """Mode L, one pixel a lamp, 255 = lit."""
        return Image.frombytes("L", (self.width, ROWS), bytes(255 * bool(colour) for colour in self.colours()))

    def look(self) -> dict[str, Any]:
        return {
            "address": self.address,
            "width": self.width,
            "height": ROWS,
            "text": self.text,
            "rom": "".join(letter.text for letter in self.rom),
            "colours": [COLOURS[letter.colour - 1] for letter in self.letters],
            "cut": sum(ROWS if letter.wide else ROWS // 2 for letter in self.letters) > self.width,
            "light": self.light,
            "lit": sum(map(bool, self.colours())),
            "updates": self.updates,
            "last_error": self.last_error,
        }

    def forget(self) -> None:
        super().forget()
        self.letters = self.rom

    def _do(self, frame: StripFrame) -> None:
        match frame.command:
            case 0xA5:
                self.letters = _letters(frame.data)
            case 0xA1 if not frame.data:
                self.letters = self.rom
            case 0xA2:
                self.rom = _letters(frame.data)
            case _:
                raise NoText(f"command {frame.command:02X} with {len(frame.data)} bytes")

    def _put(self, lamps: bytearray, letter: Letter, left: int) -> None:
        for y, row in enumerate(glyph(letter.text, letter.wide, ROWS)):
            for x, lit in enumerate(row, left):
                if lit and x < self.width:
                    lamps[y * self.width + x] = letter.colour


def _letters(data: bytes) -> tuple[Letter, ...]:
    """One byte ASCII or two bytes GBK, each followed by its colour. Raises NoText."""
    letters: list[Letter] = []
    place = 0
    while place < len(data):
        size = 1 if data[place] < 0x80 else 2
        code, colour = data[place : place + size], data[place + size : place + size + 1]
        if not colour or colour[0] >= len(COLOURS):
            raise NoText(f"no colour behind character {len(letters) + 1}")
        letters.append(_letter(code, colour[0] + 1))
        place += size + 1
    return tuple(letters)


def _letter(code: bytes, colour: int) -> Letter:
    try:
        text = code.decode("gbk")
    except UnicodeDecodeError as wrong:
        raise NoText(f"{code.hex()} is no GBK character") from wrong
    if len(code) == 1 and not text.isprintable():
        raise NoText(f"{code.hex()} is no character")
    return Letter(text, len(code) == 2, colour=colour)
