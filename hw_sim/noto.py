"""The outline font that simulators draw Chinese with."""

from functools import lru_cache
from pathlib import Path
from typing import Final

from PIL import ImageFont

_FILE: Final = "NotoSansCJK-Regular.ttc"
_FOLDERS: Final = ("opentype/noto", "noto-cjk", "google-noto-cjk", "truetype/noto")
_FONTS: Final = Path("/usr/share/fonts")
_FACES: Final = 10
SANS: Final = "Noto Sans CJK SC"
MONO: Final = "Noto Sans Mono CJK SC"


class NoChineseFont(RuntimeError):
    def __init__(self) -> None:
        super().__init__(f"{_FILE} not found below {_FONTS}: install fonts-noto-cjk")


@lru_cache(maxsize=32)
def noto(family: str, points: int) -> ImageFont.FreeTypeFont:
    """Raises NoChineseFont."""
    file = next((_FONTS / folder / _FILE for folder in _FOLDERS if (_FONTS / folder / _FILE).exists()), None)
    if file is None:
        raise NoChineseFont
    faces = (ImageFont.truetype(str(file), points, index=index) for index in range(_FACES))
    return next(face for face in faces if face.getname()[0] == family)
