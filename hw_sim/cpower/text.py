"""Letters set in lines and pages of a window, and drawn in dots."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from hw_sim.cpower.letters import Letter, glyph

LEFT, CENTRE, RIGHT = range(3)
TOP, MIDDLE, BOTTOM = range(3)
SHORTEST_STAY: Final = 0.1
Line = tuple[Letter, ...]


@dataclass(frozen=True, slots=True)
class Align:
    across: int = LEFT
    down: int = TOP
    line_space: int = 0

    def words(self) -> list[str]:
        return [("left", "centre", "right")[self.across], ("top", "middle", "bottom")[self.down]]


@dataclass(frozen=True, slots=True)
class Page:
    """`colours`: one byte a lamp, bits red 1, green 2, blue 4; `seconds`: how long it stays."""

    colours: bytes
    seconds: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """`cut`: something of the text lies outside its place."""

    pages: tuple[Page, ...]
    cut: bool


def plain(lines: Sequence[Line]) -> str:
    return "\n".join("".join(letter.text for letter in line) for line in lines)


def set_text(
    lines: Sequence[Line], width: int, height: int, align: Align, seconds: float, *, one_line_a_page: bool = False
) -> Setting:
    """Lines too long go on below, what does not fit the height on the next page."""
    folded = [part for line in lines for part in _folded(line, width)]
    groups = [[line] for line in folded] if one_line_a_page else list(_grouped(folded, height, align.line_space))
    wide = any(_width(line) > width for line in folded)
    high = any(_height(line) > height for line in folded)
    stay = max(SHORTEST_STAY, seconds)
    pages = tuple(Page(_drawn(group, width, height, align), stay, plain(group)) for group in groups)
    return Setting(pages, wide or high)


def _width(line: Line) -> int:
    return sum(letter.width for letter in line)


def _height(line: Line) -> int:
    return max((letter.size for letter in line), default=0)


def _folded(line: Line, width: int) -> Iterator[Line]:
    begun: list[Letter] = []
    used = 0
    for letter in line:
        if begun and used + letter.width > width:
            yield tuple(begun)
            begun, used = [], 0
        begun.append(letter)
        used += letter.width
    yield tuple(begun)


def _grouped(lines: Sequence[Line], height: int, space: int) -> Iterator[list[Line]]:
    begun: list[Line] = []
    used = 0
    for line in lines:
        if begun and used + space + _height(line) > height:
            yield begun
            begun, used = [], 0
        used += _height(line) + (space if begun else 0)
        begun.append(line)
    yield begun


def _drawn(lines: Sequence[Line], width: int, height: int, align: Align) -> bytes:
    lamps = bytearray(width * height)
    used = sum(map(_height, lines)) + align.line_space * (len(lines) - 1)
    room = max(0, height - used)
    top = (0, room // 2, room)[align.down]
    for line in lines:
        spare = max(0, width - _width(line))
        left = (0, spare // 2, spare)[align.across]
        bottom = top + _height(line)
        for letter in line:
            if not letter.absent:
                _put(lamps, width, height, letter, left, bottom - letter.size)
            left += letter.width
        top = bottom + align.line_space
    return bytes(lamps)


def _put(lamps: bytearray, width: int, height: int, letter: Letter, left: int, top: int) -> None:
    for y, row in enumerate(glyph(letter.text, letter.wide, letter.size), top):
        if not 0 <= y < height:
            continue
        for x, lit in enumerate(row, left):
            if lit and x < width:
                lamps[y * width + x] = letter.colour
