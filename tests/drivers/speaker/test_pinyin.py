from pathlib import Path

import pytest

from drivers.speaker.pinyin import zhuyin
from drivers.speaker.syllables import GCIN_FOLDER, SPEAKER_B

# voice.md section 1, "gcin-voice keys"; the neutral tone and the spellings with ü by the Zhuyin standard.
KEYS = {
    "qing3": "ㄑㄧㄥ3",
    "ling2": "ㄌㄧㄥ2",
    "yi1": "ㄧ",
    "er4": "ㄦ4",
    "san1": "ㄙㄢ",
    "si4": "ㄙ4",
    "wu3": "ㄨ3",
    "liu4": "ㄌㄧㄡ4",
    "qi1": "ㄑㄧ",
    "ba1": "ㄅㄚ",
    "jiu3": "ㄐㄧㄡ3",
    "shi2": "ㄕ2",
    "bai3": "ㄅㄞ3",
    "hao4": "ㄏㄠ4",
    "dao4": "ㄉㄠ4",
    "chuang1": "ㄔㄨㄤ",
    "kou3": "ㄎㄡ3",
    "ban4": "ㄅㄢ4",
    "li3": "ㄌㄧ3",
    "ye4": "ㄧㄝ4",
    "wu4": "ㄨ4",
    "yao1": "ㄧㄠ",
    "de5": "ㄉㄜ1",
    "xue2": "ㄒㄩㄝ2",
    "jun1": "ㄐㄩㄣ",
    "nv3": "ㄋㄩ3",
    "lü4": "ㄌㄩ4",
    "lue4": "ㄌㄩㄝ4",
    "zhong1": "ㄓㄨㄥ",
    "yong4": "ㄩㄥ4",
    "yuan2": "ㄩㄢ2",
    "wei4": "ㄨㄟ4",
    "hui4": "ㄏㄨㄟ4",
    "zhun3": "ㄓㄨㄣ3",
}


@pytest.mark.parametrize("token", KEYS)
def test_keys(token: str) -> None:
    assert zhuyin(token) == KEYS[token]


@pytest.mark.parametrize(
    "token", ["qing", "qing6", "letter:A", "counter", "zh3", "b4", "xx1", "jat1", "", "y1", "wong4"]
)
def test_no_mandarin_syllable(token: str) -> None:
    assert zhuyin(token) is None


def test_every_syllable_a_call_needs_is_recorded() -> None:
    calls = [KEYS[token] for token in list(KEYS)[:22]]
    assert [key for key in calls if not (Path(GCIN_FOLDER) / key / SPEAKER_B).is_file()] == []
