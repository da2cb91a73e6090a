"""Dynamic areas of the sixth generation: what A7 00 carries, and how its pixels lie in words (led.md 1.5)."""

from dataclasses import dataclass

from hw_sim.run_modes import COUNTED, page_at

AREA_TYPE = 0x10
PAGE_LENGTH = 0x1A
STAY_UNIT = 0.01  # seconds
SHORTEST_STAY = 0.01
_FIXED_TAIL = 9  # background, transparency, area-equal, sound and five reserved bytes


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
    """The areas of an A7 00 payload. Malformed: any length or type that does not fit."""
    reader = _Reader(payload)
    heads = []
    for _ in range(reader.number(2)):
        length, start = reader.number(4), reader.place
        heads.append(_read_head(reader))
        if reader.place - start != length:
            raise Malformed(f"area info says {length} bytes, has {reader.place - start}")
    pixels = payload[reader.place :]
    used = sum(page.length for _, pages in heads for page in pages)
    if used != len(pixels):
        raise Malformed(f"pages name {used} pixel bytes, {len(pixels)} came")
    return [_finish(area, pages, pixels) for area, pages in heads]


def _read_head(reader: _Reader) -> tuple[Area, list[_PageHead]]:
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
    if reader.take(_FIXED_TAIL)[3]:
        raise Malformed("sound is not for this card")
    pages = [_read_page(reader) for _ in range(reader.number(2))]
    if not pages or run_mode > COUNTED:
        raise Malformed("no pages, or an unknown run mode")
    return Area(area_id, run_mode, timeout, x, y, width, height, ()), pages


def _read_page(reader: _Reader) -> _PageHead:
    if (length := reader.number(4)) != PAGE_LENGTH:
        raise Malformed(f"page length {length:#x}, always 0x1a on this generation")
    reader.take(1)
    effect = reader.number()
    reader.take(2)
    stay = reader.number(2)
    reader.take(1 + 2 + 9)
    return _PageHead(effect, stay, reader.number(4), reader.number(4))


def _finish(area: Area, heads: list[_PageHead], pixels: bytes) -> Area:
    pages = []
    for head in heads:
        data = pixels[head.offset : head.offset + head.length]
        lit = unpack_words(data, area.x, area.width, area.height)
        pages.append(Page(lit, max(SHORTEST_STAY, head.stay * STAY_UNIT), head.effect))
    return Area(area.id, area.run_mode, area.timeout, area.x, area.y, area.width, area.height, tuple(pages))


def unpack_words(data: bytes, x: int, width: int, height: int) -> bytes:
    """One byte a pixel, 1 = lit, from 32-bit words sent low byte first, 0 = lit. Malformed: wrong length."""
    skip = x % 32
    words = -(-(skip + width) // 32)
    if len(data) != words * 4 * height:
        raise Malformed(f"{width}x{height} at {x} needs {words * 4 * height} pixel bytes, not {len(data)}")
    lit = bytearray()
    for row in range(height):
        line = data[row * words * 4 : (row + 1) * words * 4]
        bits = "".join(f"{int.from_bytes(line[place : place + 4], 'little'):032b}" for place in range(0, len(line), 4))
        lit += bytes(bit == "0" for bit in bits[skip : skip + width])
    return bytes(lit)
