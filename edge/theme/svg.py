"""What is wrong with a logo's SVG. Only shapes pass: what every screen draws alike, and what can neither run nor load.

The elements are those of SVG Tiny 1.2 without text, pictures and motion: Qt and browsers draw these in the same way.
Text needs a font that a hall may not have; masks, filters and patterns look different from one program to the next.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from xml.parsers import expat

SPACE: Final = "http://www.w3.org/2000/svg"
NARROWEST: Final = 0.5
WIDEST: Final = 8.0
MAX_ELEMENTS: Final = 2000
MAX_DEPTH: Final = 40
_SHAPES: Final = frozenset(("path", "rect", "circle", "ellipse", "line", "polyline", "polygon"))
_DRAWN: Final = _SHAPES | {"svg", "g", "defs", "title", "desc", "linearGradient", "radialGradient", "stop"}
_OUTSIDE: Final = re.compile(r"url\s*\(\s*['\"]?\s*(?![#\s'\"])|javascript:", re.IGNORECASE)
_STRANGE: Final = re.compile(r"[@\\]|/\*|expression|image", re.IGNORECASE)  # in a style: what loads or hides it
_NUMBER: Final = r"\s*[+-]?[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?"
_VIEW: Final = re.compile(rf"{_NUMBER}[\s,]{_NUMBER}[\s,]({_NUMBER})[\s,]({_NUMBER})\s*")
_LENGTH: Final = re.compile(rf"({_NUMBER})\s*(?:px)?\s*")


@dataclass(frozen=True, slots=True)
class Fault:
    """`code` as in edge.site_check.mistakes.Mistake; line and column from 1."""

    line: int
    column: int
    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


def svg_faults(raw: bytes) -> list[Fault]:
    """In the order of the file; after one that is no XML, or that grows by itself, nothing more is read."""
    reader = _Reader()
    try:
        reader.parser.Parse(raw, True)
    except expat.ExpatError as error:
        reader.faults.append(Fault(error.lineno, error.offset + 1, "theme.no_xml", {"problem": _plain(error)}))
    except (LookupError, ValueError) as error:  # an encoding that nobody knows
        reader.faults.append(Fault(1, 1, "theme.no_xml", {"problem": str(error)}))
    except _Enough:
        pass
    return reader.faults or reader.missing()


class _Enough(Exception):
    """The rest of the file is not worth reading."""


class _Reader:
    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.ProcessingInstructionHandler = self._instruction
        self._depth = 0
        self._count = 0
        self._shapes = 0
        self._ratio: float | None = None

    def missing(self) -> list[Fault]:
        """What a sound file lacks."""
        if self._ratio is None:
            return [Fault(1, 1, "theme.svg_no_size")]
        if not self._shapes:
            return [Fault(1, 1, "theme.svg_empty")]
        return ratio_fault(self._ratio)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._count += 1
        if self._count > MAX_ELEMENTS or self._depth > MAX_DEPTH:
            self._fault("theme.svg_large", limit=MAX_ELEMENTS)
            raise _Enough
        space, _, name = tag.rpartition(" ")
        if self._depth == 1 and (name != "svg" or space != SPACE):
            self._fault("theme.no_svg")
            raise _Enough
        if space != SPACE or name not in _DRAWN:
            self._fault("theme.svg_element", name=name)
        self._shapes += space == SPACE and name in _SHAPES
        for attribute, value in attributes.items():
            self._attribute(attribute, value)
        if self._depth == 1:
            self._ratio = _ratio(attributes)

    def _end(self, tag: str) -> None:
        self._depth -= 1

    def _attribute(self, attribute: str, value: str) -> None:
        name = attribute.rpartition(" ")[2]
        if name.lower().startswith("on"):
            self._fault("theme.svg_script", name=name)
        elif name in ("href", "src", "base"):
            if name != "href" or not value.startswith("#"):
                self._fault("theme.svg_outside", name=name)
        elif _OUTSIDE.search(value) or (name == "style" and _STRANGE.search(value)):
            self._fault("theme.svg_outside", name=name)

    def _doctype(self, *_: object) -> None:
        """Where entities are declared: a few lines may unfold to gigabytes."""
        self._fault("theme.svg_doctype")
        raise _Enough

    def _instruction(self, target: str, data: str) -> None:
        self._fault("theme.svg_outside", name=target)

    def _fault(self, code: str, **values: object) -> None:
        line, column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
        self.faults.append(Fault(line, column, code, values))


def ratio_fault(ratio: float) -> list[Fault]:
    """Bars of screens are low: what is taller than twice its width, or longer than eight times, cannot be read."""
    if NARROWEST <= ratio <= WIDEST:
        return []
    return [Fault(1, 1, "theme.shape", {"ratio": f"{ratio:.1f}", "least": NARROWEST, "most": WIDEST})]


def _ratio(attributes: Mapping[str, str]) -> float | None:
    """Width by height of the whole, None where the file does not say."""
    view = _VIEW.fullmatch(attributes.get("viewBox", ""))
    if view is not None:
        width, height = float(view[1]), float(view[2])
    else:
        sides = [_LENGTH.fullmatch(attributes.get(side, "")) for side in ("width", "height")]
        if sides[0] is None or sides[1] is None:
            return None
        width, height = float(sides[0][1]), float(sides[1][1])
    return width / height if width > 0 and height > 0 else None


def _plain(error: expat.ExpatError) -> str:
    return expat.ErrorString(error.code)
