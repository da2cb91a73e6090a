"""How well an item answers what somebody typed."""

import unicodedata
from collections.abc import Iterable
from typing import Final

_EXACT, _BEGINS, _HOLDS, _ALIAS, _LETTERS, _FIRST_LETTERS = range(6)
_FAR: Final = 6


def rank(names: Iterable[str], aliases: Iterable[str], initials: tuple[str, ...], text: str) -> int | None:
    """0 is best; None: no. Every word of `text` must be found; the worst of them counts."""
    plain_names, plain_aliases = [_plain(name) for name in names], [_plain(alias) for alias in aliases]
    ranks = [_rank_of_word(word, plain_names, plain_aliases, initials) for word in _plain(text).split()]
    if not ranks or _FAR in ranks:
        return None
    return max(ranks)


def _rank_of_word(word: str, names: list[str], aliases: list[str], initials: tuple[str, ...]) -> int:
    if word in names:
        return _EXACT
    if any(name.startswith(word) for name in names):
        return _BEGINS
    if any(word in name for name in names):
        return _HOLDS
    if any(word in alias for alias in aliases):
        return _ALIAS
    if word in initials:
        return _LETTERS
    if any(letters.startswith(word) for letters in initials):
        return _FIRST_LETTERS
    return _FAR


def _plain(text: str) -> str:
    """Full-width letters as half-width ones, no difference of case."""
    return unicodedata.normalize("NFKC", text).casefold()
