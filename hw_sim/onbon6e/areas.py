"""Dynamic areas: what A7 00 carries in the sixth and in the fifth generation, and how their pixels lie (led.md 1.5)."""

from dataclasses import dataclass, replace

from hw_sim.run_modes import COUNTED, page_at

AREA_TYPE = 0x10
PAGE_LENGTH = 0x1A
STAY_UNIT = 0.01  # seconds
SHORTEST_STAY = 0.01
_FIXED_TAIL = 9  # background, transparency, area-equal, sound and five reserved bytes
_PAGE_HEAD = 13  # of the fifth generation, whose page length counts the pixels too


class Malformed(ValueError):
    """Lengths inside the payload do not fit what is there."""


@dataclass(frozen=True, slots=True)
class Page:
    """`lit`: one byte a pixel, 1 = lit, row by row; `seconds`: how long it stays."""

    lit: bytes
    seconds: float
    effect: int


@dataclass(frozen=True, slots=True)
class Area:
    """Position and size in pixels; `timeout` in seconds, in run mode 5 the number of plays."""

    id: int
    run_mode: int
    timeout: int
    x: int
    y: int
    width: int
    height: int
    pages: tuple[Page, ...]

    def page_at(self, age: float) -> Page | None:
        """What is shown `age` seconds after the update; None: the area has vanished."""
        return page_at(self.run_mode, self.timeout, self.pages, age)


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


@dataclass(frozen=True, slots=True)
class _PageHead:
    effect: int
    stay: int
    offset: int
    length: int


def read_update(payload: bytes) -> list[Area]:
    """The areas of a sixth generation's A7 00. Malformed: any length or type that does not fit."""
    reader = _Reader(payload)
    heads = []
    for _ in range(reader.number(2)):
        length, start = reader.number(4), reader.place
        area = _read_area(reader)
        if reader.take(_FIXED_TAIL)[3]:
            raise Malformed("sound is not for this card")
        heads.append((area, [_read_page(reader) for _ in range(_pages(reader))]))
        if reader.place - start != length:
            raise Malformed(f"area info says {length} bytes, has {reader.place - start}")
    pixels = payload[reader.place :]
    used = sum(page.length for _, pages in heads for page in pages)
    if used != len(pixels):
        raise Malformed(f"pages name {used} pixel bytes, {len(pixels)} came")
    return [replace(area, pages=tuple(_drawn(area, page, pixels) for page in pages)) for area, pages in heads]


def read_update_5(payload: bytes) -> list[Area]:
    """The one area of a fifth generation's A7 00. Malformed: any length or type that does not fit."""
    reader = _Reader(payload)
    if (length := reader.number(4)) != len(payload) - reader.place:
        raise Malformed(f"area length {length}, {len(payload) - reader.place} there")
    area = _read_area(reader)
    pages = tuple(_read_page_5(reader, area) for _ in range(_pages(reader)))
    if reader.place != len(payload):
        raise Malformed(f"{len(payload) - reader.place} bytes left over")
    return [replace(area, pages=pages)]


def _read_area(reader: _Reader) -> Area:
    """From the area's id to its frame, the same in both generations."""
    area_id, run_mode, timeout = reader.number(), reader.number(), reader.number(2)
    reader.take(1)
    reader.take(2 * reader.number(2))  # related programs
    reader.take(1 + 4)
    if (kind := reader.number()) != AREA_TYPE:
        raise Malformed(f"area type {kind:02X}, not {AREA_TYPE:02X}")
    x, y, width, height = (reader.number(2) for _ in range(4))
    if reader.number():
        reader.take(3)
        frame_width = reader.number()
        reader.take(2 + frame_width)
    if run_mode > COUNTED:
        raise Malformed(f"run mode {run_mode}")
    return Area(area_id, run_mode, timeout, x, y, width, height, ())


def _pages(reader: _Reader) -> int:
    if not (pages := reader.number(2)):
        raise Malformed("no pages")
    return pages


def _read_page(reader: _Reader) -> _PageHead:
    if (length := reader.number(4)) != PAGE_LENGTH:
        raise Malformed(f"page length {length:#x}, always 0x1a on this generation")
    reader.take(1)
    effect = reader.number()
    reader.take(2)
    stay = reader.number(2)
    reader.take(1 + 2 + 9)
    return _PageHead(effect, stay, reader.number(4), reader.number(4))


def _drawn(area: Area, head: _PageHead, pixels: bytes) -> Page:
    data = pixels[head.offset : head.offset + head.length]
    return _page(unpack_words(data, area.x, area.width, area.height), head.stay, head.effect)


def _read_page_5(reader: _Reader, area: Area) -> Page:
    if (length := reader.number(4)) < _PAGE_HEAD:
        raise Malformed(f"page length {length} is shorter than its head")
    reader.take(1)
    effect = reader.number()
    reader.take(2)
    stay = reader.number(2)
    reader.take(1 + 2 + 4)
    data = reader.take(length - _PAGE_HEAD)
    return _page(unpack_bytes(data, area.x, area.width, area.height), stay, effect)


def _page(lit: bytes, stay: int, effect: int) -> Page:
    return Page(lit, max(SHORTEST_STAY, stay * STAY_UNIT), effect)


def unpack_words(data: bytes, x: int, width: int, height: int) -> bytes:
    """One byte a pixel, 1 = lit, from 32-bit words sent low byte first, 0 = lit. Malformed: wrong length."""
    return _unpack(data, x % 32, width, height, word=4)


def unpack_bytes(data: bytes, x: int, width: int, height: int) -> bytes:
    """The same from bytes whose bit 7 is leftmost."""
    return _unpack(data, x % 8, width, height, word=1)


def _unpack(data: bytes, skip: int, width: int, height: int, *, word: int) -> bytes:
    row = -(-(skip + width) // (8 * word)) * word
    if len(data) != row * height:
        raise Malformed(f"{width}x{height} behind {skip} needs {row * height} pixel bytes, not {len(data)}")
    lit = bytearray()
    for start in range(0, len(data), row):
        line = data[start : start + row]
        bits = "".join(f"{int.from_bytes(line[at : at + word], 'little'):0{8 * word}b}" for at in range(0, row, word))
        lit += bytes(bit == "0" for bit in bits[skip : skip + width])
    return bytes(lit)
