"""What the form of a file cannot say: rules between the parts of an item, and between files."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from config.words import LANGUAGES
from edge.catalogue.mistakes import Page
from edge.catalogue.schema import FACTS, CatalogueFile, Fact, ItemEntry
from edge.site_check.mistakes import Path, nearest

_INITIALS: Final = re.compile(r"[a-z0-9]+")
_TEXTS: Final = ("name", "note", "sample", "result", "where")


@dataclass(frozen=True, slots=True)
class Read:
    """One file: `content` when its whole form is right; else the items, by place, that are right by themselves."""

    page: Page
    content: CatalogueFile | None
    items: tuple[tuple[int, ItemEntry], ...]

    def ids(self, section: str) -> tuple[str, ...]:
        """The ids written under `units` or `materials`, right or not: what is there is not unknown."""
        found = self.page.sheet.data.get(section) if self.page.sheet.data else None
        return tuple(found) if isinstance(found, dict) else ()


def check_files(files: Iterable[Read]) -> None:
    """Note on each page what is wrong with it."""
    read = list(files)
    materials, units = _once(read, "materials"), _once(read, "units")
    _items_once(read)
    is_whole = all(one.page.sheet.data is not None for one in read)
    for one in read:
        if one.page.sheet.data is not None:
            _check_languages(one.page)
        for index, item in one.items:
            _check_item(one.page, ("items", index), item)
            if is_whole:
                # Only then: what stands in a file that cannot be read is not unknown.
                _check_references(one.page, ("items", index), item, materials, units)


def unverified(item: ItemEntry) -> tuple[Fact, ...]:
    """The facts that no source says, in the order of FACTS."""
    if item.unverified is True:
        said = _said(item)
        return tuple(fact for fact in FACTS if fact not in said)
    listed = item.unverified or ()
    return tuple(fact for fact in FACTS if fact in listed)


def _check_item(page: Page, path: Path, item: ItemEntry) -> None:
    _check_limits(page, path, item)
    _check_places(page, path, item)
    _check_materials(page, path, item)
    _check_facts(page, path, item)
    _check_initials(page, path, item)


def _check_initials(page: Page, path: Path, item: ItemEntry) -> None:
    if not item.initials:
        page.wrong((*path, "initials"), "catalogue.no_initials")
    for index, letters in enumerate(item.initials):
        if not _INITIALS.fullmatch(letters):
            page.wrong((*path, "initials", index), "catalogue.initials", {"value": letters})


def _check_limits(page: Page, path: Path, item: ItemEntry) -> None:
    limits, here = item.limits, (*path, "limits", "promised")
    if limits.promised is None:
        return
    # A span of n working days is never shorter than n calendar days, so the same comparison holds for both.
    for legal in (limits.legal, limits.legal_calendar):
        if legal is not None and limits.promised > legal:
            page.wrong(here, "catalogue.promised_over_legal", {"promised": limits.promised, "legal": legal})
    if item.kind == "instant" and limits.promised > 1:
        page.wrong(here, "catalogue.instant_limit", {"promised": limits.promised})


def _check_references(page: Page, path: Path, item: ItemEntry, materials: set[str], units: set[str]) -> None:
    unit = item.decides.unit
    if unit is not None and unit not in units:
        _unknown(page, (*path, "decides", "unit"), unit, "units", units)
    for index, part in enumerate(item.limits.parts):
        if part.unit not in units:
            _unknown(page, (*path, "limits", "parts", index, "unit"), part.unit, "units", units)
    for index, needed in enumerate(item.materials):
        if needed.of not in materials:
            _unknown(page, (*path, "materials", index, "of"), needed.of, "materials", materials)


def _check_places(page: Page, path: Path, item: ItemEntry) -> None:
    if not item.accepted_at:
        page.wrong((*path, "accepted_at"), "catalogue.nowhere")
    if "station" in item.accepted_at and "street" not in item.accepted_at:
        page.wrong((*path, "accepted_at"), "catalogue.street_missing")
    if item.decides.unit is None and item.decides.level in ("department", "city"):
        page.wrong((*path, "decides"), "catalogue.no_unit", {"level": item.decides.level})
    if item.not_admitted is not None and item.kiosk.shown:
        page.wrong((*path, "not_admitted"), "catalogue.not_admitted_shown", key=True)


def _check_materials(page: Page, path: Path, item: ItemEntry) -> None:
    here = (*path, "materials")
    if item.no_materials and item.materials:
        page.wrong((*path, "no_materials"), "catalogue.materials_and_none")
    if not item.no_materials and not any(needed.mandatory for needed in item.materials):
        page.wrong(here, "catalogue.no_mandatory", key=True)
    seen: set[str] = set()
    for index, needed in enumerate(item.materials):
        if needed.of in seen:
            page.wrong((*here, index, "of"), "catalogue.material_again", {"value": needed.of})
        if not needed.originals and not needed.copies:
            page.wrong((*here, index), "catalogue.no_count", {"value": needed.of})
        if needed.reuse is not None and needed.form not in (None, "reusable"):
            page.wrong((*here, index, "reuse"), "catalogue.reuse_form", {"value": needed.of})
        seen.add(needed.of)
    for index, known in enumerate(item.fields):
        if known.id in seen:
            page.wrong((*path, "fields", index, "id"), "catalogue.material_again", {"value": known.id})
        seen.add(known.id)


def _check_facts(page: Page, path: Path, item: ItemEntry) -> None:
    """Nothing is claimed without saying where it stands, or that nobody knows."""
    said, doubted = _said(item), unverified(item)
    for fact in FACTS:
        if fact in said and fact in doubted:
            page.wrong((*path, "unverified"), "catalogue.fact_both", {"fact": fact})
        if fact not in said and fact not in doubted:
            page.wrong(path, "catalogue.fact_bare", {"fact": fact})


def _said(item: ItemEntry) -> set[Fact]:
    return {fact for source in item.sources for fact in source.says}


def _check_languages(page: Page) -> None:
    for path in _text_paths(page):
        for language in LANGUAGES:
            if (*path, language) not in page.sheet.values:
                page.wrong(path, "no_own_text", {"language": language}, key=True)


def _text_paths(page: Page) -> Iterator[Path]:
    """Where a text of several languages stands; the form insists on no language."""
    for path in page.sheet.values:
        is_entry = path[:1] == ("units",) and len(path) == 2
        is_condition = len(path) > 2 and path[-2] == "conditions"
        if path and (path[-1] in _TEXTS or is_entry or is_condition) and _is_mapping(page.sheet.data, path):
            yield path


def _is_mapping(data: Any, path: Path) -> bool:
    for step in path:
        data = data[step]
    return isinstance(data, dict)


def _once(read: list[Read], section: str) -> set[str]:
    first: dict[str, str] = {}
    for one in read:
        for uid in one.ids(section):
            _note_again(one.page, (section, uid), uid, first)
    return set(first)


def _items_once(read: list[Read]) -> None:
    first: dict[str, str] = {}
    for one in read:
        for index, item in one.items:
            _note_again(one.page, ("items", index, "id"), item.id, first)


def _note_again(page: Page, path: Path, uid: str, first: dict[str, str]) -> None:
    if uid in first:
        page.wrong(path, "catalogue.twice", {"value": uid, "place": first[uid]}, key=True)
    first.setdefault(uid, page.where(path))


def _unknown(page: Page, path: Path, uid: str, section: str, known: set[str]) -> None:
    page.wrong(path, "unknown_id", {"value": uid, "section": section}, nearest(uid, known))
