"""What a window command says: the content behind its sub-code, read strictly (led.md 2)."""

from dataclasses import dataclass
from typing import Final

from hw_sim.cpower.letters import SIZES, Charset, Letter, letter, read_letters
from hw_sim.cpower.packets import Malformed
from hw_sim.cpower.pictures import Dots, read_gif, read_i1
from hw_sim.cpower.text import Align, Line

MOST_WINDOWS: Final = 8
FASTEST: Final = 100
LAST_EFFECT, RANDOM_EFFECT = 63, 0xFF
# Moving through the window in one line: left, right, scroll left, scroll right, continuous left, continuous right.
ONE_LINE_EFFECTS: Final = frozenset({6, 7, 11, 12, 14, 15})
_GIF, _I1 = 1, 4


@dataclass(frozen=True, slots=True)
class Place:
    """In lamps, from the top left."""

    x: int
    y: int
    width: int
    height: int

    def inside(self, width: int, height: int) -> bool:
        fits = self.x + self.width <= width and self.y + self.height <= height
        return fits and self.width > 0 and self.height > 0


@dataclass(frozen=True, slots=True)
class Split:
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """`stay` in seconds."""

    window: int
    effect: int
    align: Align
    stay: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class StaticText:
    """`place` within the window."""

    window: int
    align: Align
    place: Place
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    window: int
    mode: int
    stay: int
    x: int
    y: int
    dots: Dots


@dataclass(frozen=True, slots=True)
class ClockText:
    """`calendar`, `format` and `content` are kept as they came: the page does not say what their bits mean."""

    window: int
    stay: int
    calendar: int
    format: int
    content: int
    size: int
    colour: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class PlayStored:
    pass


@dataclass(frozen=True, slots=True)
class Saved:
    """`keep`: save the windows as they are now; else what was saved is cleared."""

    keep: bool


Command = Split | Text | StaticText | Picture | ClockText | PlayStored | Saved


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    def take(self, count: int) -> bytes:
        taken = self._data[self._place : self._place + count]
        if len(taken) != count:
            raise Malformed(f"{count} bytes wanted, {len(taken)} there")
        self._place += count
        return taken

    def number(self, count: int = 1) -> int:
        return int.from_bytes(self.take(count), "big")

    def at_most(self, what: str, most: int) -> int:
        if (value := self.number()) > most:
            raise Malformed(f"{what} {value}")
        return value

    def rest(self) -> bytes:
        return self.take(len(self._data) - self._place)

    def end(self) -> None:
        if left := len(self._data) - self._place:
            raise Malformed(f"{left} bytes left over")

    def window(self) -> int:
        return self.at_most("window", MOST_WINDOWS - 1)

    def effect(self) -> int:
        if LAST_EFFECT < (effect := self.number()) < RANDOM_EFFECT:
            raise Malformed(f"effect {effect}")
        return effect

    def align(self) -> Align:
        value = self.number()
        across, down = value & 3, value >> 2 & 3
        if across > 2 or down > 2:
            raise Malformed(f"align {value:02X}")
        return Align(across, down, value >> 4)

    def place(self) -> Place:
        return Place(self.number(2), self.number(2), self.number(2), self.number(2))

    def font(self) -> int:
        return _size(self.number())

    def colour(self) -> int:
        red, green, blue = (part >= 0x80 for part in self.take(3))
        return red | green << 1 | blue << 2

    def terminated(self) -> bytes:
        text, end, after = self.rest().partition(b"\0")
        if not end or after:
            raise Malformed("text must end with one 00")
        return text


def read_command(content: bytes, charset: Charset) -> Command:
    """`content` begins with the sub-code. Raises Malformed."""
    reader = _Reader(content[1:])
    readers = {
        0x01: _split,
        0x02: _coloured_text,
        0x03: _picture,
        0x04: _static_text,
        0x05: _clock,
        0x06: _play_stored,
        0x07: _save,
        0x12: _pure_text,
    }
    read = readers.get(content[0])
    if read is None:
        raise Malformed(f"sub-code {content[0]:02X} is not known here")
    command = read(reader, charset)
    reader.end()
    return command


def _split(reader: _Reader, _: Charset) -> Command:
    count = reader.at_most("windows", MOST_WINDOWS)
    if not count:
        raise Malformed("no windows")
    return Split(tuple(reader.place() for _ in range(count)))


def _coloured_text(reader: _Reader, charset: Charset) -> Command:
    window, effect, align = reader.window(), reader.effect(), reader.align()
    reader.at_most("speed", FASTEST)
    stay, codes = reader.number(2), reader.rest()
    if len(codes) % 3:
        raise Malformed("each character takes three bytes")
    lines: list[list[Letter]] = [[]]
    for place in range(0, len(codes), 3):
        look, high, low = codes[place : place + 3]
        if not high and low in b"\r\n":
            lines.append([])
            continue
        code = bytes([high, low]) if high else bytes([low])
        lines[-1].append(letter(code, charset, _size(look & 0x8F), look >> 4 & 7))
    return Text(window, effect, align, stay, tuple(map(tuple, lines)))


def _pure_text(reader: _Reader, charset: Charset) -> Command:
    window, effect, align = reader.window(), reader.effect(), reader.align()
    reader.at_most("speed", FASTEST)
    stay, size, colour = reader.number(2), reader.font(), reader.colour()
    return Text(window, effect, align, stay, _lines(reader.terminated(), charset, size, colour))


def _static_text(reader: _Reader, charset: Charset) -> Command:
    window = reader.window()
    if (kind := reader.number()) != 1:
        raise Malformed(f"static text of kind {kind}")
    align, place, size, colour = reader.align(), reader.place(), reader.font(), reader.colour()
    return StaticText(window, align, place, _lines(reader.terminated(), charset, size, colour))


def _picture(reader: _Reader, _: Charset) -> Command:
    window, mode = reader.window(), reader.effect()
    reader.at_most("speed", FASTEST)
    stay, kind, x, y = reader.number(2), reader.number(), reader.number(2), reader.number(2)
    if kind not in (_GIF, _I1):
        raise Malformed(f"picture format {kind} names a file that this card does not have")
    dots = reader.rest()
    return Picture(window, mode, stay, x, y, read_gif(dots) if kind == _GIF else read_i1(dots))


def _clock(reader: _Reader, charset: Charset) -> Command:
    window, stay = reader.window(), reader.number(2)
    calendar, format, content = reader.number(), reader.number(), reader.number()
    size, colour = reader.font(), reader.colour()
    lines = _lines(reader.terminated(), charset, size, colour)
    return ClockText(window, stay, calendar, format, content, size, colour, lines)


def _play_stored(_: _Reader, __: Charset) -> Command:
    return PlayStored()


def _save(reader: _Reader, _: Charset) -> Command:
    keep = reader.at_most("save", 1) == 0
    if any(reader.take(2)):
        raise Malformed("reserved bytes are 00")
    return Saved(keep)


def _lines(text: bytes, charset: Charset, size: int, colour: int) -> tuple[Line, ...]:
    lines = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    return tuple(tuple(read_letters(line, charset, size, colour)) for line in lines)


def _size(font: int) -> int:
    """Bits 4 to 6 are the face, all faces look alike here."""
    if font & 0x80 or font & 0x0F >= len(SIZES):
        raise Malformed(f"font {font:02X}")
    return SIZES[font & 0x0F]
