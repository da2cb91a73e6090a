"""One question, one answer: in time, by who may, and a second opinion that changes nothing of the first."""

import pytest
from pydantic import SecretStr

from edge.rules.commands import AddRating, CallNext, CloseDay, FinishService, GiveRating, LapseRating, OpenDay, SignIn
from edge.rules.oversight_setup import HOUR
from edge.rules.ratings import of_code

PAD = "pad:pad-1"
KIOSK = "kiosk:k1"


@pytest.fixture
def nonce(hall):
    hall.issue()
    hall.do(SignIn(window="w1", clerk="c01"))
    hall.do(CallNext(window="w1"))
    hall.do(FinishService(window="w1"))
    return hall.state.windows["w1"].question


def later(nonce, level="satisfied", **more):
    return GiveRating.model_validate({"nonce": nonce, "level": level, "by": "kiosk", **more})


def test_one_answer_in_time(hall, nonce):
    drafts = hall.do(GiveRating(nonce=nonce, level="satisfied"), actor=PAD)
    assert (drafts[0].kind, drafts[0].body.level, drafts[0].actor) == ("rating.given", "satisfied", PAD)
    assert drafts[0].subject == hall.state.questions[nonce].turn
    assert (drafts[0].body.window, drafts[0].body.clerk, drafts[0].body.after) == ("w1", "c01", 1)
    assert hall.refused(GiveRating(nonce=nonce, level="dissatisfied"), PAD).code == "rating_twice"
    assert hall.refused(later(nonce), KIOSK).code == "rating_twice"
    assert hall.refused(LapseRating(nonce=nonce)).code == "rating_closed"


def test_the_last_moment_counts_and_the_one_after_is_late(hall, nonce):
    until = hall.state.questions[nonce].until
    hall.clock.ms = until
    assert hall.refused(GiveRating(nonce=nonce, level="satisfied"), PAD).code == "rating_late"
    hall.clock.ms = until - 1
    hall.do(GiveRating(nonce=nonce, level="satisfied"), PAD)


def test_a_lapsed_question_takes_no_answer_at_the_pad_but_one_at_the_kiosk(hall, nonce):
    assert hall.do(LapseRating(nonce=nonce))[0].body.why == "no_answer"
    assert hall.refused(GiveRating(nonce=nonce, level="satisfied"), PAD).code == "rating_late"
    assert hall.do(later(nonce), KIOSK)[0].body.by == "kiosk"
    assert hall.refused(later(nonce), KIOSK).code == "rating_twice"


def test_the_window_of_kiosk_and_code_is_counted_from_the_end_of_the_service(hall, nonce):
    question = hall.state.questions[nonce]
    assert question.closes - question.ended == 24 * HOUR
    hall.clock.ms = question.closes
    assert hall.refused(later(nonce), KIOSK).code == "rating_late"
    hall.clock.ms = question.closes - 1
    hall.do(later(nonce), KIOSK)


def test_it_outlives_the_day_and_leaves_when_nobody_can_answer_any_more(hall, nonce):
    hall.do(LapseRating(nonce=nonce))
    hall.do(CloseDay())
    hall.do(OpenDay(date="2026-11-24"))
    assert nonce in hall.state.questions
    hall.do(CloseDay())
    hall.do(OpenDay(date="2026-11-26"))
    assert nonce not in hall.state.questions
    assert hall.refused(later(nonce), KIOSK).code == "rating_unknown"


def test_an_answer_to_no_question(hall, nonce):
    assert hall.refused(GiveRating(nonce="r:other", level="satisfied"), PAD).code == "rating_unknown"
    assert hall.refused(LapseRating(nonce="r:other")).code == "rating_unknown"


@pytest.mark.parametrize("actor", ["clerk:c01", "clerk:c02", "guide:g01", "lead:l01", "technician:t01", "system"])
def test_nobody_of_the_hall_rates(hall, nonce, actor):
    refused = hall.refused(later(nonce), actor)
    assert (refused.code, refused.who_can) == ("not_your_role", "citizen")
    assert hall.refused(AddRating(nonce=nonce, level="satisfied"), actor).code == "not_your_role"


def test_a_bad_level_wants_a_reason_where_there_are_keys_for_it(hall, nonce):
    assert hall.refused(later(nonce, "very_dissatisfied"), KIOSK).code == "rating_needs_reason"
    assert hall.refused(later(nonce, "dissatisfied", text=SecretStr("  ")), KIOSK).code == "rating_needs_reason"
    given = hall.do(later(nonce, "dissatisfied", text=SecretStr("等了两个小时")), KIOSK)
    assert given[0].private.members == {"text": "等了两个小时"}
    assert "两个小时" not in repr(given)
    assert "两个小时" not in hall.state.model_dump_json()


def test_a_pad_with_four_keys_may_say_it_without_one(hall, nonce):
    given = hall.do(GiveRating(nonce=nonce, level="dissatisfied"), PAD)
    assert [draft.kind for draft in given] == ["rating.given", "task.opened"]


def test_a_second_opinion_is_beside_the_first_and_the_last(hall, nonce):
    more = AddRating(nonce=nonce, level="dissatisfied", reasons=("attitude",))
    assert hall.refused(more, KIOSK).code == "rating_first"
    first = hall.do(later(nonce), KIOSK)[0]
    added = hall.do(more, KIOSK)
    assert [draft.kind for draft in added] == ["rating.added", "task.opened"]
    assert added[0].subject == first.subject
    assert [record.kind for record in hall.records].count("rating.given") == 1
    assert hall.refused(more, KIOSK).code == "rating_twice"
    assert hall.refused(later(nonce), KIOSK).code == "rating_twice"


def test_two_bad_opinions_open_one_task(hall, nonce):
    hall.do(later(nonce, "dissatisfied", reasons=("took_long",)), KIOSK)
    hall.do(AddRating(nonce=nonce, level="very_dissatisfied", reasons=("attitude",)), KIOSK)
    assert len(hall.state.tasks) == 1


def test_a_citizens_code_is_the_ticket_or_the_nonce(hall, nonce):
    question = hall.state.questions[nonce]
    assert of_code(hall.state, question.ticket) == of_code(hall.state, nonce) == question
    assert of_code(hall.state, "t:other") is None
    assert of_code(hall.state, "") is None
