"""Bytes into commands: an incremental parser that may be fed any cut of the stream.

The list is that of ticket_printer.md section 4, with the older cutters, line spacing and underline.
"""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

ESC, FS, GS, DLE, LF, CR, EOT, DC4 = 0x1B, 0x1C, 0x1D, 0x10, 0x0A, 0x0D, 0x04, 0x14
# DLE DC4 8 with the seven bytes that guard it: forget all that is not on paper. Not every printer has it.
CLEAR = bytes((DLE, DC4, 8, 1, 3, 20, 1, 6, 2, 8))
# The most a QR or a stored picture may claim: longer is damage, not a ticket.
LONGEST_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Command:
    """`name` as the command references write it (`ESC @`, `GS v 0`); `data` its parameters."""

    name: str
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Characters:
    """Printable bytes, not decoded: what they mean depends on the mode they meet."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Undefined:
    """A lead-in no command of the list begins with. What follows it is printed as text, as printers do."""

    data: bytes


Item = Command | Characters | Undefined
_Reading = Generator[Item | None, int, None]
_Bytes = Generator[Item | None, int, bytes]

# Parameters of fixed length.
_ESC_FIXED = {"@": 0, "!": 1, "E": 1, "a": 1, "d": 1, "J": 1, "M": 1, "t": 1, "B": 2, "p": 3}
_ESC_FIXED |= {"-": 1, "2": 0, "3": 1, "i": 0, "m": 0}
_FS_FIXED = {"&": 0, ".": 0, "!": 1, "S": 2}
_GS_FIXED = {"!": 1, "B": 1, "r": 1, "a": 1}


class CommandParser:
    """`feed` gives what became whole; runs of printable bytes come together, never across two feeds."""

    def __init__(self) -> None:
        self._reading = self._start()

    def forget(self) -> None:
        self._reading = self._start()

    def feed(self, data: bytes) -> Iterator[Item]:
        characters = bytearray()
        for byte in data:
            item = self._reading.send(byte)
            if isinstance(item, Characters):
                characters += item.data
                continue
            if item is not None:
                if characters:
                    yield Characters(bytes(characters))
                    characters.clear()
                yield item
        if characters:
            yield Characters(bytes(characters))

    @staticmethod
    def _start() -> _Reading:
        reading = _read()
        next(reading)
        return reading


def _read() -> _Reading:
    done: Item | None = None
    leads: dict[int, Callable[[], Generator[Item | None, int, Item]]] = {
        ESC: _escape,
        FS: _fs,
        GS: _gs,
        DLE: _dle,
    }
    while True:
        byte = yield done
        if byte in leads:
            done = yield from leads[byte]()
        elif byte == LF:
            done = Command("LF")
        elif byte == CR:
            done = None
        elif byte < 0x20:
            done = Undefined(bytes([byte]))
        else:
            done = Characters(bytes([byte]))


def _take(count: int) -> _Bytes:
    taken = bytearray()
    while len(taken) < count:
        taken.append((yield None))
    return bytes(taken)


def _escape() -> Generator[Item | None, int, Item]:
    letter = chr((yield None))
    if letter in _ESC_FIXED:
        return Command(f"ESC {letter}", (yield from _take(_ESC_FIXED[letter])))
    if letter == "*":
        head = yield from _take(3)
        columns = int.from_bytes(head[1:], "little")
        return Command("ESC *", head + (yield from _take(columns * (3 if head[0] in (32, 33) else 1))))
    return Undefined(bytes([ESC, ord(letter)]))


def _fs() -> Generator[Item | None, int, Item]:
    letter = chr((yield None))
    if letter in _FS_FIXED:
        return Command(f"FS {letter}", (yield from _take(_FS_FIXED[letter])))
    return Undefined(bytes([FS, ord(letter)]))


def _dle() -> Generator[Item | None, int, Item]:
    second = yield None
    if second == EOT:
        return Command("DLE EOT", (yield from _take(1)))
    if second == DC4:
        data = yield from _take(len(CLEAR) - 2)
        return Command("DLE DC4", data) if data == CLEAR[2:] else Undefined(bytes([DLE, second]) + data)
    return Undefined(bytes([DLE, second]))


def _gs() -> Generator[Item | None, int, Item]:
    letter = chr((yield None))
    if letter in _GS_FIXED:
        return Command(f"GS {letter}", (yield from _take(_GS_FIXED[letter])))
    if letter == "V":
        mode = yield from _take(1)
        return Command("GS V", mode + ((yield from _take(1)) if mode in b"AB" else b""))
    if letter == "v":
        return (yield from _raster())
    if letter == "(":
        kind = chr((yield None))
        length = int.from_bytes((yield from _take(2)), "little")
        if kind in "kL":
            return Command(f"GS ( {kind}", (yield from _take(length)))
        yield from _take(length)  # the length is there: skip it as real printers do, and say so
        return Undefined(bytes([GS, ord("("), ord(kind)]))
    return Undefined(bytes([GS, ord(letter)]))


def _raster() -> Generator[Item | None, int, Item]:
    zero = yield None
    if zero != ord("0"):
        return Undefined(bytes([GS, ord("v"), zero]))
    head = yield from _take(5)
    size = int.from_bytes(head[1:3], "little") * int.from_bytes(head[3:5], "little")
    if size > LONGEST_BLOCK:
        return Undefined(bytes([GS, ord("v"), zero]) + head)
    return Command("GS v 0", head + (yield from _take(size)))


class RealtimeScanner:
    """Finds DLE EOT n and DLE DC4 8 wherever they stand in the stream, also inside pictures, also cut over packets."""

    def __init__(self) -> None:
        self._seen = b""

    def forget(self) -> None:
        self._seen = b""

    def feed(self, data: bytes) -> list[int]:
        """The n of every DLE EOT that became whole."""
        joined = self._seen[-2:] + data
        self._seen = (self._seen + data)[-(len(CLEAR) - 1) :]
        return [
            joined[place + 2] for place in range(len(joined) - 2) if joined[place] == DLE and joined[place + 1] == EOT
        ]

    def after_clear(self, data: bytes) -> bytes | None:
        """What stands behind the last DLE DC4 8 that ends in `data`; None when none does. Ask before `feed`."""
        before, found, after = (self._seen + data).rpartition(CLEAR)
        return after if found and len(before) + len(CLEAR) > len(self._seen) else None
