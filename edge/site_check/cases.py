"""Cases after their receipt: delegations that end before they begin, places and people that are named wrongly."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from operator import itemgetter
from typing import Any

from config.words import LANGUAGES
from edge.pins import is_pin_hash
from edge.site_check.mistakes import Mistake, Path
from edge.site_check.places import Sheet
from edge.site_check.references import OWN_TEXT, ids, mistake_at, repeated


def check_cases(sheet: Sheet) -> list[Mistake]:
    if not isinstance(sheet.data.get("cases"), dict):
        return []
    return [mistake for check in (_reminders, _delegations, _elsewhere, _messengers) for mistake in check(sheet)]


def _entries(sheet: Sheet, name: str) -> list[tuple[Path, dict[str, Any]]]:
    found = sheet.data["cases"].get(name)
    listed = enumerate(found if isinstance(found, list) else ())
    return [(("cases", name, index), entry) for index, entry in listed if isinstance(entry, dict)]


def _reminders(sheet: Sheet) -> Iterator[Mistake]:
    days = sheet.data["cases"].get("reminders")
    for index, (before, after) in enumerate(pairwise(days) if isinstance(days, list) else (), 1):
        if type(before) is type(after) is int and after <= before:
            yield mistake_at(sheet, ("cases", "reminders", index), "rising")


def _delegations(sheet: Sheet) -> Iterator[Mistake]:
    entries = _entries(sheet, "delegations")
    yield from repeated(sheet, iter(entries), itemgetter("number"), "number", "id_twice")
    for path, entry in entries:
        first, last = _date(entry.get("first")), _date(entry.get("last"))
        if first and last and last < first:
            yield mistake_at(sheet, (*path, "last"), "dates_order", first=first, last=last)
        yield from _own_text(sheet, (*path, "seal_name"), entry.get("seal_name"))


def _own_text(sheet: Sheet, path: Path, text: object) -> Iterator[Mistake]:
    if isinstance(text, dict) and OWN_TEXT not in text and text.keys() <= set(LANGUAGES):
        yield mistake_at(sheet, path, "no_own_text", language=OWN_TEXT)


def _date(text: object) -> date | None:
    try:
        return date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _elsewhere(sheet: Sheet) -> Iterator[Mistake]:
    entries = _entries(sheet, "elsewhere")
    yield from repeated(sheet, iter(entries), itemgetter("site"), "site", "id_twice")
    for path, entry in entries:
        if entry.get("site") == sheet.data.get("site"):
            yield mistake_at(sheet, (*path, "site"), "own_site")
        yield from _own_text(sheet, (*path, "name"), entry.get("name"))


def _messengers(sheet: Sheet) -> Iterator[Mistake]:
    entries, clerks = _entries(sheet, "messengers"), ids(sheet, "clerks")
    yield from repeated(sheet, iter(entries), itemgetter("id"), "id", "id_twice")
    for path, entry in entries:
        if entry.get("id") in clerks:
            yield mistake_at(sheet, (*path, "id"), "messenger_clerk", value=entry["id"])
        if isinstance(entry.get("pin"), str) and not is_pin_hash(entry["pin"]):
            yield mistake_at(sheet, (*path, "pin"), "pin_form")
