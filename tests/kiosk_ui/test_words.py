"""Every word a screen uses exists in all three languages with the same places to fill, and none lies unused."""

import re
from pathlib import Path
from string import Formatter

import pytest

from config.words import LANGUAGES, load

UI = Path(__file__).resolve().parents[2] / "kiosk_ui"
KEY = re.compile(r'"([a-z]+\.[a-z_0-9]+)"')


def used() -> set[str]:
    """Every literal that has a key's form and a known table."""
    tables = {key.split(".")[0] for key in load("zh-Hans", "kiosk")}
    texts = [path.read_text("utf-8") for kind in ("*.py", "*.qml") for path in UI.rglob(kind)]
    found = {key for text in texts for key in KEY.findall(text)}
    return {key for key in found if key.split(".")[0] in tables}


@pytest.mark.parametrize("language", LANGUAGES)
def test_has_every_word_that_is_used(language: str) -> None:
    assert sorted(used() - set(load(language, "kiosk"))) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_has_no_word_that_nobody_uses(language: str) -> None:
    assert sorted(set(load(language, "kiosk")) - used()) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_fills_the_same_places_in_each_language(language: str) -> None:
    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    reference, words = load("zh-Hans", "kiosk"), load(language, "kiosk")
    assert {key: places(words[key]) for key in words} == {key: places(reference[key]) for key in reference}


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant"])
def test_chinese_is_set_with_chinese_punctuation(language: str) -> None:
    half_width = re.compile(r"[\u4e00-\u9fff][,;:?]|[,;:?][\u4e00-\u9fff]")
    assert [text for text in load(language, "kiosk").values() if half_width.search(text)] == []
