import pytest

from edge.rules.commands import CallNext, FinishService, GiveRating, LapseRating


@pytest.fixture
def nonce(hall):
    hall.issue()
    hall.do(CallNext(window="w1"))
    hall.do(FinishService(window="w1"))
    return hall.state.windows["w1"].question


def test_one_answer_in_time(hall, nonce):
    drafts = hall.do(GiveRating(nonce=nonce, level="satisfied"), actor="pad:pad-1")
    assert (drafts[0].kind, drafts[0].body.level, drafts[0].actor) == ("rating.given", "satisfied", "pad:pad-1")
    assert drafts[0].subject == hall.state.questions[nonce].turn
    assert hall.refused(GiveRating(nonce=nonce, level="dissatisfied")).code == "rating_twice"
    assert hall.refused(LapseRating(nonce=nonce)).code == "rating_closed"


def test_the_last_moment_counts_and_the_one_after_is_late(hall, nonce):
    until = hall.state.questions[nonce].until
    hall.clock.ms = until
    assert hall.refused(GiveRating(nonce=nonce, level="satisfied")).code == "rating_late"
    hall.clock.ms = until - 1
    hall.do(GiveRating(nonce=nonce, level="satisfied"))


def test_a_lapsed_question_takes_no_answer(hall, nonce):
    assert hall.do(LapseRating(nonce=nonce))[0].body.why == "no_answer"
    assert hall.refused(GiveRating(nonce=nonce, level="satisfied")).code == "rating_late"


def test_an_answer_to_no_question(hall, nonce):
    assert hall.refused(GiveRating(nonce="r:other", level="satisfied")).code == "rating_unknown"
    assert hall.refused(LapseRating(nonce="r:other")).code == "rating_unknown"
