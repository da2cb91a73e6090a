"""What the schema cannot see: ids that are used twice, or named and nowhere defined."""

from collections.abc import Callable, Iterator
from itertools import chain
from operator import itemgetter
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config.words import LANGUAGES
from edge.pins import is_pin_hash
from edge.site_check.mistakes import Mistake, Path, nearest, path_text
from edge.site_check.places import Sheet
from edge.site_check.queue import check_queue

_LISTS: Final = ("areas", "services", "windows", "kiosks", "clerks", "technicians", "guides", "leads", "devices")
_REFERENCES: Final = (
    ("services", "area", "areas"),
    ("windows", "area", "areas"),
    ("windows", "services", "services"),
    ("windows", "display", "devices"),
    ("windows", "keypad", "devices"),
    ("windows", "pad", "devices"),
    ("windows", "camera", "devices"),
    ("windows", "reader", "devices"),
    ("windows", "printer", "devices"),
    ("kiosks", "area", "areas"),
    ("kiosks", "reader", "devices"),
    ("kiosks", "printer", "devices"),
    ("kiosks", "scanner", "devices"),
    ("kiosks", "office", "devices"),
    ("kiosks", "camera", "devices"),
    ("clerks", "windows", "windows"),
    ("guides", "kiosk", "kiosks"),
    ("devices", "bus", "devices"),
)
_UNIQUE: Final = (
    *((section, "id", "id_twice") for section in _LISTS),
    ("services", "prefix", "prefix_twice"),
    ("windows", "number", "number_twice"),
)
OWN_TEXT: Final = "zh-Hans"


def check_references(sheet: Sheet) -> list[Mistake]:
    """Mistakes between the parts of a file, as far as it has the right form."""
    return [
        mistake
        for check in (_twice, _shared_devices, _unknown, _speaker, _texts, _pins, _timezone, _video, check_queue)
        for mistake in check(sheet)
    ]


def items(sheet: Sheet, section: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The entries of a list that are mappings, with their paths."""
    found = sheet.data.get(section)
    for index, entry in enumerate(found if isinstance(found, list) else ()):
        if isinstance(entry, dict):
            yield (section, index), entry


def ids(sheet: Sheet, section: str) -> dict[str, Path]:
    """Every id of a section with the path of its first entry."""
    found: dict[str, Path] = {}
    for path, entry in items(sheet, section):
        if isinstance(entry.get("id"), str):
            found.setdefault(entry["id"], path)
    return found


def mistake_at(sheet: Sheet, path: Path, code: str, meant: str = "", **values: Any) -> Mistake:
    place = sheet.value(path)
    return Mistake(place.line, place.column, path_text(path), code, values, meant)


def _twice(sheet: Sheet) -> Iterator[Mistake]:
    for section, field, code in _UNIQUE:
        yield from repeated(sheet, items(sheet, section), itemgetter(field), field, code)


def repeated(
    sheet: Sheet,
    entries: Iterator[tuple[Path, dict[str, Any]]],
    key: Callable[[dict[str, Any]], Any],
    field: str,
    code: str,
) -> Iterator[Mistake]:
    """A mistake at each `field` whose `key` an earlier entry had; no value, None or KeyError = nothing to compare."""
    first: dict[Any, Path] = {}
    for path, entry in entries:
        try:
            value = key(entry)
        except KeyError:
            continue
        if value is None or isinstance(value, list | dict):
            continue
        if value in first:
            line = sheet.value((*first[value], *field.split("."))).line
            shown = entry.get(field, value) if "." not in field else value[-1]
            yield mistake_at(sheet, (*path, *field.split(".")), code, value=shown, first=line)
        first.setdefault(value, path)


def _shared_devices(sheet: Sheet) -> Iterator[Mistake]:
    for field in ("display", "keypad", "pad"):
        yield from repeated(sheet, items(sheet, "windows"), itemgetter(field), field, "device_shared")
    # A card or paper laid at one place would be read for whoever stands at the other.
    for field in ("reader", "camera"):
        places = chain(items(sheet, "windows"), items(sheet, "kiosks"))
        yield from repeated(sheet, places, itemgetter(field), field, "device_shared")


def _unknown(sheet: Sheet) -> Iterator[Mistake]:
    for section, field, target in _REFERENCES:
        known = ids(sheet, target)
        for path, entry in items(sheet, section):
            value = entry.get(field)
            if isinstance(value, str):
                yield from _look_up(sheet, (*path, field), value, known, target)
            elif isinstance(value, list):
                for index, one in enumerate(value):
                    if isinstance(one, str):
                        yield from _look_up(sheet, (*path, field, index), one, known, target)


def _look_up(sheet: Sheet, path: Path, value: str, known: dict[str, Path], target: str) -> Iterator[Mistake]:
    if value not in known:
        close = nearest(value, known)
        yield mistake_at(sheet, path, "unknown_id", f'"{close}"' if close else "", value=value, section=target)


def _speaker(sheet: Sheet) -> Iterator[Mistake]:
    announcements = sheet.data.get("announcements")
    speaker = announcements.get("speaker") if isinstance(announcements, dict) else None
    if isinstance(speaker, str):
        yield from _look_up(sheet, ("announcements", "speaker"), speaker, ids(sheet, "devices"), "devices")
    areas = announcements.get("areas") if isinstance(announcements, dict) else None
    for area, own in areas.items() if isinstance(areas, dict) else ():
        path = ("announcements", "areas", area)
        yield from _look_up(sheet, path, area, ids(sheet, "areas"), "areas")
        if isinstance(own, str):
            yield from _look_up(sheet, path, own, ids(sheet, "devices"), "devices")


def _video(sheet: Sheet) -> Iterator[Mistake]:
    """Markers go to one place: the cursor knows one answer."""
    video = sheet.data.get("video")
    if isinstance(video, dict) and video.get("url") is not None and video.get("folder") is not None:
        yield mistake_at(sheet, ("video", "folder"), "video_twice")
    if isinstance(video, dict) and video and video.get("url") is None and video.get("folder") is None:
        yield mistake_at(sheet, ("video",), "video_nowhere")


def _texts(sheet: Sheet) -> Iterator[Mistake]:
    hall = sheet.data.get("hall")
    texts: list[tuple[Path, Any]] = []
    if isinstance(hall, dict):
        texts += [(("hall", name), hall.get(name)) for name in ("name", "short")]
    for section, field in (("areas", "name"), ("services", "name"), ("windows", "kind")):
        texts += [((*path, field), entry.get(field)) for path, entry in items(sheet, section)]
    for path, text in texts:
        if isinstance(text, dict) and OWN_TEXT not in text and text.keys() <= set(LANGUAGES):
            yield mistake_at(sheet, path, "no_own_text", language=OWN_TEXT)


def _pins(sheet: Sheet) -> Iterator[Mistake]:
    for section in ("clerks", "technicians", "guides", "leads"):
        for path, person in items(sheet, section):
            if isinstance(person.get("pin"), str) and not is_pin_hash(person["pin"]):
                yield mistake_at(sheet, (*path, "pin"), "pin_form")


def _timezone(sheet: Sheet) -> Iterator[Mistake]:
    name = sheet.data.get("timezone")
    if not isinstance(name, str):
        return
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield mistake_at(sheet, ("timezone",), "timezone", "Asia/Shanghai", value=name)
