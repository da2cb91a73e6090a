"""A mistake in a site file: where, what is wrong, what was probably meant; in words of the technician's list."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final

from config.words import load

Path = tuple[str | int, ...]
_CUTOFF: Final = 0.6


@dataclass(frozen=True, slots=True)
class Mistake:
    """`line`, `column` from 1. `code` is the key `check.<code>` of the word list, `values` fill its places.

    `meant`: what to write instead, '' when nothing is near. `file`: another one than the site's own, as a person finds
    it from there.
    """

    line: int
    column: int
    path: str
    code: str
    values: Mapping[str, Any] = field(default_factory=dict)
    meant: str = ""
    file: str = ""

    def what(self, language: str) -> str:
        return load(language, "technician").say(f"check.{self.code}", **self.values)

    def sentence(self, language: str) -> str:
        """`12:5 windows[0].display: …; probably meant: …`; of another file `themes/x/theme.yaml:3:7 …`."""
        words = load(language, "technician")
        where = f"{self.file + ':' if self.file else ''}{self.line}:{self.column} {self.path}".rstrip()
        if not self.meant:
            return words.say("check.line", where=where, what=self.what(language))
        return words.say("check.line_meant", where=where, what=self.what(language), meant=self.meant)


class SiteMistakes(Exception):
    """Everything that is wrong with a site file, in the order of its lines."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = sorted(mistakes, key=lambda mistake: (mistake.line, mistake.column))
        super().__init__("\n".join(mistake.sentence("en") for mistake in self.mistakes))


def path_text(path: Path) -> str:
    """`("windows", 0, "display")` -> `windows[0].display`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".")


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that was probably meant, or ''."""
    close = get_close_matches(word, sorted(known), n=1, cutoff=_CUTOFF)
    return close[0] if close else ""
