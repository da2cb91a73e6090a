"""Names of halls by level (场所名称, 意见二(一)): one template for all, checked where a site says where it lies."""

import tomllib
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from config import folder
from edge.site_check.mistakes import Mistake, Path
from edge.site_check.places import Sheet
from edge.site_check.references import mistake_at

_OWN_TEXT: Final = "zh-Hans"
_HALL: Final = ("hall",)


@cache
def templates() -> dict[str, tuple[str, ...]]:
    """By level, the full name first."""
    found = tomllib.loads((folder() / "naming.toml").read_text("utf-8"))
    return {level: tuple(names) for level, names in found.items()}


def names_for(level: str, place: dict[str, Any]) -> tuple[str, ...]:
    """What a hall of this level may be called there. Raises KeyError with the part of `place` that is missing."""
    given = {part: text for part, text in place.items() if isinstance(text, str) and text}
    return tuple(template.format(**given) for template in templates().get(level, ()))


def check_names(sheet: Sheet) -> Iterator[Mistake]:
    hall = sheet.data.get("hall")
    if not isinstance(hall, dict):
        return
    full, short = _own(hall.get("name")), _own(hall.get("short"))
    if full and short and len(short) > len(full):
        yield mistake_at(sheet, (*_HALL, "short", _OWN_TEXT), "short_longer", name=full)
    place = hall.get("place")
    if not isinstance(place, dict) or not full:
        return
    yield from _by_rule(sheet, full, str(hall.get("level", "station")), place)


def _by_rule(sheet: Sheet, full: str, level: str, place: dict[str, Any]) -> Iterator[Mistake]:
    here: Path = (*_HALL, "name", _OWN_TEXT)
    try:
        allowed = names_for(level, place)
    except KeyError as missing:
        yield mistake_at(sheet, (*_HALL, "place"), "name_no_place", part=missing.args[0], level=level)
        return
    if allowed and _plain(full) not in {_plain(name) for name in allowed}:
        yield mistake_at(sheet, here, "name_not_ruled", meant=allowed[0], level=level)


def _own(text: Any) -> str:
    found = text.get(_OWN_TEXT) if isinstance(text, dict) else None
    return found if isinstance(found, str) else ""


def _plain(name: str) -> str:
    """Half-width brackets are meant as full-width ones."""
    return name.replace("(", "（").replace(")", "）").replace(" ", "")
