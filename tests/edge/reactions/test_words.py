"""Every code has its three texts, in every language, and every place in them is filled."""

import string

import pytest

from config.words import LANGUAGES, load
from edge.rules.codes import _WAY_OUT, Code
from edge.rules.decide import DECISIONS

PLACES = {
    "day_earlier": {"last"},
    "day_in_service": {"windows"},
    "person_has_ticket": {"number"},
    "window_has_called": {"number"},
    "window_is_serving": {"number"},
    "window_taken": {"clerk"},
    "recalls_spent": {"number", "recalls"},
    "clerk_busy_elsewhere": {"window"},
    "print_running": {"number"},
    "number_unclear": {"number"},
    "ticket_not_waiting": {"number"},
    "ticket_not_missed": {"number"},
    "ticket_not_held": {"number"},
    "ticket_held_elsewhere": {"number", "window"},
    "service_not_here": {"number"},
    "undo_too_late": {"number"},
    "not_in_service": {"number"},
    "revive_spent": {"number"},
    "green_has_slot": {"number"},
    "booking_used": {"number"},
    "booking_late": {"minutes"},
    "case_other_clerk": {"clerk"},
    "item_not_admitted": {"item", "where"},
    "reuse_expired": {"date"},
    "case_elsewhere": {"window"},
    "batch_sent_back": {"site"},
    "query_wait": {"seconds"},
    "case_lacks": {"count", "materials"},
    "notice_given": {"number"},
    "pages_full": {"pages"},
    "calendar_unknown": {"year"},
    "task_not_now": {"state"},
    "complaint_not_now": {"state"},
    "guidance_called": {"unit"},
    "parcel_signed": {"date"},
    "parcel_other_item": {"item"},
    "result_for_other_site": {"site"},
    "batch_over": {"number"},
    "batch_not_for_us": {"site"},
    "batch_altered": {"number"},
    "batch_not_on_sheet": {"number"},
    "batch_no_difference": {"number"},
    "batch_signed_there": {"site"},
    "batch_wrong_place": {"unit"},
    "second_person": {"clerk"},
    "paper_not_in_stock": {"serial"},
    "copies_spent": {"left", "area"},
    "copies_hall_spent": {"left", "area"},
    "copy_too_long": {"most"},
}


def places(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_has_three_texts(language):
    words = load(language, "refusal")
    assert set(words) == {f"{code}.{role}" for code in Code for role in ("citizen", "clerk", "technician")}
    for key, text in words.items():
        assert text.strip(), key
        assert places(text) <= PLACES.get(key.split(".")[0], set()), key


@pytest.mark.parametrize("name", ["hall", "ticket", "refusal"])
def test_the_lists_have_the_same_keys_and_places_in_every_language(name):
    reference = load("zh-Hans", name)
    for language in LANGUAGES:
        words = load(language, name)
        assert set(words) == set(reference)
        for key in reference:
            assert places(words[key]) == places(reference[key]), (language, key)


def test_every_code_says_who_can_and_with_which_command():
    commands = {command.model_fields["do"].default for command in DECISIONS}
    assert set(_WAY_OUT) == set(Code)
    assert {instead for _, instead in _WAY_OUT.values()} - {""} <= commands
