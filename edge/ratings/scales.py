"""Our five words on the two number scales in use, which run in opposite directions (domain.md 5.5).

Provincial uploads (好差评): 5 = 非常满意 ... 1 = 非常不满意, read in several repositories. GB/T 39046-2020 table A.8:
1 = 非常满意 ... 5 = 非常不满意, read in a scanned copy. A number without its scale means nothing: words are stored.
"""

from typing import Final, Literal, get_args

from edge.rules.rating_records import LevelWord

Scale = Literal["provincial", "gbt39046"]
WORDS: Final[tuple[LevelWord, ...]] = get_args(LevelWord)  # best first


def number(word: LevelWord, scale: Scale) -> int:
    return len(WORDS) - WORDS.index(word) if scale == "provincial" else 1 + WORDS.index(word)


def word(number: int, scale: Scale) -> LevelWord:
    """Raises ValueError for a number that the scale does not have."""
    if not 1 <= number <= len(WORDS):
        raise ValueError(f"{number} is not on a scale of {len(WORDS)}")
    return WORDS[len(WORDS) - number] if scale == "provincial" else WORDS[number - 1]
