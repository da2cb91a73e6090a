"""How a call sounds, as clip names (voice.md 2 and 3): tickets digit by digit, windows as numbers.

zh: pinyin with tone digit (1-4, 5 neutral); yue: jyutping; en: words. Letters are `letter:A` in all three.
"""

import re
from typing import Final, Literal

from config import clips
from config.words import load

Language = Literal["zh", "yue", "en"]

_ZH: Final = clips.load("zh").digits
_EN: Final = clips.load("en").digits
_TEENS: Final = clips.load("en").numbers[:10]
_TENS: Final = ("", "", *clips.load("en").numbers[10:18])
_WORDS_OF: Final[dict[Language, str]] = {"zh": "zh-Hans", "yue": "zh-Hant", "en": "en"}


def call_tokens(
    number: str, window: int, language: Language, *, brief: bool = False, floor: int | None = None
) -> tuple[str, ...]:
    """`A001` to window 3. `window` 0 to 999. `brief`: number and window alone, while many wait to be said.

    `floor`: said where the hall has several, None = it has one.
    """
    listed = clips.load(language)
    storey = [] if floor is None else _place(floor, language, listed)
    said = [token for part in listed.floor for token in (storey if part == clips.FLOOR else [part])]
    gaps = {
        clips.TICKET: spelled(number, listed.digits),
        clips.WINDOW: _place(window, language, listed),
        clips.FLOOR: said if storey else [],
    }
    sentence = listed.brief if brief else listed.call
    return tuple(token for part in sentence for token in gaps.get(part, [part]))


def call_text(number: str, window: str, language: Language, *, brief: bool = False, floor: int | None = None) -> str:
    """The same as a sentence, for devices that speak by themselves and for the log of a simulator."""
    words = load(_WORDS_OF[language], "hall")
    place = words.say("call.window", window=window)
    if floor is not None:
        place = words.say("call.floor", floor=floor, place=place)
    return words.say("call.brief" if brief else "call.line", ticket=number, place=place)


def spelled(number: str, digits: tuple[str, ...]) -> list[str]:
    """Letters as letters, every digit by itself."""
    return [digits[int(sign)] if sign.isdigit() else f"letter:{sign}" for sign in re.sub(r"[^A-Z0-9]", "", number)]


def chinese_number(value: int, digits: tuple[str, ...], ten: str, hundred: str) -> list[str]:
    """3 三, 10 十, 12 十二, 20 二十, 101 一百零一, 110 一百一十, for 0 to 999."""
    hundreds, rest = divmod(value, 100)
    tens, ones = divmod(rest, 10)
    spoken = [digits[hundreds], hundred] if hundreds else []
    if tens:
        spoken += [ten] if tens == 1 and not hundreds else [digits[tens], ten]
    elif hundreds and ones:
        spoken.append(digits[0])
    if ones or not value:
        spoken.append(digits[ones])
    return spoken


def english_number(value: int) -> list[str]:
    hundreds, rest = divmod(value, 100)
    tens, ones = divmod(rest, 10)
    spoken = [_EN[hundreds], "hundred"] if hundreds else []
    if hundreds and rest:
        spoken.append("and")
    if 10 <= rest < 20:
        return [*spoken, _TEENS[rest - 10]]
    if tens:
        spoken.append(_TENS[tens])
    if ones or not value:
        spoken.append(_EN[ones])
    return spoken


def _place(window: int, language: Language, listed: clips.Clips) -> list[str]:
    if language == "en":
        return english_number(window)
    ten, hundred = listed.numbers
    return chinese_number(window, listed.digits, ten, hundred)
