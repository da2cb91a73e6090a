from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.rules import numbers
from edge.rules.commands import CloseDay, GiveNotice, OpenDay, ReceiveCase
from edge.rules.numbers import check_character, is_number
from tests.edge.rules.conftest import BOOKS

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
NUMBERS = st.text(ALPHABET, min_size=1, max_size=30)


def test_the_check_character_of_a_published_example():
    """The GRid A1-2425G-ABC1234002-M of IFPI's standard is ISO 7064 MOD 37,36."""
    assert check_character("A12425GABC1234002") == "M"


@settings(max_examples=100, deadline=None)
@given(NUMBERS, st.data())
def test_any_one_wrong_character_is_found(text, data):
    whole = text + check_character(text)
    place = data.draw(st.integers(0, len(whole) - 1))
    wrong = data.draw(st.sampled_from([c for c in ALPHABET if c != whole[place]]))
    changed = whole[:place] + wrong + whole[place + 1 :]
    assert check_character(changed[:-1]) != changed[-1]


def test_neighbours_that_changed_places_are_found_in_a_case_number():
    body = "119999042012026112300017"
    whole = body + check_character(body)
    for place in range(len(body) - 1):
        swapped = whole[:place] + whole[place + 1] + whole[place] + whole[place + 2 :]
        assert swapped == whole or not is_number(swapped)


def test_other_characters_are_no_number():
    with pytest.raises(ValueError):
        check_character("12a")
    assert not is_number("")
    assert not is_number("A017")


def test_numbers_follow_each_other_and_begin_again_with_the_date(hall):
    hall.serve()
    seen = []
    for _ in range(2):
        case = hall.open_case()
        hall.complete(case)
        seen.append(hall.do(ReceiveCase(window="w1", case=case))[0].body)
    hall.mark(lacking := hall.open_case(), "id-card")
    notice = hall.do(GiveNotice(window="w1", case=lacking))[0].body.notice
    assert [body.number[:-1] for body in seen] == ["119999042012026112300001", "119999042012026112300002"]
    assert [body.receipt[:-1] for body in seen] == ["R119999042012026112300001", "R119999042012026112300002"]
    assert notice[:-1] == "N119999042012026112300001"
    assert all(map(is_number, (notice, *(body.number for body in seen), *(body.receipt for body in seen))))
    assert hall.state.case_counters == {"": 2, "R": 2, "N": 1}
    hall.finish()
    hall.do(CloseDay())
    assert hall.state.case_counters == {"": 2, "R": 2, "N": 1}
    hall.do(OpenDay(date="2026-11-24"))
    assert hall.state.case_counters == {}


def test_the_hundred_thousandth_is_wider_and_never_wraps(hall):
    hall.serve()
    hall.state.case_counters[""] = 99_999
    case = hall.open_case()
    hall.complete(case)
    number = hall.do(ReceiveCase(window="w1", case=case))[0].body.number
    assert number[:-1] == "1199990420120261123100000"
    assert hall.state.case_counters[""] == 100_000


@pytest.mark.parametrize("codes", [{"region": ""}, {"region": "11999"}, {"site_number": "42"}, {"node": "A1"}])
def test_a_site_without_its_codes_gives_no_number(hall, codes):
    hall.serve()
    case = hall.open_case()
    hall.complete(case)
    hall.books = replace(BOOKS, **codes)
    assert hall.refused(ReceiveCase(window="w1", case=case)).code == "case_no_numbers"


def test_a_record_from_the_future_stops_numbers_until_the_next_date(hall):
    hall.serve()
    case = hall.open_case()
    hall.complete(case)
    hall.fold_unknown("case.received", "case:other", version=2)
    assert numbers.CASE_NUMBERS in hall.state.frozen
    assert hall.refused(ReceiveCase(window="w1", case=case)).code == "subject_frozen"
