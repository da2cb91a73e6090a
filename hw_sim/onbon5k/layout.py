"""Text set in lines and pages as the card does it, and drawn in dots."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from hw_sim.onbon5k.letters import Dots, glyph
from hw_sim.onbon5k.markup import Letter, Written
from hw_sim.onbon5k.update import Area

SHORTEST_STAY = 0.01
Line = tuple[Letter, ...]
Fonts = Mapping[int, Dots]


@dataclass(frozen=True, slots=True)
class Page:
    """`colours`: one byte a lamp of the area, 0 = dark; `seconds`: how long it stays."""

    colours: bytes
    seconds: float
    text: str


@dataclass(frozen=True, slots=True)
class Setting:
    """`cut`: something of the text lies outside the area."""

    pages: tuple[Page, ...]
    cut: bool


def set_text(area: Area, written: Written, fonts: Fonts) -> Setting:
    """`fonts`: dots of the letters in each font file, by its number."""
    lines = [line for given in written.lines for line in _folded(given, area, fonts)]
    groups = [[line] for line in lines] if area.single_line else list(_grouped(lines, area, fonts))
    wide = any(_width(line, fonts) > area.width for line in lines)
    high = any(_height(line, fonts) > area.height for line in lines)
    seconds = max(SHORTEST_STAY, area.stay)
    pages = (Page(_drawn(group, area, fonts), seconds, _plain(group)) for group in groups)
    return Setting(tuple(pages), wide or high)


def _plain(lines: Sequence[Line]) -> str:
    return "\n".join("".join(letter.text for letter in line) for line in lines)


def _letter_width(letter: Letter, fonts: Fonts) -> int:
    return fonts[letter.font] if letter.wide else fonts[letter.font] // 2


def _width(line: Line, fonts: Fonts) -> int:
    return sum(_letter_width(letter, fonts) for letter in line)


def _height(line: Line, fonts: Fonts) -> int:
    """An empty line is as high as one in the first font."""
    return max((fonts[letter.font] for letter in line), default=fonts[min(fonts)])


def _folded(line: Line, area: Area, fonts: Fonts) -> Iterator[Line]:
    """What does not fit beside the rest goes on below; in a single line it goes on with the next page."""
    if not (area.wraps or area.single_line):
        yield line
        return
    begun: list[Letter] = []
    used = 0
    for letter in line:
        width = _letter_width(letter, fonts)
        if begun and used + width > area.width:
            yield tuple(begun)
            begun, used = [], 0
        begun.append(letter)
        used += width
    yield tuple(begun)


def _grouped(lines: Sequence[Line], area: Area, fonts: Fonts) -> Iterator[list[Line]]:
    begun: list[Line] = []
    used = 0
    for line in lines:
        height = _height(line, fonts)
        if begun and used + area.line_space + height > area.height:
            yield begun
            begun, used = [], 0
        used += height + (area.line_space if begun else 0)
        begun.append(line)
    yield begun


def _drawn(lines: Sequence[Line], area: Area, fonts: Fonts) -> bytes:
    lamps = bytearray(area.width * area.height)
    heights = [_height(line, fonts) for line in lines]
    room = max(0, area.height - sum(heights) - area.line_space * (len(lines) - 1))
    top = (0, room, room // 2)[area.down]
    for line, height in zip(lines, heights, strict=True):
        spare = max(0, area.width - _width(line, fonts))
        left = (0, spare, spare // 2)[area.across]
        for letter in line:
            dots = fonts[letter.font]
            if not letter.absent:
                rows = glyph(letter.text, letter.wide, dots)
                _put(lamps, area, rows, left, top + height - dots, letter.colour)
            left += _letter_width(letter, fonts)
        top += height + area.line_space
    return bytes(lamps)


def _put(lamps: bytearray, area: Area, rows: Sequence[bytes], left: int, top: int, colour: int) -> None:
    for y, row in enumerate(rows, top):
        if not 0 <= y < area.height:
            continue
        for x, lit in enumerate(row, left):
            if lit and x < area.width:
                lamps[y * area.width + x] = colour
