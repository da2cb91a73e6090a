"""A mistake in one of several files: which file, which line, which item; in the words of `hallctl check`."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path as File
from typing import Any, Final

from edge.site_check.mistakes import Mistake, Path, path_text
from edge.site_check.places import Sheet

_ITEM: Final = re.compile(r"items\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class FileMistake:
    """`item`: id of the item it belongs to, '' outside of items."""

    file: str
    item: str
    mistake: Mistake

    def sentence(self, language: str) -> str:
        """`relief.yaml:12:5 emergency-relief.limits.promised: …`."""
        return f"{self.file}:{self.mistake.sentence(language)}"


class DataMistakes(Exception):
    """Everything that is wrong with a folder of data files, in the order of files and lines."""

    def __init__(self, mistakes: Iterable[FileMistake]) -> None:
        self.mistakes = in_order(mistakes)
        super().__init__("\n".join(mistake.sentence("en") for mistake in self.mistakes))


@dataclass(slots=True)
class Page:
    """One file as it was read, and what is wrong with it so far."""

    file: File
    sheet: Sheet
    mistakes: list[FileMistake] = field(default_factory=list)

    def wrong(
        self, path: Path, code: str, values: Mapping[str, Any] | None = None, meant: str = "", *, key: bool = False
    ) -> None:
        """Note a mistake at `path`. `code`: key below `check.` of the technician's list."""
        place = self.sheet.key(path) if key else self.sheet.value(path)
        self.note(Mistake(place.line, place.column, path_text(path), code, values or {}, meant))

    def note(self, mistake: Mistake) -> None:
        """Keep a mistake; what it says of `items[3]` is said of the item's id."""
        found = _ITEM.match(mistake.path)
        item = self._id(int(found[1])) if found else ""
        if found and item:
            mistake = replace(mistake, path=item + mistake.path[found.end() :])
        self.mistakes.append(FileMistake(self.file.name, item, mistake))

    def where(self, path: Path) -> str:
        return f"{self.file.name}:{self.sheet.key(path).line}"

    def _id(self, index: int) -> str:
        entries = self.sheet.data.get("items") if self.sheet.data else None
        entry = entries[index] if isinstance(entries, list) else None
        return str(entry.get("id", "")) if isinstance(entry, dict) else ""


def in_order(mistakes: Iterable[FileMistake]) -> list[FileMistake]:
    """The first word about a place is enough; what is missing in one mapping stays apart."""
    kept: dict[tuple[str, int, int, str], FileMistake] = {}
    for found in mistakes:
        mistake = found.mistake
        apart = str(mistake.values.get("name") or mistake.values.get("fact") or mistake.values.get("language") or "")
        kept.setdefault((found.file, mistake.line, mistake.column, apart), found)
    return sorted(kept.values(), key=lambda found: (found.file, found.mistake.line, found.mistake.column))
