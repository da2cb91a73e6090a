"""The lines of a print job on A4 pages: black letters on white, as many pages as it takes."""

import io
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import qrcode
from PIL import Image

from drivers.contract import TicketLine
from drivers.glyphs import Dots, FontFiles, Glyphs
from drivers.linebreak import balanced, broken
from drivers.printer import picture
from drivers.printer.text import clean

A4_MM: Final = (210.0, 297.0)
_MARGIN_MM: Final = 20.0
_LETTER_MM: Final = {1: 4.2, 2: 6.3, 4: 17.0}
_SPACING: Final = 1.5
_QR_MM: Final = 30.0
_LOGO_MM: Final = 12.0
_LOGO_SPACE: Final = 1.25
_PAGE_NUMBER_MM: Final = 3.5
_NEVER_FIRST: Final = frozenset("，。、；：？！）》〉」』】”’,.;:?!)")

Page = npt.NDArray[np.uint8]
"""Shape (height, width), 0 black to 255 white."""


class Pages:
    """For one resolution. Punctuation that would begin a line hangs in the margin behind the last one."""

    def __init__(self, fonts: FontFiles, dpi: int) -> None:
        self.dpi = dpi
        self._light = Glyphs(FontFiles(regular=fonts.regular, bold=fonts.regular, pixel={}))
        self._bold = Glyphs(FontFiles(regular=fonts.bold, bold=fonts.bold, pixel={}))
        self._width, self._height = self._dots(A4_MM[0]), self._dots(A4_MM[1])
        self._margin = self._dots(_MARGIN_MM)
        self._room = self._width - 2 * self._margin

    def draw(self, lines: Iterable[TicketLine]) -> list[Page]:
        pages, top = [self._empty()], self._margin
        for line in lines:
            for strip, spacing in self._strips(line):
                if top + strip.shape[0] > self._height - self._margin:
                    pages.append(self._empty())
                    top = self._margin
                self._put(pages[-1], strip, top, line.align)
                top += spacing
        if len(pages) > 1:
            self._number(pages)
        return pages

    def _strips(self, line: TicketLine) -> Iterable[tuple[Dots, int]]:
        """Rows of dots, each with the room it takes downwards."""
        if line.qr:
            code = self._qr(line.text)
            yield code, round(code.shape[0] * 1.1)
            return
        if line.picture and (logo := picture.dots(line.picture, self._dots(_LOGO_MM), self._room)) is not None:
            yield logo, round(logo.shape[0] * _LOGO_SPACE)
            return
        glyphs, height = self._bold if line.bold else self._light, self._dots(_LETTER_MM[line.size])
        cut = broken if line.align == "left" else balanced
        for part in _hanging(cut(clean(line.text), self._room, lambda text: glyphs.width(text, height))):
            yield glyphs.line(part, height), round(height * _SPACING)

    def _qr(self, text: str) -> Dots:
        code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
        code.add_data(text.encode())
        code.make(fit=True)
        modules = np.array(code.get_matrix(), dtype=np.bool_)
        dot = max(2, self._dots(_QR_MM) // len(modules))
        return np.kron(modules, np.ones((dot, dot), dtype=np.bool_))

    def _put(self, page: Page, strip: Dots, top: int, align: str) -> None:
        free = max(0, self._room - strip.shape[1])
        left = self._margin + {"left": 0, "centre": free // 2, "right": free}[align]
        strip = strip[:, : self._width - left]
        page[top : top + strip.shape[0], left : left + strip.shape[1]][strip] = 0

    def _number(self, pages: Sequence[Page]) -> None:
        height = self._dots(_PAGE_NUMBER_MM)
        for number, page in enumerate(pages, 1):
            strip = self._light.line(f"{number} / {len(pages)}", height)
            self._put(page, strip, self._height - self._margin + height, "centre")

    def _empty(self) -> Page:
        return np.full((self._height, self._width), 255, dtype=np.uint8)

    def _dots(self, millimetres: float) -> int:
        return round(millimetres / 25.4 * self.dpi)


def _hanging(lines: list[str]) -> list[str]:
    out: list[str] = []
    for line in lines:
        while out and line[:1] in _NEVER_FIRST and line:
            out[-1], line = out[-1] + line[0], line[1:]
        if line or not out:
            out.append(line)
    return out


def is_grey(page: Page) -> bool:
    """Whether it is more than black and white."""
    return bool(np.any((page != 0) & (page != 255)))


def _image(page: Page) -> Image.Image:
    image = Image.fromarray(page)
    return image if is_grey(page) else image.convert("1", dither=Image.Dither.NONE)


def pdf(pages: Sequence[Page], dpi: int) -> bytes:
    """One picture a page: letters black and white, the picture of a paper in grey."""
    images = [_image(page) for page in pages]
    out = io.BytesIO()
    images[0].save(out, "PDF", resolution=dpi, save_all=True, append_images=images[1:])
    return out.getvalue()
