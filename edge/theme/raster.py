"""Logos as dots: what is wrong with a PNG, and the picture that goes to printers."""

import io
import struct
import zlib
from base64 import b64encode
from typing import TYPE_CHECKING, Final

from edge.theme.svg import Fault, ratio_fault

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_SIDE: Final = 2400
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
PAPER_ROWS: Final = 284  # 12 mm at 600 dots an inch, the finest office printer
_LEAST_ROWS: Final = 72  # 9 mm of a ticket printer
_BLACK: Final = 128
_LEAST_INK, _MOST_INK = 0.01, 0.75  # beyond, a ticket printer's head is overheated, or there is nothing to see


def png_faults(raw: bytes) -> list[Fault]:
    try:
        picture = _opened(raw)
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error):
        return [Fault(1, 1, "theme.no_png")]
    if picture is None:
        return [Fault(1, 1, "theme.png_large", {"limit": MAX_SIDE})]
    return ratio_fault(picture.width / picture.height)


def paper_faults(raw: bytes) -> list[Fault]:
    """Of a logo for printers, which know black and white only."""
    if faults := png_faults(raw):
        return faults
    picture = _trimmed(_grey(raw))
    if picture is None:
        return [Fault(1, 1, "theme.paper_blank")]
    if picture.height < _LEAST_ROWS:
        return [Fault(1, 1, "theme.paper_small", {"rows": picture.height, "least": _LEAST_ROWS})]
    ink = sum(picture.histogram()[:_BLACK]) / (picture.width * picture.height)
    if ink < _LEAST_INK:
        return [Fault(1, 1, "theme.paper_blank")]
    if ink > _MOST_INK:
        return [Fault(1, 1, "theme.paper_black", {"share": round(ink * 100), "most": round(_MOST_INK * 100)})]
    return ratio_fault(picture.width / picture.height)


def paper_picture(raw: bytes) -> str:
    """For TicketLine.picture: no white edge, grey, as high as the finest printer needs. `raw` is without fault."""
    picture = _trimmed(_grey(raw))
    assert picture is not None, "checked before"
    if picture.height > PAPER_ROWS:
        picture = picture.resize((max(1, round(picture.width * PAPER_ROWS / picture.height)), PAPER_ROWS))
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return b64encode(out.getvalue()).decode()


def _opened(raw: bytes) -> "Image | None":
    """Read whole, so that a file cut short is seen; None where the head promises more dots than we want to unfold."""
    from PIL import Image  # a tenth of a second and some MiB: only where a pack has dots

    if raw[:8] != _SIGNATURE:
        raise ValueError("no PNG")
    width, height = struct.unpack_from(">II", raw, 16)
    if max(width, height) > MAX_SIDE:
        return None
    with Image.open(io.BytesIO(raw), formats=["PNG"]) as picture:
        picture.load()
        return picture.convert("RGBA")


def _grey(raw: bytes) -> "Image":
    """On white, where the file is transparent."""
    from PIL import Image

    picture = _opened(raw)
    assert picture is not None, "checked before"
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture).convert("L")


def _trimmed(picture: "Image") -> "Image | None":
    """None for an empty sheet."""
    box = picture.point(lambda value: 255 if value < _BLACK else 0).getbbox()
    return None if box is None else picture.crop(box)
