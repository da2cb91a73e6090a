"""YAML 1.2 into plain values, remembering where each key and value stands."""

from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from edge.site_check.mistakes import Mistake, Path, path_text

_TAG: Final = "tag:yaml.org,2002:"
_MAX_DEPTH: Final = 20


class Place(NamedTuple):
    """Line and column, both from 1; `text` as it stands in the file (scalars only)."""

    line: int
    column: int
    text: str = ""


@dataclass
class Sheet:
    """A parsed file: `data` is None when the text is no YAML; then `mistakes` says why."""

    data: Any = None
    values: dict[Path, Place] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def value(self, path: Path) -> Place:
        """Where the value at `path` stands, or the nearest thing around it."""
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, Place(1, 1))

    def key(self, path: Path) -> Place:
        return self.keys.get(path) or self.value(path)


def placeless(data: dict[str, Any]) -> Sheet:
    """The sheet of a text that was parsed before: every path is there, all of them at its beginning."""
    sheet = Sheet(data)
    _note(sheet, data, ())
    return sheet


def _note(sheet: Sheet, value: Any, path: Path) -> None:
    sheet.values[path] = Place(1, 1)
    if isinstance(value, dict):
        for name, inner in value.items():
            sheet.keys[*path, name] = Place(1, 1, name)
            _note(sheet, inner, (*path, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _note(sheet, inner, (*path, index))


def read_sheet(raw: bytes) -> Sheet:
    """Parse a site file. Never raises for what stands in it."""
    sheet = Sheet()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        sheet.mistakes.append(Mistake(line, column, "", "not_utf8", meant="UTF-8"))
        return sheet
    sheet.mistakes += _tabs(text)
    if not sheet.mistakes:
        _parse(sheet, text)
    return sheet


def _tabs(text: str) -> list[Mistake]:
    """Tabs in indentation, all of them: the parser would stop at the first."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        indent = line[: len(line) - len(line.lstrip())]
        if "\t" in indent and line.strip():
            found.append(Mistake(number, indent.index("\t") + 1, "", "tab"))
    return found


def _parse(sheet: Sheet, text: str) -> None:
    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        sheet.mistakes.append(Mistake(line, column, "", "syntax", {"problem": error.problem or error.context or ""}))
        return
    except YAMLError as error:
        sheet.mistakes.append(Mistake(1, 1, "", "syntax", {"problem": str(error).splitlines()[0]}))
        return
    if not isinstance(root, MappingNode):
        sheet.mistakes.append(Mistake(1, 1, "", "no_site"))
        return
    sheet.data = _build(sheet, root, ())


def _build(sheet: Sheet, node: Node, path: Path) -> Any:
    place = Place(node.start_mark.line + 1, node.start_mark.column + 1)
    sheet.values[path] = place
    if len(path) > _MAX_DEPTH:
        sheet.mistakes.append(Mistake(place.line, place.column, "", "too_deep"))
        return None
    if isinstance(node, MappingNode):
        return _mapping(sheet, node, path)
    if isinstance(node, SequenceNode):
        return [_build(sheet, item, (*path, index)) for index, item in enumerate(node.value)]
    sheet.values[path] = place._replace(text=str(node.value))
    return _scalar(str(node.value), str(node.tag).removeprefix(_TAG))


def _mapping(sheet: Sheet, node: MappingNode, path: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        name = str(key_node.value)
        place = Place(key_node.start_mark.line + 1, key_node.start_mark.column + 1, name)
        inner = (*path, name)
        if name in found:
            first = sheet.keys[inner].line
            where = path_text(inner)
            sheet.mistakes.append(Mistake(place.line, place.column, where, "twice", {"name": name, "first": first}))
            continue
        sheet.keys[inner] = place
        found[name] = _build(sheet, value_node, inner)
    return found


def _scalar(text: str, tag: str) -> Any:
    try:
        if tag == "null":
            return None
        if tag == "bool":
            return text.lower() == "true"
        if tag == "int":
            return int(text.replace("_", ""), 10 if text.lstrip("+-").isdecimal() else 0)
        if tag == "float":
            return float(text.replace("_", ""))
    except ValueError:
        return text
    return text
