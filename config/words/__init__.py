"""Word lists: `config/words/<language>/<list>.toml`, one key each. A missing translation fails the tests.

A package with a driver of its own brings texts for its own device codes: an entry point of the group `hall_edge.words`
names its package, in which `words/<language>/device.toml` lies.
"""

import logging
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Final

_GROUP: Final = "hall_edge.words"
_FOR_PACKAGES: Final = "device"
_log = logging.getLogger("words")

LANGUAGES: Final = ("zh-Hans", "zh-Hant", "en")
LISTS: Final = (
    *("kiosk", "hall", "clerk", "flow", "guide", "lead", "oversight"),
    *("ticket", "refusal", "device", "technician"),
)
_HERE: Final = Path(__file__).resolve().parent


class Words(Mapping[str, str]):
    """One list in one language, keys dotted: `words["call.line"]`; `words.say("call.line", ticket="A001")`."""

    def __init__(self, entries: Mapping[str, str]) -> None:
        self._entries = dict(entries)

    def __getitem__(self, key: str) -> str:
        return self._entries[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def say(self, key: str, **values: object) -> str:
        """Fill the `{named}` places. Raises KeyError for a missing key or value: the tests must see it."""
        return self._entries[key].format(**values)


@cache
def load(language: str, name: str) -> Words:
    """Read one list. Raises FileNotFoundError, tomllib.TOMLDecodeError."""
    ours = flatten(tomllib.loads((_HERE / language / f"{name}.toml").read_text("utf-8")))
    return Words(_of_packages(language) | ours if name == _FOR_PACKAGES else ours)


def _of_packages(language: str) -> dict[str, str]:
    """Texts of installed packages. They never change ours, and a broken one is left out: texts stop no hall."""
    found: dict[str, str] = {}
    for entry in entry_points(group=_GROUP):
        try:
            spec = find_spec(entry.value)  # of a top-level package: it is not imported
            folders = (spec.submodule_search_locations if spec else None) or ()
            for folder in folders:
                file = Path(folder) / "words" / language / f"{_FOR_PACKAGES}.toml"
                found = flatten(tomllib.loads(file.read_text("utf-8"))) | found
        except (OSError, ValueError, ImportError) as problem:
            _log.warning("words of %s left out: %s", entry.value, type(problem).__name__)
    return found


def flatten(table: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    """`{"call": {"line": "…"}}` -> `{"call.line": "…"}`."""
    flat: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = str(value)
    return flat
