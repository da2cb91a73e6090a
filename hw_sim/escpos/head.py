"""The print head: carries out commands one by one on the strip. Knows nothing of wires, paper ends or time."""

from collections.abc import Callable
from dataclasses import replace

from PIL import Image

from hw_sim.escpos.commands import Characters, Command, Item, Undefined
from hw_sim.escpos.graphics import LEVEL_NAMES, QrStore, columns, raster
from hw_sim.escpos.letters import CODE_PAGES, Charset, Decoder
from hw_sim.escpos.strip import ALIGNS, LINE_SPACING, Strip, Style

_RASTER_SIZES = {0: (1, 1), 1: (2, 1), 2: (1, 2), 3: (2, 2), 48: (1, 1), 49: (2, 1), 50: (1, 2), 51: (2, 2)}


class Head:
    """`errors` names what no command list defines; the strip's `flags` name what came out wrong on paper.

    Cuts, buzzer, drawer and status requests are given back to the printer: `run` returns those commands.
    """

    def __init__(self, width: int, charset: Charset, *, chinese_at_start: bool = True) -> None:
        self._width = width
        self._chinese_at_start = chinese_at_start
        self._decoder = Decoder(charset)
        self.strip = Strip(width)
        self.errors: list[str] = []
        self._commands: dict[str, Callable[[bytes], None]] = {
            "LF": lambda _: self.strip.end_line(),
            "ESC @": lambda _: self.reset(),
            "ESC !": self._mode,
            "ESC E": lambda data: self._set(bold=bool(data[0] & 1)),
            "ESC -": self._underline,
            "ESC a": self._align,
            "ESC d": self._feed_lines,
            "ESC J": self._feed_dots,
            "ESC M": lambda data: None,
            "ESC t": self._code_page,
            "ESC 2": lambda _: self._space(LINE_SPACING),
            "ESC 3": lambda data: self._space(data[0]),
            "ESC *": self._columns,
            "FS &": lambda _: self._chinese(True),
            "FS .": lambda _: self._chinese(False),
            "FS !": self._chinese_mode,
            "FS S": lambda _: None,
            "GS !": self._size,
            "GS B": lambda data: self._set(inverse=bool(data[0] & 1)),
            "GS v 0": self._raster,
            "GS ( k": self._qr,
            "GS ( L": self._stored_raster,
            "DLE EOT": lambda _: None,  # answered when it arrived
        }
        self.reset()

    def reset(self) -> None:
        """ESC @: settings, not paper."""
        self.strip.finish_line()
        self._latin = self._wide = Style()
        self._qr_store = QrStore()
        self._stored: Image.Image | None = None
        self.strip.align, self.strip.spacing = "left", LINE_SPACING
        self._decoder.reset(chinese=self._chinese_at_start)

    def lose_power(self) -> None:
        """What was not on paper yet is gone."""
        self.strip.drop_line()
        self.reset()

    def tear(self) -> tuple[Strip, list[str]]:
        """Hands the strip over after a cut; a new one begins with the same settings."""
        done, errors = self.strip, self.errors
        self.strip = Strip(self._width, align=done.align, spacing=done.spacing)
        self.errors = []
        return done, errors

    def run(self, item: Item) -> Command | None:
        """Carries an item out; returns it when it is the printer's business."""
        match item:
            case Characters(data):
                self._print(data)
                return None
            case Undefined(data):
                self._lose_half()
                self.errors.append(f"undefined command {data.hex(' ')}")
                return None
            case Command(name, data):
                self._lose_half()
                if name not in self._commands:
                    return item
                self._commands[name](data)
        return None

    def _print(self, data: bytes) -> None:
        for letter in self._decoder.decode(data):
            self.strip.put(letter, self._wide if letter.wide else self._latin)

    def _lose_half(self) -> None:
        if lost := self._decoder.drop_half():
            self.strip.flags.append(f"half a character lost: {lost.hex(' ')}")

    def _set(self, *, bold: bool | None = None, inverse: bool | None = None) -> None:
        if bold is not None:
            self._latin, self._wide = replace(self._latin, bold=bold), replace(self._wide, bold=bold)
        if inverse is not None:
            self._latin, self._wide = replace(self._latin, inverse=inverse), replace(self._wide, inverse=inverse)

    def _mode(self, data: bytes) -> None:
        bits = data[0]
        self._latin = replace(
            self._latin,
            across=2 if bits & 0x20 else 1,
            down=2 if bits & 0x10 else 1,
            bold=bool(bits & 0x08),
            underline=1 if bits & 0x80 else 0,
        )

    def _chinese_mode(self, data: bytes) -> None:
        bits = data[0]
        self._wide = replace(
            self._wide,
            across=2 if bits & 0x04 else 1,
            down=2 if bits & 0x08 else 1,
            underline=1 if bits & 0x80 else 0,
        )

    def _size(self, data: bytes) -> None:
        across, down = (data[0] >> 4 & 7) + 1, (data[0] & 7) + 1
        self._latin = replace(self._latin, across=across, down=down)
        self._wide = replace(self._wide, across=across, down=down)

    def _underline(self, data: bytes) -> None:
        if data[0] % 48 > 2:
            self._undefined("ESC -", data)
            return
        self._latin = replace(self._latin, underline=data[0] % 48)

    def _align(self, data: bytes) -> None:
        if data[0] % 48 > 2:
            self._undefined("ESC a", data)
            return
        self.strip.finish_line()
        self.strip.align = ALIGNS[data[0] % 48]

    def _feed_lines(self, data: bytes) -> None:
        self.strip.finish_line()
        self.strip.feed(data[0] * self.strip.spacing)

    def _feed_dots(self, data: bytes) -> None:
        self.strip.finish_line()
        self.strip.feed(data[0])

    def _space(self, dots: int) -> None:
        self.strip.spacing = dots

    def _code_page(self, data: bytes) -> None:
        if data[0] not in CODE_PAGES:
            self._undefined("ESC t", data)
            return
        self._decoder.code_page = CODE_PAGES[data[0]]

    def _chinese(self, on: bool) -> None:
        self._decoder.chinese = on

    def _columns(self, data: bytes) -> None:
        mode, count = data[0], int.from_bytes(data[1:3], "little")
        if mode not in (0, 1, 32, 33):
            self._undefined("ESC *", data[:1])
            return
        self._picture(columns(mode, count, data[3:]))

    def _raster(self, data: bytes) -> None:
        width, height = int.from_bytes(data[1:3], "little"), int.from_bytes(data[3:5], "little")
        if data[0] not in _RASTER_SIZES or not width or not height:
            self._undefined("GS v 0", data[:5])
            return
        self._picture(raster(data[5:], width, height, *_RASTER_SIZES[data[0]]))

    def _stored_raster(self, data: bytes) -> None:
        match tuple(data[:2]):
            case (0x30, 0x70) if len(data) >= 10:
                across, down = data[3], data[4]
                width, height = int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
                row = -(-width // 8)
                sizes_right = across in (1, 2) and down in (1, 2) and width and height
                if not sizes_right or len(data) - 10 != row * height:
                    self._undefined("GS ( L", data[:10])
                    return
                self._stored = raster(data[10:], row, height, across, down)
            case (0x30, 0x32 | 0x02):
                if self._stored is not None:
                    self._picture(self._stored)
                    self._stored = None
            case _:
                self._undefined("GS ( L", data[:10])

    def _qr(self, data: bytes) -> None:
        store = self._qr_store
        match tuple(data[:3]):
            case (0x31, 0x41, model) if model in (0x31, 0x32):
                return
            case (0x31, 0x43, dots) if 1 <= dots <= 16:
                store.dots = dots
            case (0x31, 0x45, level) if level in LEVEL_NAMES:
                store.level = level
            case (0x31, 0x50, 0x30):
                store.data = data[3:]
            case (0x31, 0x51, 0x30):
                self._print_qr()
            case _:
                self._undefined("GS ( k", data[:3])

    def _print_qr(self) -> None:
        store = self._qr_store
        image = store.image()
        if image is None:
            self.strip.flags.append(f"QR not printable: {len(store.data)} bytes")
            return
        self.strip.finish_line()
        self.strip.paste(image)
        text = store.data.decode("utf-8", errors="backslashreplace")
        self.strip.lines.append(
            {
                "kind": "qr",
                "text": text,
                "dots": store.dots,
                "level": LEVEL_NAMES[store.level],
                "align": self.strip.align,
            }
        )

    def _picture(self, image: Image.Image) -> None:
        self.strip.finish_line()
        self.strip.paste(image)
        self.strip.lines.append(
            {"kind": "raster", "width": image.width, "height": image.height, "align": self.strip.align}
        )

    def _undefined(self, name: str, data: bytes) -> None:
        self.errors.append(f"undefined value of {name}: {data.hex(' ')}")
