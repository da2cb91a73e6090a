"""The text of an area: GB2312 and GBK bytes with markers (led.md 1.4)."""

import re
from dataclasses import dataclass
from datetime import datetime

RED, GREEN, YELLOW = 1, 2, 3
UNKNOWN = "\N{REPLACEMENT CHARACTER}"
_MARKER = re.compile(rb"\\(?:C(?P<colour>[123])|F(?P<kind>[OE])(?P<font>\d{3})|(?P<line>n)|D(?P<clock>[YLDHMS]))")
_CLOCK = {b"Y": "%Y", b"L": "%m", b"D": "%d", b"H": "%H", b"M": "%M", b"S": "%S"}
_BACKSLASH = 0x5C
_FIRST_LEAD, _LAST_LEAD = 0x81, 0xFE


@dataclass(frozen=True, slots=True)
class Letter:
    """`font`: number of the font file it is drawn with; `absent`: the card's GB2312 fonts do not have it."""

    text: str
    wide: bool
    font: int = 0
    colour: int = RED
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """`lines`: as broken by the text itself; `fonts`: files it names or needs, as O000 or E000."""

    lines: tuple[tuple[Letter, ...], ...]
    fonts: frozenset[str]
    has_clock: bool
    strange: tuple[str, ...]

    @property
    def plain(self) -> str:
        return "\n".join("".join(letter.text for letter in line) for line in self.lines)

    @property
    def absent(self) -> str:
        return "".join(letter.text for line in self.lines for letter in line if letter.absent)


def read_text(data: bytes, moment: datetime) -> Written:
    """Never fails: bytes that are no character are absent ones, a marker nobody knows is `strange` and drawn."""
    lines: list[list[Letter]] = [[]]
    fonts = {"O": 0, "E": 0}
    named: set[str] = set()
    strange: list[str] = []
    colour, has_clock, place = RED, False, 0
    while place < len(data):
        marker = _MARKER.match(data, place)
        if marker is None:
            if data[place] == _BACKSLASH:
                strange.append(data[place : place + 2].decode("ascii", "replace"))
            letter, size = _letter(data, place)
            kind = "O" if letter.wide else "E"
            named.add(f"{kind}{fonts[kind]:03d}")
            lines[-1].append(Letter(letter.text, letter.wide, fonts[kind], colour, letter.absent))
            place += size
            continue
        place = marker.end()
        if marker["colour"]:
            colour = int(marker["colour"])
        elif marker["kind"]:
            fonts[marker["kind"].decode()] = int(marker["font"])
            named.add(f"{marker['kind'].decode()}{int(marker['font']):03d}")
        elif marker["line"]:
            lines.append([])
        else:
            has_clock = True
            named.add(f"E{fonts['E']:03d}")
            digits = moment.strftime(_CLOCK[marker["clock"]])
            lines[-1] += [Letter(digit, False, fonts["E"], colour) for digit in digits]
    return Written(tuple(map(tuple, lines)), frozenset(named), has_clock, tuple(strange))


def _letter(data: bytes, place: int) -> tuple[Letter, int]:
    """The character that begins there, and its bytes. A lead byte takes the next one along, also a backslash."""
    first = data[place]
    if first < 0x80:
        text = chr(first)
        return Letter(text if text.isprintable() else UNKNOWN, False, absent=not text.isprintable()), 1
    pair = data[place : place + 2]
    if not _FIRST_LEAD <= first <= _LAST_LEAD or len(pair) < 2:
        return Letter(UNKNOWN, False, absent=True), 1
    try:
        return Letter(pair.decode("gb2312"), True), 2
    except UnicodeDecodeError:
        return Letter(pair.decode("gbk", "replace")[:1], True, absent=True), 2
