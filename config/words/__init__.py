"""Word lists: `config/words/<language>/<list>.toml`, one key each. A missing translation fails the tests."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

LANGUAGES: Final = ("zh-Hans", "zh-Hant", "en")
LISTS: Final = ("kiosk", "hall", "clerk", "guide", "lead", "ticket", "refusal", "device", "technician")
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
    return Words(flatten(tomllib.loads((_HERE / language / f"{name}.toml").read_text("utf-8"))))


def flatten(table: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    """`{"call": {"line": "…"}}` -> `{"call.line": "…"}`."""
    flat: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = str(value)
    return flat
