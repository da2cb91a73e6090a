import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import config
from edge.reactions import speech
from edge.reactions.slip import lines
from edge.rules.records import WindowSetup
from edge.rules.state import State, Ticket, WindowState
from edge.site import floors_told
from edge.site_check import InstalledDrivers, check_site

ZH = speech._ZH


def say(value):
    return " ".join(speech.chinese_number(value, ZH, "shi2", "bai3"))


@pytest.mark.parametrize(
    ("value", "spoken"),
    [
        (0, "ling2"),
        (3, "san1"),
        (10, "shi2"),
        (12, "shi2 er4"),
        (20, "er4 shi2"),
        (101, "yi1 bai3 ling2 yi1"),
        (110, "yi1 bai3 yi1 shi2"),
        (200, "er4 bai3"),
        (999, "jiu3 bai3 jiu3 shi2 jiu3"),
    ],
)
def test_windows_are_read_as_numbers(value, spoken):
    assert say(value) == spoken


def read_back(tokens):
    """The number that the words mean."""
    digits = {word: n for n, word in enumerate(ZH)}
    total = current = 0
    for word in tokens:
        if word == "bai3":
            total, current = total + current * 100, 0
        elif word == "shi2":
            total, current = total + (current or 1) * 10, 0
        else:
            current = digits[word]
    return total + current


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 999))
def test_every_number_means_itself(value):
    assert read_back(speech.chinese_number(value, ZH, "shi2", "bai3")) == value


def test_a_call_in_mandarin():
    tokens = speech.call_tokens("A017", 12, "zh")
    assert tokens[:2] == ("chime", "pause:250")
    assert " ".join(tokens[2:]) == (
        "qing3 letter:A ling2 yi1 qi1 hao4 dao4 shi2 er4 hao4 chuang1 kou3 ban4 li3 ye4 wu4"
    )


def test_a_call_in_cantonese():
    assert speech.call_tokens("B1000", 3, "yue")[2:11] == (
        "cing2",
        "letter:B",
        "jat1",
        "ling4",
        "ling4",
        "ling4",
        "hou6",
        "dou3",
        "saam1",
    )


@pytest.mark.parametrize(
    ("window", "spoken"), [(3, "three"), (13, "thirteen"), (40, "forty"), (121, "one hundred and twenty one")]
)
def test_a_call_in_english(window, spoken):
    tokens = speech.call_tokens("A001", window, "en")
    assert " ".join(tokens).endswith("please go to counter " + spoken)
    assert tokens[2:7] == ("ticket", "letter:A", "zero", "zero", "one")


def test_texts():
    assert speech.call_text("A001", "3", "zh") == "请A001号到3号窗口办理业务"
    assert speech.call_text("A001", "3", "yue") == "請A001號到3號窗口辦理業務"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh", "letter:A ling2 yi1 qi1 hao4 pause:150 shi2 er4 hao4 chuang1 kou3"),
        ("yue", "letter:A ling4 jat1 cat1 hou6 pause:150 sap6 ji6 hou6 coeng1 hau2"),
        ("en", "letter:A zero one seven pause:150 counter twelve"),
    ],
)
def test_a_brief_call_is_number_and_window(language, said):
    assert " ".join(speech.call_tokens("A017", 12, language, brief=True)) == f"pause:250 {said}"


@pytest.mark.parametrize(
    ("language", "said", "text"),
    [
        ("zh", "dao4 er4 lou2 shi2 er4 hao4 chuang1 kou3", "请A017号到2楼12号窗口办理业务"),
        ("yue", "dou3 ji6 lau2 sap6 ji6 hou6 coeng1 hau2", "請A017號到2樓12號窗口辦理業務"),
        ("en", "counter twelve on floor two", "ticket A017, please go to counter 12 on floor 2"),
    ],
)
def test_a_hall_of_several_floors_says_which(language, said, text):
    assert said in " ".join(speech.call_tokens("A017", 12, language, floor=2))
    assert speech.call_text("A017", "12", language, floor=2).lower() == text.lower()
    brief = " ".join(speech.call_tokens("A017", 12, language, floor=2, brief=True))
    assert " ".join(said.split()[-6:]).split("hao4")[0].split("hou6")[0].strip() in brief


def test_floor_area_and_window_are_on_the_ticket_and_floor_and_window_in_the_call_of_a_district_hall():
    """The example district hall: forty windows on two floors."""
    site = district()
    windows = {
        window.id: WindowState(setup=WindowSetup(id=window.id, area=window.area, services=window.services))
        for window in site.windows
    }
    upstairs = next(area for area in site.areas if area.floor == 2)
    service = next(service for service in site.services if service.area == upstairs.id)
    ticket = Ticket(
        uid="t:1", number=f"{service.prefix}017", service=service.id, area=upstairs.id, channel="kiosk", place="k1",
        key=1, ahead=0, person="", issued_at="2026-11-23T09:00:00.000+08:00", issued_seq=1,
    )  # fmt: skip
    where = [line.text for line in lines(State(windows=windows), site, ticket)][3]
    assert where.startswith(f"2楼 {upstairs.name['zh-Hans']} ")
    assert re.search(r"\d号窗口$", where)
    called = next(window for window in site.windows if window.area == upstairs.id)
    floor = floors_told(site)[called.area]
    assert f"2楼{called.number}号窗口" in speech.call_text(ticket.number, called.number, "zh", floor=floor)
    one_floor = site.model_copy(update={"areas": tuple(area for area in site.areas if area.floor == 1)})
    assert floors_told(one_floor) == {}


def district():
    site, _ = check_site((config.folder() / "sites" / "district.yaml").read_bytes(), InstalledDrivers())
    return site
