"""From a pack's folder to what a hall wears, or every mistake in it at once, each with its file, line and column."""

import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import ValidationError

import config
from config.looks import LEAST, LEAST_HIGH, Colours, Member, stronger, too_faint
from edge.site_check.mistakes import Mistake, nearest, path_text
from edge.site_check.mistakes import Path as Steps
from edge.site_check.places import Sheet, read_sheet
from edge.site_check.schema import explain
from edge.theme.pack import FILE, Logo, PackFile, Theme
from edge.theme.raster import paper_faults, paper_picture, png_faults
from edge.theme.svg import Fault, svg_faults

FOLDER: Final = "themes"
LARGEST: Final = 256 * 1024
_SHEET_LARGEST: Final = 64 * 1024
_SVG: Final = ".svg"
_TYPES: Final = {_SVG: "image/svg+xml", ".png": "image/png"}
# Names under which a pack would like to change what states mean; close misspellings are found by the schema.
_STATES: Final = frozenset(
    "state states good bad ok error danger warning success info red yellow green amber orange".split(" ")  # noqa: SIM905
)


def folders(site_file: Path) -> tuple[Path, ...]:
    """Where packs lie: beside the site file, then those we ship."""
    return site_file.parent / FOLDER, config.folder() / FOLDER


def known(where: Iterable[Path]) -> dict[str, Path]:
    """Every pack's folder by its name; the first place wins."""
    found: dict[str, Path] = {}
    for place in where:
        for sheet in sorted(place.glob(f"*/{FILE}")):
            found.setdefault(sheet.parent.name, sheet.parent)
    return found


def theme_of(wanted: str, raw: bytes, site_file: Path) -> tuple[Theme | None, list[Mistake]]:
    """What the site whose file says `theme: wanted` wears; None and no mistake where it names nothing.

    `raw`: the bytes of the site file; a name that leads nowhere is a mistake of its line.
    """
    if not wanted:
        return None, []
    packs = known(folders(site_file))
    if wanted in packs:
        return read_pack(packs[wanted])
    place, close = read_sheet(raw).value(("theme",)), nearest(wanted, packs)
    meant = f'"{close}"' if close else ""
    return None, [Mistake(place.line, place.column, "theme", "theme.unknown", {"value": wanted}, meant)]


def read_pack(folder: Path) -> tuple[Theme | None, list[Mistake]]:
    """Never raises for what lies there."""
    return _Reading(folder).outcome()


class _Reading:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, bytes] = {}
        self._found: list[Mistake] = []
        self._sheet = Sheet()

    def outcome(self) -> tuple[Theme | None, list[Mistake]]:
        pack = self._pack()
        if pack is not None:
            self._colours(pack)
        if isinstance(self._sheet.data, dict):
            self._logos(self._sheet.data.get("logo"))
        if pack is None or self._found:
            return None, sorted(self._found, key=lambda each: (each.file, each.line, each.column))
        return self._theme(pack), []

    def _pack(self) -> PackFile | None:
        try:
            raw = _bytes(self._folder / FILE, _SHEET_LARGEST)
        except _CannotRead as problem:
            self._found.append(Mistake(1, 1, "", problem.code, problem.values, file=self._told(FILE)))
            return None
        self._sheet = read_sheet(raw)
        self._found += self._own(self._sheet.mistakes)
        if self._sheet.data is None:
            return None
        try:
            return PackFile.model_validate(self._sheet.data)
        except ValidationError as error:
            self._found += self._own(_about_states(explain(self._sheet, error.errors(), PackFile)))
            return None

    def _colours(self, pack: PackFile) -> None:
        for member in get_args(Member):
            colour = getattr(pack.colours, member)
            if colour is None or (pair := too_faint(member, colour)) is None:
                continue
            least = LEAST_HIGH if member == "high_contrast" else LEAST
            values = {"value": colour, "ratio": f"{pair.ratio:.1f}", "least": least}
            self._say(("colours", member), "theme.faint", f'"{stronger(member, colour)}"', **values)

    def _logos(self, logos: object) -> None:
        """Also where the rest of the sheet is wrong: all mistakes are told at once."""
        if not isinstance(logos, dict):
            return
        for use in ("light", "dark", "paper"):
            name = logos.get(use)
            if isinstance(name, str) and _is_name(name):
                self._logo(use, name)

    def _logo(self, use: str, name: str) -> None:
        place = ("logo", use)
        if name not in self._files:
            try:
                self._files[name] = _bytes(self._folder / name, LARGEST)
            except _CannotRead as problem:
                self._say(place, problem.code, self._near(name), **problem.values)
                return
        raw, is_svg = self._files[name], name.endswith(_SVG)
        faults = svg_faults(raw) if is_svg else paper_faults(raw) if use == "paper" else png_faults(raw)
        for fault in faults:
            self._tell(fault, place, name, is_svg)

    def _tell(self, fault: Fault, place: Steps, name: str, is_svg: bool) -> None:
        """Of a text by its own line, of dots by the line that names them."""
        if not is_svg:
            self._say(place, fault.code, **{"file_name": name, **fault.values})
            return
        mistake = Mistake(fault.line, fault.column, "", fault.code, fault.values, file=self._told(name))
        if mistake not in self._found:  # one file for both grounds is told of once
            self._found.append(mistake)

    def _theme(self, pack: PackFile) -> Theme:
        colours = {member: getattr(pack.colours, member) or "" for member in get_args(Member)}
        files, name = pack.logo, pack.name
        return Theme(
            name={"zh-Hans": name.hans, "zh-Hant": name.hant, "en": name.en},
            colours=Colours(**{member: colour.upper() for member, colour in colours.items()}),
            on_light=self._served(files.light),
            on_dark=self._served(files.dark),
            paper=paper_picture(self._files[files.paper]) if files.paper else "",
        )

    def _served(self, name: str) -> Logo:
        return Logo(self._files[name], _TYPES[Path(name).suffix])

    def _say(self, path: Steps, code: str, meant: str = "", **values: Any) -> None:
        place = self._sheet.value(path)
        where = path_text(path)
        self._found.append(Mistake(place.line, place.column, where, code, values, meant, file=self._told(FILE)))

    def _own(self, mistakes: Iterable[Mistake]) -> list[Mistake]:
        return [replace(each, file=self._told(FILE)) for each in mistakes]

    def _told(self, name: str) -> str:
        """Where a person finds the file: the folder's name is the pack's."""
        return f"{FOLDER}/{self._folder.name}/{name}"

    def _near(self, name: str) -> str:
        there = (path.name for path in self._folder.glob("*") if path.suffix in _TYPES)
        close = nearest(name, there)
        return f'"{close}"' if close and close != name else ""


class _CannotRead(Exception):
    def __init__(self, code: str, values: Mapping[str, Any]) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


def _bytes(path: Path, largest: int) -> bytes:
    """A plain file in its own folder; no link out of it, no pipe that never ends. Raises _CannotRead."""
    values = {"file_name": path.name}
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as handle:
            if not stat.S_ISREG(os.fstat(handle.fileno()).st_mode):
                raise _CannotRead("theme.no_file", {**values, "problem": "no plain file"})
            raw = handle.read(largest + 1)
    except OSError as error:
        raise _CannotRead("theme.no_file", {**values, "problem": error.strerror or str(error)}) from error
    if len(raw) > largest:
        raise _CannotRead("theme.too_large", {**values, "limit": largest // 1024})
    return raw


def _is_name(name: str) -> bool:
    """As the schema has it; anything else is its mistake, and no path."""
    return "/" not in name and Path(name).suffix in _TYPES and not name.startswith(".")


def _about_states(mistakes: Iterable[Mistake]) -> list[Mistake]:
    """A pack that wants to change what red, yellow and green mean is told why it cannot."""
    return [
        replace(each, code="theme.state", meant="")
        if each.code == "unknown_key" and str(each.values["name"]).lower() in _STATES
        else each
        for each in mistakes
    ]
