"""A print job to bytes (ticket_printer.md 1 and 2). Pictures, QR and cut by python-escpos; text by ourselves."""

from typing import Literal

import numpy as np
import qrcode
from escpos.printer import Dummy
from PIL import Image

from drivers.contract import PrintJob, TicketLine
from drivers.glyphs import Dots, Glyphs
from drivers.linebreak import balanced
from drivers.printer import picture, text

COLUMN_DOTS = 12
DOTS_PER_MM = 8
NUMBER_WIDTH, NUMBER_HEIGHT = 4, 6
"""Multiples of the 12x24 font; its digits fill about 17 of 24 dots, so six times is 12.75 mm (domain.md U20)."""

_PROFILES = {576: "RP-F10-80mm", 384: "POS-5890"}
_ALIGN = {"left": 0, "centre": 1, "right": 2}
_DRAWN_HEIGHT = {1: 24, 2: 48, 4: 120}
_FRAGMENT_ROWS = 256
_MARGIN_ROWS = 3
_QR_MM = 28
_LOGO_MM = 9  # with its margins a ticket gets less than 10 mm longer
_TEAR_FEED = b"\x1bd\x06"


class Renderer:
    """For one printer: `width` 576 or 384 dots; `cutter` False feeds to the tear bar instead."""

    def __init__(
        self,
        width: Literal[576, 384],
        charset: text.Charset,
        cutter: bool,
        native_qr: bool,
        glyphs: Glyphs,
    ) -> None:
        self._width, self._charset = width, charset
        self._cutter, self._native_qr = cutter, native_qr
        self._glyphs = glyphs

    def job(self, job: PrintJob) -> bytes:
        """The whole ticket. Starts from a known state, because the last user of the printer is unknown."""
        out = self._printer()
        out._raw(text.INIT + text.KANJI_ON)
        for line in job.lines:
            self._line(out, line)
        if job.cut and self._cutter:
            out.cut()
        else:
            out._raw(_TEAR_FEED)
        return bytes(out.output)

    def remains(self) -> bytes:
        """Separates what a broken job may have left in the printer from the next person's ticket."""
        out = self._printer()
        out._raw(text.INIT)
        if self._cutter:
            out.cut()
        else:
            out._raw(_TEAR_FEED)
        return bytes(out.output)

    def _printer(self) -> Dummy:
        return Dummy(profile=_PROFILES[self._width])

    # --- lines ----------------------------------------------------------------------------------------------------

    def _line(self, out: Dummy, line: TicketLine) -> None:
        if line.qr:
            self._qr(out, line)
            return
        if line.picture and (logo := picture.dots(line.picture, _LOGO_MM * DOTS_PER_MM, self._width)) is not None:
            self._picture(out, logo, line.align)
            return
        words = text.clean(line.text)
        encoded = text.encode(words, self._charset)
        if encoded is None or (line.size == 4 and not words.isascii()):
            self._drawn(out, line, words)
        else:
            self._typed(out, line, words)

    def _typed(self, out: Dummy, line: TicketLine, words: str) -> None:
        width, height = self._scale(line, words)
        start = bytes((0x1B, 0x61, _ALIGN[line.align], 0x1B, 0x45, line.bold))
        out._raw(start + text.size(width, height))
        for piece in balanced(words, self._width // COLUMN_DOTS // width, text.columns):
            out._raw((text.encode(piece, self._charset) or b"") + b"\n")
        out._raw(b"\x1bE\x00" + text.size(1, 1))

    def _scale(self, line: TicketLine, words: str) -> tuple[int, int]:
        """A number keeps its height and gets narrower before it is broken."""
        if line.size < 4:
            return line.size, line.size
        fitting = self._width // COLUMN_DOTS // max(1, text.columns(words))
        return max(1, min(NUMBER_WIDTH, fitting)), NUMBER_HEIGHT

    # --- pictures -------------------------------------------------------------------------------------------------

    def _drawn(self, out: Dummy, line: TicketLine, words: str) -> None:
        height = _DRAWN_HEIGHT[line.size]
        for piece in balanced(words, self._width, lambda part: self._glyphs.width(part, height)):
            self._picture(out, self._glyphs.line(piece, height), line.align)

    def _qr(self, out: Dummy, line: TicketLine) -> None:
        code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
        code.add_data(line.text.encode())
        code.make(fit=True)
        modules = np.array(code.get_matrix(), dtype=np.bool_)
        dot = max(3, min(_QR_MM * DOTS_PER_MM, self._width) // len(modules))
        if self._native_qr:
            out._raw(bytes((0x1B, 0x61, _ALIGN[line.align])))
            out.qr(line.text, ec=1, size=min(16, dot), native=True)
            out._raw(b"\n")
        else:
            self._picture(out, np.kron(modules, np.ones((dot, dot), dtype=np.bool_)), line.align)

    def _picture(self, out: Dummy, dots: Dots, align: Literal["left", "centre", "right"]) -> None:
        """Aligned by white dots in full width: printers differ in what ESC a does to pictures."""
        dots = dots[:, : self._width]
        left = {"left": 0, "centre": (self._width - dots.shape[1]) // 2, "right": self._width - dots.shape[1]}[align]
        canvas = np.zeros((dots.shape[0] + 2 * _MARGIN_ROWS, self._width), dtype=np.bool_)
        canvas[_MARGIN_ROWS:-_MARGIN_ROWS, left : left + dots.shape[1]] = dots
        out._raw(b"\x1ba\x00")
        out.image(Image.fromarray(~canvas), impl="bitImageRaster", fragment_height=_FRAGMENT_ROWS, center=False)
