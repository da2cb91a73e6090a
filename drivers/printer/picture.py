"""The picture of a line (a logo at the head of a paper) as black dots for one printer."""

import io
from base64 import b64decode

import numpy as np
from PIL import Image

from drivers.glyphs import Dots

_LARGEST = 4_000_000  # dots; what unfolds to more is no logo
_BLACK = 128


def dots(picture: str, height: int, width: int) -> Dots | None:
    """`picture`: PNG in base64, drawn as high as `height` and `width` allow; None for what is no picture."""
    try:
        with Image.open(io.BytesIO(b64decode(picture, validate=True)), formats=["PNG"]) as opened:
            if opened.width * opened.height > _LARGEST:
                return None
            grey = opened.convert("L")
    except (OSError, SyntaxError, ValueError):
        return None
    scale = min(height / grey.height, width / grey.width)
    size = (max(1, round(grey.width * scale)), max(1, round(grey.height * scale)))
    return np.asarray(grey.resize(size, Image.Resampling.LANCZOS)) < _BLACK
