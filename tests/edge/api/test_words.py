"""Every code has its words, in every language and for every reader."""

import re
from pathlib import Path

import pytest

from config import words
from drivers.errors import DeviceError
from edge.api.texts import device_text, refused
from edge.rules.refusal import Refusal
from tests.edge.api.bench import site

OWN_TROUBLES = {"card_session_over", "not_ready", "journal", "hall_fault", "disk_full", "file_not_kept"}
READERS = ("citizen", "clerk", "technician")
WEB = Path(__file__).resolve().parents[3] / "edge" / "web"


def codes(error: type[DeviceError] = DeviceError) -> set[str]:
    return {error.code}.union(
        *(codes(child) for child in error.__subclasses__() if child.__module__ == "drivers.errors")
    )


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_device_code_has_three_texts(language: str) -> None:
    texts = words.load(language, "device")
    wanted = {f"{code}.{reader}" for code in codes() | OWN_TROUBLES for reader in READERS}
    assert len(codes()) > 20
    assert set(texts) == wanted
    for key, text in texts.items():
        assert len(text) >= 10, key
        assert "{" not in text, key
        assert not re.search(r"[A-Z][a-z]+Error|0x", text), key


@pytest.mark.parametrize("name", ["clerk", "flow", "guide", "screen", "technician", "device"])
def test_the_three_languages_say_the_same_things(name: str) -> None:
    lists = [words.load(language, name) for language in words.LANGUAGES]
    for other in lists[1:]:
        assert set(other) == set(lists[0])
        for key in other:
            assert set(re.findall(r"\{\w+\}", other[key])) == set(re.findall(r"\{\w+\}", lists[0][key])), key


def test_traditional_and_simplified_keep_apart() -> None:
    """A few characters that exist in one script only tell a forgotten conversion."""
    for name in ("clerk", "flow", "guide", "screen", "technician", "device"):
        assert not re.search("[设备请号码运维级读录断统办时间]", "".join(words.load("zh-Hant", name).values()))
        assert not re.search("[設備請號碼運維級讀錄斷統辦時間]", "".join(words.load("zh-Hans", name).values()))


def test_pages_use_only_words_that_exist() -> None:
    lists = ("clerk", "flow", "guide", "lead", "oversight", "screen", "technician", "ticket")
    known = {key for name in lists for key in words.load("zh-Hans", name)}
    for page in WEB.rglob("*.html"):
        assert set(re.findall(r'data-word="([\w.]+)"', page.read_text("utf-8"))) <= known, page
    for script in WEB.rglob("*.js"):
        said = re.findall(r'(?:say|openSignIn)\(\s*"([\w.]+)"', script.read_text("utf-8"))
        assert set(said) <= known, script


def test_pages_load_nothing_from_elsewhere() -> None:
    for page in [*WEB.rglob("*.html"), *WEB.rglob("*.js"), *WEB.rglob("*.css")]:
        text = page.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://(?!\$)", text), page
        assert not re.search(r"\son\w+=|style=|innerHTML|eval\(", text), page


def test_refusal_says_window_and_clerk_as_people_do() -> None:
    answer = refused(Refusal("window_taken", clerk="c01"), site(), "clerk", "zh-Hans")
    assert "窗口一号" in answer.text
    elsewhere = refused(Refusal("clerk_busy_elsewhere", window="w2"), site(), "clerk", "zh-Hans")
    assert "w2" not in elsewhere.text
    assert "2" in elsewhere.text


def test_unknown_codes_still_say_something() -> None:
    for language in words.LANGUAGES:
        assert refused(Refusal("from_a_later_release"), site(), "clerk", language).text
        assert device_text("from_a_later_release", "citizen", language)
    assert device_text("", "citizen", "en") == ""
