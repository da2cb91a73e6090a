"""Clip lists: `config/clips/<language>.toml`, how an announcement is put together from clips (voice.md 2 and 3)."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

LANGUAGES: Final = ("zh", "yue", "en")
TICKET, WINDOW, FLOOR = "{ticket}", "{window}", "{floor}"
_HERE: Final = Path(__file__).resolve().parent


class Clips(BaseModel):
    """`digits` 0 to 9; `numbers`: the further words that window numbers take; `call` and `brief` with their
    gaps, `brief` for when many calls wait. `floor`: what stands in the gap {floor}, where a hall has several.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    digits: tuple[str, ...] = Field(min_length=10, max_length=10)
    numbers: tuple[str, ...]
    call: tuple[str, ...]
    brief: tuple[str, ...]
    floor: tuple[str, ...]

    @property
    def every(self) -> frozenset[str]:
        """Every clip that a call may need."""
        letters = {f"letter:{chr(letter)}" for letter in range(ord("A"), ord("Z") + 1)}
        said = {*self.digits, *self.numbers, *self.call, *self.brief, *self.floor, *letters}
        return frozenset(said - {TICKET, WINDOW, FLOOR})


@cache
def load(language: str) -> Clips:
    """Raises ValueError for a language without a list."""
    if language not in LANGUAGES:
        raise ValueError(f"no clip list for {language!r}")
    return Clips.model_validate(tomllib.loads((_HERE / f"{language}.toml").read_text("utf-8")))
