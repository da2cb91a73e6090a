"""Every key in every language, with the same places to fill; nothing empty, nothing left in another language."""

import re
import string

import pytest

from config.words import LANGUAGES, LISTS, Words, load

PLACES = string.Formatter()


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in PLACES.parse(text) if name}


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "zh-Hans"])
def test_a_list_says_the_same_in_every_language(name: str, language: str) -> None:
    ours, other = load("zh-Hans", name), load(language, name)
    assert set(ours) == set(other)
    assert {key: places(other[key]) for key in other} == {key: places(ours[key]) for key in ours}


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_empty(name: str, language: str) -> None:
    joints = ("_join",)  # what stands between two parts may be nothing in Chinese
    assert [k for k, text in load(language, name).items() if not text.strip() and not k.endswith(joints)] == []


@pytest.mark.parametrize("name", LISTS)
def test_english_is_english(name: str) -> None:
    own_names = {"language.zh-Hans", "language.zh-Hant"}
    chinese = [k for k, text in load("en", name).items() if re.search(r"[\u4e00-\u9fff]", text) and k not in own_names]
    assert all("language" in key for key in chinese), chinese


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant"])
def test_chinese_sentences_have_chinese_marks(language: str, name: str) -> None:
    half = re.compile(r"[\u4e00-\u9fff][,;?!]|[\u4e00-\u9fff]:(?!//)")
    assert [key for key, text in load(language, name).items() if half.search(text)] == []


def test_a_missing_key_is_seen() -> None:
    with pytest.raises(KeyError):
        Words({"a": "b"}).say("c")
