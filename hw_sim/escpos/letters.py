"""Bytes into characters as the printer's character sets do it (ticket_printer.md section 1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Charset = Literal["gb2312", "gbk", "gb18030"]
CODE_PAGES = {0: "cp437", 2: "cp850", 3: "cp860", 4: "cp863", 5: "cp865", 16: "cp1252", 17: "cp866", 18: "cp852"}
CODE_PAGES |= {19: "cp858", 255: "ascii"}
BOX = "\u25a1"


@dataclass(frozen=True, slots=True)
class Letter:
    """`wide`: a double-byte cell. `undecodable`: printed as a box, its bytes kept."""

    text: str
    wide: bool
    undecodable: bytes = b""


class Decoder:
    """Holds the first half of a double byte until the second comes."""

    def __init__(self, charset: Charset) -> None:
        self._charset = charset
        self._half = b""
        self.chinese = True
        self.code_page = "cp437"

    def reset(self, *, chinese: bool) -> None:
        self._half = b""
        self.chinese = chinese
        self.code_page = "cp437"

    def drop_half(self) -> bytes:
        """A command came in the middle of a character: the half that is lost."""
        lost, self._half = self._half, b""
        return lost

    def decode(self, data: bytes) -> Iterator[Letter]:
        for byte in data:
            if self._half:
                yield from self._second(byte)
            elif byte < 0x80:
                yield Letter(chr(byte), wide=False) if byte != 0x7F else _box(b"\x7f", wide=False)
            elif self.chinese:
                self._half = bytes([byte])
            else:
                yield self._single(byte)

    def _second(self, byte: int) -> Iterator[Letter]:
        taken = self._half + bytes([byte])
        digit = 0x30 <= byte <= 0x39
        four = self._charset == "gb18030" and (len(taken) == 3 or (digit and len(taken) == 2))
        if four:
            self._half = taken
            return
        self._half = b""
        yield self._wide(taken)

    def _wide(self, taken: bytes) -> Letter:
        try:
            text = taken.decode(self._charset)
        except UnicodeDecodeError:
            return _box(taken, wide=True)
        # A whole character, not one of the private places a codec maps anything to.
        if len(text) != 1 or 0xE000 <= ord(text) <= 0xF8FF:
            return _box(taken, wide=True)
        return Letter(text, wide=True)

    def _single(self, byte: int) -> Letter:
        try:
            return Letter(bytes([byte]).decode(self.code_page), wide=False)
        except UnicodeDecodeError:
            return _box(bytes([byte]), wide=False)


def _box(taken: bytes, *, wide: bool) -> Letter:
    return Letter(BOX, wide=wide, undecodable=taken)
