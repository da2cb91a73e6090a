"""What we ship: the catalogue and the calendar are right, complete in three languages, and honest."""

import re
from datetime import date, timedelta
from typing import get_args

import pytest

from config import folder
from edge.catalogue import HOURS_FILE, Catalogue, load_calendars, load_catalogue, load_hours
from edge.catalogue.schema import FACTS, Topic
from edge.rules.deadlines import is_working_day
from tests.edge.rules.test_deadlines import HOURS, YEAR_2026

HAN = re.compile(r"[一-鿿]")
ADDRESS = re.compile(r"https?://[a-z0-9.-]+/\S*|github:[\w.-]+/[\w.-]+/\S.*|document:\S.*")
# Where the first letters of the pinyin begin in GB 2312, level 1, which is sorted by sound.
BOUNDS = "啊a芭b擦c搭d蛾e发f噶g哈h击j喀k垃l妈m拿n哦o啪p期q然r撒s塌t挖w昔x压y匝z"
SEVERAL_SOUNDS = {"调": "[dt]"}
LEVEL_1 = (b"\xb0\xa1", b"\xd7\xf9")


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return load_catalogue(folder() / "catalogue")


def test_the_shipped_catalogue_has_no_mistake_and_enough_items(shipped: Catalogue) -> None:
    assert len(shipped.items) >= 30
    assert {item.topic for item in shipped.items.values()} == set(get_args(Topic))
    assert shipped.items_for("station")
    assert {item.id for item in shipped.items_for("station")} <= {item.id for item in shipped.items_for("street")}


def test_no_code_is_made_up(shipped: Catalogue) -> None:
    assert {(item.codes.basic, item.codes.implementation) for item in shipped.items.values()} == {(None, None)}


def test_a_limit_has_a_source_or_is_not_written(shipped: Catalogue) -> None:
    for item in shipped.items.values():
        if "limits" in item.unverified:
            limits = item.limits
            assert (limits.legal, limits.legal_calendar, limits.promised) == (None, None, None), item.id
        if "fee" in item.unverified:
            assert item.fee.free is None, item.id


@pytest.mark.parametrize("fact", ["appointment", "online"])
def test_a_flag_without_a_source_is_not_known(shipped: Catalogue, fact: str) -> None:
    for item in shipped.items.values():
        if fact in item.unverified:
            assert getattr(item, fact) is None, item.id


def test_every_source_says_where_it_stands(shipped: Catalogue) -> None:
    for item in shipped.items.values():
        for source in item.sources:
            assert ADDRESS.fullmatch(source.at), source.at
            assert source.says, (item.id, source.title)
        assert set(item.unverified) | {fact for source in item.sources for fact in source.says} == set(FACTS)


def test_the_same_number_of_characters_in_both_scripts(shipped: Catalogue) -> None:
    for item in shipped.items.values():
        texts = [item.name, *item.conditions, *(material.name for material in item.materials)]
        for text in texts:
            assert len(text["zh-Hans"]) == len(text["zh-Hant"]), text
            assert not HAN.search(text["en"]), text


def test_first_letters_are_those_of_the_name_and_the_aliases(shipped: Catalogue) -> None:
    for item in shipped.items.values():
        wanted = [letters(text) for text in (item.name["zh-Hans"], *item.aliases)]
        for pattern in wanted:
            assert any(re.fullmatch(pattern, given) for given in item.initials), (item.id, pattern, item.initials)


def letters(text: str) -> str:
    """A pattern for the first letters; a character outside of level 1 may be any letter."""
    return "".join(_letter(character) for character in text if HAN.match(character) or character.isalnum())


def _letter(character: str) -> str:
    if not HAN.match(character):
        return character.lower()
    if character in SEVERAL_SOUNDS:
        return SEVERAL_SOUNDS[character]
    code = character.encode("gb2312", "replace")
    if not LEVEL_1[0] <= code <= LEVEL_1[1]:
        return "[a-z]"
    bounds = list(zip(BOUNDS[::2], BOUNDS[1::2], strict=True))
    return [letter for first, letter in bounds if first.encode("gb2312") <= code][-1]


def test_2026_as_the_notice_has_it() -> None:
    known = load_calendars(folder() / "calendar")
    assert known.calendar.years == {2026}
    assert (known.calendar.holidays, known.calendar.working_weekend_days) == (
        YEAR_2026.holidays,
        YEAR_2026.working_weekend_days,
    )
    every_day = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    # 261 weekdays, 19 of them off (2 New Year, 6 Spring Festival, 1, 3, 1, 1, 5 National Day), 6 weekend days worked
    assert sum(is_working_day(day, known.calendar) for day in every_day) == 261 - 19 + 6
    assert not known.unverified.get(2026)


def test_2027_is_not_claimed_to_be_known() -> None:
    known = load_calendars(folder() / "calendar")
    # every day of 2027 that stands there is marked: 1 + 4 + 1 + 2 + 1 + 1 + 3
    assert (known.incomplete, known.unverified) == ({2027}, {2027: 13})


def test_default_hours() -> None:
    assert load_hours(folder() / "calendar" / HOURS_FILE) == HOURS
