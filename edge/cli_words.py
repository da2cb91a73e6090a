"""The language of hallctl and its words: `--lang`, else LANG."""

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Final

from config.words import LANGUAGES, load

_LIST: Final = "technician"


def choose(argv: Sequence[str], environ: Mapping[str, str]) -> str:
    """`--lang X` or `--lang=X`, else zh-Hans when the locale is Chinese, else en."""
    for word, following in zip(argv, [*argv[1:], ""], strict=True):
        asked = following if word == "--lang" else word.removeprefix("--lang=")
        if asked in LANGUAGES:
            return asked
    locale = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG", "")
    if not locale.startswith("zh"):
        return "en"
    return "zh-Hant" if locale.startswith(("zh_TW", "zh_HK", "zh_MO")) else "zh-Hans"


class _Chosen:
    language = choose(sys.argv, os.environ)


def language() -> str:
    return _Chosen.language


def use(chosen: str) -> None:
    """Raises ValueError for a language without word lists."""
    if chosen not in LANGUAGES:
        raise ValueError(chosen)
    _Chosen.language = chosen


def say(key: str, **values: object) -> str:
    """A sentence of the technician's list in the chosen language."""
    return load(_Chosen.language, _LIST).say(key, **values)
