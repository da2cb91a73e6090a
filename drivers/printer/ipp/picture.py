"""A picture of a paper on one A4 sheet, in grey."""

import base64
import binascii
import io
from typing import Final

import numpy as np
from PIL import Image, ImageOps

from drivers.errors import BadConfig
from drivers.printer.ipp.page import A4_MM, Page

MOST_PIXELS: Final = 40_000_000
_EDGE_MM: Final = 5.0  # what office printers leave white
_CARD_MM: Final = (85.6, 53.98)  # ISO/IEC 7810 ID-1: such a card is printed as large as it is
_CARD_SLACK: Final = 0.04


def picture_page(picture: str, dpi: int) -> Page:
    """`picture`: base64 of a JPEG. Upright, as large as the sheet, a card in its own size. Raises BadConfig."""
    found = _opened(picture)
    room = [round((side - 2 * _EDGE_MM) / 25.4 * dpi) for side in A4_MM]
    if _is_card(found):
        room = [round(side / 25.4 * dpi) for side in sorted(_CARD_MM, reverse=found.width > found.height)]
    elif found.width > found.height:
        found = found.transpose(Image.Transpose.ROTATE_90)
    found = ImageOps.contain(found, (room[0], room[1]), Image.Resampling.LANCZOS)
    sheet = Image.new("L", (round(A4_MM[0] / 25.4 * dpi), round(A4_MM[1] / 25.4 * dpi)), 255)
    sheet.paste(found, ((sheet.width - found.width) // 2, (sheet.height - found.height) // 2))
    return np.asarray(sheet, dtype=np.uint8)


def _opened(picture: str) -> Image.Image:
    try:
        found = Image.open(io.BytesIO(base64.b64decode(picture, validate=True)), formats=("JPEG",))
        if found.width * found.height > MOST_PIXELS:
            raise BadConfig("a picture beyond all measure")
        return found.convert("L")
    except (OSError, ValueError, binascii.Error) as problem:
        raise BadConfig("no picture that can be read") from problem


def _is_card(found: Image.Image) -> bool:
    longer, shorter = max(found.size), max(1, min(found.size))
    return abs(longer / shorter / (_CARD_MM[0] / _CARD_MM[1]) - 1) < _CARD_SLACK
