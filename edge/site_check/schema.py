"""What pydantic found, told to a person: one mistake a place, with what was probably meant."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from edge.site_check.mistakes import Mistake, Path, nearest, path_text
from edge.site_check.places import Place, Sheet
from edge.site_sections.form import ADDRESS, CODE, WEB_ADDRESS
from edge.theme.pack import COLOUR, FILE_NAME, PAPER_NAME

_FORMS: Final = {
    r"^[a-z0-9][a-z0-9-]{0,31}$": "form_id",
    r"^[A-Z0-9-]{2,32}$": "form_site",
    r"^[A-Z]{1,2}$": "form_prefix",
    r"^[0-9]{1,3}$": "form_number",
    ADDRESS: "form_address",
    CODE: "form_code",
    COLOUR: "form_colour",
    FILE_NAME: "form_logo",
    PAPER_NAME: "form_paper_logo",
    WEB_ADDRESS: "form_web_address",
}
_LIMITS: Final = {
    "greater_than": "too_small",
    "greater_than_equal": "too_small",
    "less_than": "too_big",
    "less_than_equal": "too_big",
}
_TYPES: Final = {
    "int_type": "want_int",
    "int_parsing": "want_int",
    "int_from_float": "want_int",
    "float_type": "want_number",
    "float_parsing": "want_number",
    "bool_type": "want_bool",
    "bool_parsing": "want_bool",
    "tuple_type": "want_list",
    "list_type": "want_list",
    "model_type": "want_section",
    "model_attributes_type": "want_section",
    "dict_type": "want_section",
    "string_type": "want_text",
}


def explain(sheet: Sheet, errors: Iterable[ErrorDetails], model: type[BaseModel], base: Path = ()) -> list[Mistake]:
    """Mistakes for the errors of `model`, whose data stands at `base`."""
    found: dict[Path, Mistake] = {}
    missing: list[tuple[Path, str]] = []
    for error in errors:
        path = _known(sheet, base, error["loc"])
        if error["type"] == "missing":
            missing.append((path, str(error["loc"][-1])))
        elif path not in found:
            found[path] = _mistake(sheet, path, error, model, base)
    meant = {(path[:-1], mistake.meant) for path, mistake in found.items() if mistake.code == "unknown_key"}
    lacking = [(path, name) for path, name in missing if (path, name) not in meant]
    return [*found.values(), *(_lack(sheet, path, name) for path, name in lacking)]


def fields_at(model: type[BaseModel], path: Iterable[str | int]) -> set[str]:
    """Names that the mapping at `path` below `model` may have; empty where they are free."""
    here: Any = model
    for step in path:
        here = _inner(here, step)
    if _is_model(here):
        return {field.alias or name for name, field in here.model_fields.items()}
    return _words(here)


def _mistake(sheet: Sheet, path: Path, error: ErrorDetails, model: type[BaseModel], base: Path) -> Mistake:
    where, kind = path_text(path), error["type"]
    if kind == "extra_forbidden" or error["loc"][-1:] == ("[key]",):
        key, place = str(path[-1]), sheet.key(path)
        close = nearest(key, fields_at(model, path[len(base) : -1]))
        return Mistake(place.line, place.column, where, "unknown_key", {"name": key}, close)
    place = sheet.value(path) if error["input"] is not None else sheet.key(path)
    code, values, meant = _of_value(error, place)
    return Mistake(place.line, place.column, where, code, values, meant)


def _of_value(error: ErrorDetails, place: Place) -> tuple[str, Mapping[str, Any], str]:
    kind, given, context = error["type"], error["input"], error.get("ctx", {})
    shown = place.text or str(given)
    if given is None or kind == "string_too_short":
        return "empty", {}, ""
    if kind == "string_type" and isinstance(given, int | float):
        return "quote", {"value": shown}, f'"{shown}"'
    if kind == "literal_error":
        allowed = re.findall(r"'([^']*)'|(?<![\w'])(\d+)", str(context.get("expected", "")))
        allowed = [text or number for text, number in allowed]
        return "not_one_of", {"value": shown, "allowed": ", ".join(allowed)}, nearest(str(given), allowed)
    if kind == "string_pattern_mismatch":
        form = _FORMS.get(str(context.get("pattern", "")))
        if form is not None:
            return form, {"value": shown}, ""
    if kind.startswith("date_"):
        return "form_date", {"value": shown}, ""
    if kind in _LIMITS:
        return _LIMITS[kind], {"value": shown, "limit": next(iter(context.values()))}, ""
    if kind in _TYPES:
        return _TYPES[kind], {"value": shown if place.text else type(given).__name__}, ""
    return "other", {"problem": error["msg"]}, ""


def _lack(sheet: Sheet, path: Path, name: str) -> Mistake:
    place = sheet.value(path)
    return Mistake(place.line, place.column, path_text(path), "missing", {"name": name})


def _known(sheet: Sheet, base: Path, loc: Iterable[str | int]) -> Path:
    """The longest part of `loc` that stands in the file: pydantic adds names of union branches behind it."""
    path = base
    for step in loc:
        if (*path, step) not in sheet.values:
            break
        path = (*path, step)
    return path


def _inner(annotation: Any, step: str | int) -> Any:
    if _is_model(annotation):
        for name, field in annotation.model_fields.items():
            if step in (name, field.alias):
                return _unwrap(field.annotation)
        return None
    arguments = get_args(annotation)
    if get_origin(annotation) in (tuple, list) and arguments:
        return _unwrap(arguments[0])
    if get_origin(annotation) is dict and len(arguments) == 2:
        return _unwrap(arguments[1])
    return None


def _unwrap(annotation: Any) -> Any:
    """`X | None` -> `X`."""
    branches = [branch for branch in get_args(annotation) if branch is not type(None)]
    is_optional = len(branches) == 1 and type(None) in get_args(annotation)
    return branches[0] if is_optional else annotation


def _words(annotation: Any) -> set[str]:
    """Allowed keys of `dict[Literal[...], X]`."""
    if get_origin(annotation) is not dict:
        return set()
    return {word for word in get_args(get_args(annotation)[0]) if isinstance(word, str)}


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
