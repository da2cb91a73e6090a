"""Pictures that come as dots, and QR codes the printer draws itself (ticket_printer.md section 2)."""

from dataclasses import dataclass

import qrcode
import qrcode.constants
import qrcode.exceptions
from PIL import Image

_LEVELS = {
    0x30: qrcode.constants.ERROR_CORRECT_L,
    0x31: qrcode.constants.ERROR_CORRECT_M,
    0x32: qrcode.constants.ERROR_CORRECT_Q,
    0x33: qrcode.constants.ERROR_CORRECT_H,
}
LEVEL_NAMES = {0x30: "L", 0x31: "M", 0x32: "Q", 0x33: "H"}


def raster(rows: bytes, bytes_a_row: int, height: int, across: int = 1, down: int = 1) -> Image.Image:
    """1 = black, bit 7 left; `across` and `down` repeat dots."""
    image = Image.frombytes("1", (bytes_a_row * 8, height), bytes(byte ^ 0xFF for byte in rows))
    if (across, down) != (1, 1):
        image = image.resize((image.width * across, image.height * down), Image.Resampling.NEAREST)
    return image


def columns(mode: int, count: int, data: bytes) -> Image.Image:
    """ESC *: columns of 8 or 24 dots, the top bit first; single density repeats dots."""
    deep = 3 if mode in (32, 33) else 1
    image = Image.new("1", (max(1, count), deep * 8), 1)
    for x in range(count):
        column = int.from_bytes(data[x * deep : (x + 1) * deep], "big")
        for y in range(deep * 8):
            if column >> (deep * 8 - 1 - y) & 1:
                image.putpixel((x, y), 0)
    across, down = {0: (2, 3), 1: (1, 3), 32: (2, 1), 33: (1, 1)}.get(mode, (1, 1))
    return image.resize((image.width * across, image.height * down), Image.Resampling.NEAREST)


@dataclass(slots=True)
class QrStore:
    """Settings and data between the functions of GS ( k."""

    dots: int = 3
    level: int = 0x30
    data: bytes = b""

    def image(self) -> Image.Image | None:
        """None: nothing stored, or more than a QR holds."""
        if not self.data:
            return None
        code = qrcode.QRCode(error_correction=_LEVELS[self.level], box_size=self.dots, border=0)
        code.add_data(self.data)
        try:
            code.make(fit=True)
        except (qrcode.exceptions.DataOverflowError, ValueError):  # the library says either, by size
            return None
        matrix = code.get_matrix()
        image = Image.new("1", (len(matrix), len(matrix)), 1)
        image.putdata([0 if dark else 255 for row in matrix for dark in row])
        side = len(matrix) * self.dots
        return image.resize((side, side), Image.Resampling.NEAREST)
