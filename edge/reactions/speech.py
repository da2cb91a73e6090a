"""How a call sounds, as clip names (voice.md 2 and 3): tickets digit by digit, windows as numbers.

zh: pinyin with tone digit (1-4, 5 neutral); yue: jyutping; en: words. Letters are `letter:A` in all three.
"""

import re
from collections.abc import Callable
from typing import Final, Literal

from config.words import load

Language = Literal["zh", "yue", "en"]

_ZH: Final = ("ling2", "yi1", "er4", "san1", "si4", "wu3", "liu4", "qi1", "ba1", "jiu3")
_YUE: Final = ("ling4", "jat1", "ji6", "saam1", "sei3", "ng5", "luk6", "cat1", "baat3", "gau2")
_EN: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS: Final = (
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
)
_TENS: Final = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS_OF: Final[dict[Language, str]] = {"zh": "zh-Hans", "yue": "zh-Hant", "en": "en"}


def call_tokens(number: str, window: int, language: Language, *, brief: bool = False) -> tuple[str, ...]:
    """`A001` to window 3. `window` 0 to 999. `brief`: number and window alone, while many wait to be said."""
    if brief:
        return ("pause:250", *_BRIEF[language](number, window))
    return ("chime", "pause:250", *_CALLS[language](number, window))


def call_text(number: str, window: str, language: Language, *, brief: bool = False) -> str:
    """The same as a sentence, for devices that speak by themselves and for the log of a simulator."""
    return load(_WORDS_OF[language], "hall").say("call.brief" if brief else "call.line", ticket=number, window=window)


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


def _mandarin(number: str, window: int) -> list[str]:
    place = chinese_number(window, _ZH, "shi2", "bai3")
    return ["qing3", *spelled(number, _ZH), "hao4", "dao4", *place, "hao4", "chuang1", "kou3", *_ZH_END]


def _cantonese(number: str, window: int) -> list[str]:
    place = chinese_number(window, _YUE, "sap6", "baak3")
    return ["cing2", *spelled(number, _YUE), "hou6", "dou3", *place, "hou6", "coeng1", "hau2", *_YUE_END]


def _english(number: str, window: int) -> list[str]:
    place = english_number(window)
    return ["ticket", *spelled(number, _EN), "pause:250", "please", "go", "to", "counter", *place]


def _brief_mandarin(number: str, window: int) -> list[str]:
    place = chinese_number(window, _ZH, "shi2", "bai3")
    return [*spelled(number, _ZH), "hao4", "pause:150", *place, "hao4", "chuang1", "kou3"]


def _brief_cantonese(number: str, window: int) -> list[str]:
    place = chinese_number(window, _YUE, "sap6", "baak3")
    return [*spelled(number, _YUE), "hou6", "pause:150", *place, "hou6", "coeng1", "hau2"]


def _brief_english(number: str, window: int) -> list[str]:
    return [*spelled(number, _EN), "pause:150", "counter", *english_number(window)]


_ZH_END: Final = ("ban4", "li3", "ye4", "wu4")
_YUE_END: Final = ("baan6", "lei5", "jip6", "mou6")
_CALLS: Final[dict[Language, Callable[[str, int], list[str]]]] = {
    "zh": _mandarin,
    "yue": _cantonese,
    "en": _english,
}
_BRIEF: Final[dict[Language, Callable[[str, int], list[str]]]] = {
    "zh": _brief_mandarin,
    "yue": _brief_cantonese,
    "en": _brief_english,
}
