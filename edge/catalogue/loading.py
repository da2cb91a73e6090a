"""A folder of YAML files into one Catalogue, or every mistake at once."""

import hashlib
from contextlib import suppress
from pathlib import Path

import orjson
from pydantic import ValidationError

from edge.catalogue.checks import Read, check_files, unverified
from edge.catalogue.item import Catalogue, Material, ServiceItem, Unit
from edge.catalogue.known import keep_known, known_pages, read_known
from edge.catalogue.mistakes import DataMistakes, FileMistake, Page, in_order
from edge.catalogue.reading import read_form, read_page
from edge.catalogue.schema import CatalogueFile, ItemEntry, MaterialEntry, Needed
from edge.site_check.mistakes import Mistake
from edge.site_sections.form import Text
from sync.protocol import canonical


def load_catalogue(folder: Path, kept: Path | None = None) -> Catalogue:
    """`kept`: a file that spares the next start the parsing of the same texts; every check is made as before.

    Raises DataMistakes with all of them, OSError.
    """
    files = _files(folder)
    if kept is not None and (catalogue := _from_known(folder, files, kept)) is not None:
        return catalogue
    pages = [read_page(file) for file in files]
    catalogue, mistakes = _checked(folder, pages)
    if catalogue is None:
        raise DataMistakes(mistakes)
    if kept is not None:
        with suppress(OSError):  # a full disk costs the next start a second
            keep_known(kept, pages)
    return catalogue


def check_catalogue(folder: Path) -> tuple[Catalogue | None, list[FileMistake]]:
    """The catalogue of all `*.yaml` of a folder, None when there is any mistake. Raises OSError."""
    return _checked(folder, [read_page(file) for file in _files(folder)])


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if file.suffix == ".yaml")


def _from_known(folder: Path, files: list[Path], kept: Path) -> Catalogue | None:
    """None when a text is new, and when anything is wrong: then its place must be told."""
    try:
        return _checked(folder, known_pages(files, read_known(kept)))[0]
    except (KeyError, AttributeError):
        return None


def _checked(folder: Path, pages: list[Page]) -> tuple[Catalogue | None, list[FileMistake]]:
    if not pages:
        return None, [FileMistake(folder.name, "", Mistake(1, 1, "", "catalogue.no_files"))]
    read = [_read(page) for page in pages]
    check_files(read)
    mistakes = in_order(mistake for page in pages for mistake in page.mistakes)
    if mistakes:
        return None, mistakes
    return _build([one.content for one in read if one.content is not None]), []


def _read(page: Page) -> Read:
    content = read_form(page, CatalogueFile)
    if content is not None:
        return Read(page, content, tuple(enumerate(content.items)))
    entries = page.sheet.data.get("items") if page.sheet.data else None
    tried = [(index, _right_entry(entry)) for index, entry in enumerate(entries if isinstance(entries, list) else ())]
    return Read(page, None, tuple((index, entry) for index, entry in tried if entry is not None))


def _right_entry(data: object) -> ItemEntry | None:
    try:
        return ItemEntry.model_validate_json(orjson.dumps(data))
    except ValidationError:
        return None


def _build(files: list[CatalogueFile]) -> Catalogue:
    materials = {uid: entry for content in files for uid, entry in content.materials.items()}
    units = {uid: name for content in files for uid, name in content.units.items()}
    entries = sorted((entry for content in files for entry in content.items), key=lambda entry: entry.id)
    items = {entry.id: _item(entry, materials, units) for entry in entries}
    content = {uid: item.model_dump(mode="json") for uid, item in items.items()}
    return Catalogue(version=hashlib.sha256(canonical.encode(content)).hexdigest(), items=items)


def _item(entry: ItemEntry, materials: dict[str, MaterialEntry], units: dict[str, Text]) -> ServiceItem:
    unit = entry.decides.unit
    return ServiceItem(
        id=entry.id,
        name=entry.name,
        aliases=entry.aliases,
        initials=entry.initials,
        topic=entry.topic,
        kind=entry.kind,
        limits=entry.limits,
        decides=Unit(level=entry.decides.level, unit=unit, name=None if unit is None else units[unit]),
        accepted_at=entry.accepted_at,
        materials=tuple(_material(needed, materials[needed.of]) for needed in entry.materials),
        conditions=entry.conditions,
        fee=entry.fee,
        result=entry.result,
        delivery=entry.delivery,
        appointment=entry.appointment,
        online=entry.online,
        codes=entry.codes,
        kiosk=entry.kiosk,
        sources=entry.sources,
        unverified=unverified(entry),
        not_admitted=entry.not_admitted,
        fields=entry.fields,
    )


def _material(needed: Needed, entry: MaterialEntry) -> Material:
    return Material(
        id=needed.of,
        name=entry.name,
        form=needed.form or entry.form,
        originals=needed.originals,
        copies=needed.copies,
        mandatory=needed.mandatory,
        note=needed.note or entry.note,
        sample=needed.sample or entry.sample,
        reuse=needed.reuse or (entry.reuse if (needed.form or entry.form) == "reusable" else None),
    )
