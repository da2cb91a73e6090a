"""The paper under the head: what is drawn on it, and in words what stands there."""

import io
from dataclasses import dataclass, field
from typing import Any, Literal

from PIL import Image

from hw_sim.escpos.fonts import CELL, LATIN, box, glyph
from hw_sim.escpos.letters import Letter

Align = Literal["left", "center", "right"]
ALIGNS: tuple[Align, ...] = ("left", "center", "right")
_CHUNK = 1024  # dots by which the image grows
LINE_SPACING = 30


@dataclass(frozen=True, slots=True)
class Style:
    across: int = 1
    down: int = 1
    bold: bool = False
    underline: int = 0
    inverse: bool = False


@dataclass(slots=True)
class _Cell:
    letter: Letter
    style: Style

    @property
    def width(self) -> int:
        return (CELL if self.letter.wide else LATIN) * self.style.across

    def image(self) -> Image.Image:
        style = self.style
        if self.letter.undecodable:
            return box(self.letter.wide, style.across, style.down)
        return glyph(self.letter.text, self.letter.wide, style.across, style.down, style.bold)


@dataclass(slots=True)
class Strip:
    """`width` in dots. `lines` tells what stands on the paper, top to bottom."""

    width: int
    lines: list[dict[str, Any]] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    align: Align = "left"
    spacing: int = LINE_SPACING
    _line: list[_Cell] = field(default_factory=list)
    _image: Image.Image | None = None
    _y: int = 0

    @property
    def empty(self) -> bool:
        return not self.lines and not self._line

    @property
    def used(self) -> int:
        """Dots of paper so far."""
        return self._y

    def put(self, letter: Letter, style: Style) -> None:
        cell = _Cell(letter, style)
        if sum(one.width for one in self._line) + cell.width > self.width:
            self.end_line()
        self._line.append(cell)
        if letter.undecodable:
            self.flags.append(f"no character for {letter.undecodable.hex(' ')}")

    def end_line(self) -> None:
        """Prints what waits, or feeds one line when nothing does."""
        if not self._line:
            self.feed(self.spacing)
            self.lines.append({"kind": "text", "text": ""})
            return
        cells, self._line = self._line, []
        height = max(CELL * cell.style.down for cell in cells)
        row = Image.new("1", (sum(cell.width for cell in cells), height), 1)
        x = 0
        for cell in cells:
            self._draw(row, cell, x, height)
            x += cell.width
        self.lines.append(self._words(cells))
        self.paste(row)
        self.feed(max(0, self.spacing - CELL))

    def finish_line(self) -> None:
        """Before anything that starts on its own line."""
        if self._line:
            self.end_line()

    def drop_line(self) -> None:
        self._line = []

    def paste(self, image: Image.Image) -> None:
        """At the alignment; what is wider than the paper is cut off on the right, and flagged."""
        if image.width > self.width:
            self.flags.append(f"image {image.width} dots wide on {self.width}")
        free = max(0, self.width - image.width)
        x = {"left": 0, "center": free // 2, "right": free}[self.align]
        self._grow(self._y + image.height).paste(image, (x, self._y))
        self._y += image.height

    def feed(self, dots: int) -> None:
        self._grow(self._y + dots)
        self._y += dots

    def png(self) -> bytes:
        image = self._grow(max(1, self._y)).crop((0, 0, self.width, max(1, self._y)))
        out = io.BytesIO()
        image.save(out, "PNG")
        return out.getvalue()

    def _draw(self, row: Image.Image, cell: _Cell, x: int, height: int) -> None:
        image = cell.image()
        top = height - image.height
        if cell.style.inverse:
            image = image.point(lambda dot: 0 if dot else 255)
        row.paste(image, (x, top))
        if cell.style.underline:
            row.paste(0, (x, height - cell.style.underline, x + cell.width, height))

    def _words(self, cells: list[_Cell]) -> dict[str, Any]:
        first = cells[0].style
        return {
            "kind": "text",
            "text": "".join(cell.letter.text for cell in cells),
            "size": [first.across, first.down],
            "bold": first.bold,
            "underline": first.underline,
            "align": self.align,
        } | ({} if all(cell.style == first for cell in cells) else {"mixed": True})

    def _grow(self, height: int) -> Image.Image:
        if self._image is None or self._image.height < height:
            bigger = Image.new("1", (self.width, height + _CHUNK), 1)
            if self._image is not None:
                bigger.paste(self._image, (0, 0))
            self._image = bigger
        return self._image
