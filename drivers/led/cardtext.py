"""What a font card can draw: its charset, its markers, and what stands in for the rest (led.md 1.4)."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from drivers.printer.text import encode

CardCharset = Literal["gb2312", "gbk"]
Colour = Literal["red", "green", "yellow"]

LINE_BREAK = b"\\n"
_COLOURS: Mapping[Colour, bytes] = {"red": b"\\C1", "green": b"\\C2", "yellow": b"\\C3"}
_BACKSLASH = 0x5C
_FULL_WIDTH_BACKSLASH = "＼"
_SELECTORS = frozenset({*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)})


@dataclass(frozen=True, slots=True)
class Drawable:
    """A text in which every character can be drawn. `missing` are those that could not, in order, each once."""

    text: str
    missing: tuple[str, ...] = ()


class Speller:
    """`spellings` gives words for a character no font has; `substitute` stands where there is none.

    Raises ValueError when a spelling or the substitute cannot be drawn itself.
    """

    def __init__(self, charset: CardCharset, substitute: str = "□", spellings: Mapping[str, str] | None = None) -> None:
        self._charset, self._substitute = charset, substitute
        self._spellings = dict(spellings or {})
        for words in (substitute, *self._spellings.values()):
            if not words or not all(self._can_draw(char) for char in words):
                raise ValueError(f"{words!r} cannot be drawn in {charset}")

    def drawable(self, text: str) -> Drawable:
        missing: dict[str, None] = {}
        parts = []
        for char in unicodedata.normalize("NFC", text):
            plain = _plain(char)
            if all(self._can_draw(one) for one in plain):
                parts.append(plain)
            else:
                missing[char] = None
                parts.append(self._spellings.get(char, self._substitute))
        return Drawable("".join(parts), tuple(missing))

    def encoded(self, text: str) -> bytes:
        """Bytes of a drawable text. Raises ValueError for any other."""
        coded = [self._code(char) for char in text]
        if any(code is None for code in coded):
            raise ValueError(f"not drawable in {self._charset}")
        return b"".join(code for code in coded if code is not None)

    def _can_draw(self, char: str) -> bool:
        return self._code(char) is not None

    def _code(self, char: str) -> bytes | None:
        """No byte of a character may be a backslash: GBK has 118 whose second byte is one, and would end as markers
        on a card that looks for markers byte by byte (docs/decisions/0151)."""
        if char.isascii():
            return char.encode("ascii") if char.isprintable() and char != "\\" else None
        code = encode(char, self._charset)
        return code if code is not None and len(code) == 2 and _BACKSLASH not in code else None


def _plain(char: str) -> str:
    """What says the same without needing a picture: no invisible signs, no controls, no marker."""
    if char == "\\":
        return _FULL_WIDTH_BACKSLASH
    if ord(char) in _SELECTORS or unicodedata.category(char) == "Cf":
        return ""
    return " " if unicodedata.category(char) in ("Cc", "Zs", "Zl", "Zp") and char != "\u3000" else char


def width(text: str, size: int) -> int:
    """Dots of a text: Latin letters take half of what Chinese characters take."""
    return sum(size // 2 if char.isascii() else size for char in text)


def font_marker(files: tuple[str, ...]) -> bytes:
    """`files` such as O000 (Chinese) and E000 (Latin)."""
    return b"".join(b"\\F" + name.encode("ascii") for name in files)


def colour_marker(colour: Colour) -> bytes:
    return _COLOURS[colour]
