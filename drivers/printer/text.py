"""Chinese text for the printer's own fonts (ticket_printer.md 1): bytes, columns, sizes."""

import unicodedata
from typing import Literal

Charset = Literal["gb2312", "gbk", "gb18030"]

INIT = b"\x1b@"
CLEAR_NOW = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"  # DLE DC4 8; in no page of ours, from public references
KANJI_ON = b"\x1c\x26"
# Python's gb2312 knows A1AA and A1A4 only under these other names.
_GB2312_NAMES = {0x2014: 0x2015, 0x00B7: 0x30FB}


def clean(text: str) -> str:
    """Without control characters: text can never become a command."""
    return "".join(" " if unicodedata.category(char).startswith("C") else char for char in text)


def encode(text: str, charset: Charset) -> bytes | None:
    """Bytes for the printer's fonts, or None when the line must be drawn.

    Four-byte codes are never sent, even to a printer said to be GB18030: cheap ones print garbage for them.
    """
    try:
        return text.translate(_GB2312_NAMES).encode("gb2312")
    except UnicodeEncodeError:
        if charset == "gb2312":
            return None
    try:
        return text.encode("gbk")
    except UnicodeEncodeError:
        return None


def columns(text: str) -> int:
    """Width in columns of the 12-dot Latin font; Chinese characters take two."""
    return sum(1 if char.isascii() else 2 for char in text)


def size(width: int, height: int) -> bytes:
    """Both size commands: GS ! for Latin, FS ! for Chinese (double at most), else they differ."""
    chinese = (0x04 if width > 1 else 0) | (0x08 if height > 1 else 0)
    return bytes((0x1D, 0x21, (width - 1) << 4 | (height - 1), 0x1C, 0x21, chinese))
