"""Pinyin with tone digit to Zhuyin as gcin-voice names its folders (voice.md 1)."""

import re

_SYLLABLE = re.compile(r"([a-zü]+)([1-5])")
_INITIALS = (
    ("zh", "ㄓ"),
    ("ch", "ㄔ"),
    ("sh", "ㄕ"),
    ("b", "ㄅ"),
    ("p", "ㄆ"),
    ("m", "ㄇ"),
    ("f", "ㄈ"),
    ("d", "ㄉ"),
    ("t", "ㄊ"),
    ("n", "ㄋ"),
    ("l", "ㄌ"),
    ("g", "ㄍ"),
    ("k", "ㄎ"),
    ("h", "ㄏ"),
    ("j", "ㄐ"),
    ("q", "ㄑ"),
    ("x", "ㄒ"),
    ("r", "ㄖ"),
    ("z", "ㄗ"),
    ("c", "ㄘ"),
    ("s", "ㄙ"),
)
_FINALS = {
    "": "",
    "a": "ㄚ",
    "o": "ㄛ",
    "e": "ㄜ",
    "ai": "ㄞ",
    "ei": "ㄟ",
    "ao": "ㄠ",
    "ou": "ㄡ",
    "an": "ㄢ",
    "en": "ㄣ",
    "ang": "ㄤ",
    "eng": "ㄥ",
    "er": "ㄦ",
    "i": "ㄧ",
    "ia": "ㄧㄚ",
    "io": "ㄧㄛ",
    "ie": "ㄧㄝ",
    "iao": "ㄧㄠ",
    "iu": "ㄧㄡ",
    "ian": "ㄧㄢ",
    "in": "ㄧㄣ",
    "iang": "ㄧㄤ",
    "ing": "ㄧㄥ",
    "u": "ㄨ",
    "ua": "ㄨㄚ",
    "uo": "ㄨㄛ",
    "uai": "ㄨㄞ",
    "ui": "ㄨㄟ",
    "uan": "ㄨㄢ",
    "un": "ㄨㄣ",
    "uang": "ㄨㄤ",
    "ong": "ㄨㄥ",
    "ueng": "ㄨㄥ",
    "ü": "ㄩ",
    "üe": "ㄩㄝ",
    "üan": "ㄩㄢ",
    "ün": "ㄩㄣ",
    "iong": "ㄩㄥ",
}
# Spellings without an initial, written with y or w, back to their finals.
_BARE = {
    "yi": "i",
    "ya": "ia",
    "yo": "io",
    "ye": "ie",
    "yao": "iao",
    "you": "iu",
    "yan": "ian",
    "yin": "in",
    "yang": "iang",
    "ying": "ing",
    "yong": "iong",
    "yu": "ü",
    "yue": "üe",
    "yuan": "üan",
    "yun": "ün",
    "wu": "u",
    "wa": "ua",
    "wo": "uo",
    "wai": "uai",
    "wei": "ui",
    "wan": "uan",
    "wen": "un",
    "wang": "uang",
    "weng": "ueng",
}
_TONES = {"1": "", "2": "2", "3": "3", "4": "4", "5": "1"}
_BUZZED = frozenset(["zh", "ch", "sh", "r", "z", "c", "s"])
_ROUNDED = frozenset("jqx")


def zhuyin(token: str) -> str | None:
    """`qing3` -> `ㄑㄧㄥ3`, tone 1 without a digit, neutral 5 as 1; None for what is no Mandarin syllable."""
    match = _SYLLABLE.fullmatch(token.replace("v", "ü").replace("u:", "ü"))
    if match is None:
        return None
    letters, tone = match.groups()
    initial, final = _parts(letters)
    if final is None or final not in _FINALS or not (initial or final):
        return None
    return dict(_INITIALS).get(initial, "") + _FINALS[final] + _TONES[tone]


def _parts(letters: str) -> tuple[str, str | None]:
    if letters[0] in "yw":
        return "", _BARE.get(letters)
    initial = next((latin for latin, _ in _INITIALS if letters.startswith(latin)), "")
    final = letters[len(initial) :]
    if initial in _BUZZED and final == "i":
        return initial, ""
    if initial and not final:
        return initial, None
    if initial in _ROUNDED and final.startswith("u"):
        return initial, "ü" + final[1:]
    if initial in ("n", "l") and final == "ue":
        return initial, "üe"
    return initial, final
