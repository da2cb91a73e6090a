"""Words survive both scales and the upload, in both directions; the scales are opposite."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.ratings import provincial, scales
from edge.rules.rating_records import BAD_LEVELS, AnswerBy, RatingReason

LEVELS = st.sampled_from(scales.WORDS)
OPINIONS = st.builds(
    provincial.Opinion,
    project=st.text(min_size=1, max_size=30),
    task_code=st.text(max_size=31),
    task_name=st.text(max_size=40),
    unit_code=st.text(max_size=18),
    kind=st.sampled_from(["instant", "promised"]),
    level=LEVELS,
    reasons=st.lists(st.sampled_from(get_args(RatingReason)), unique=True).map(tuple),
    text=st.text(max_size=60),
    by=st.sampled_from(get_args(AnswerBy)),
    at=st.just("2026-11-23T09:14:07.312+08:00"),
    second=st.booleans(),
)


@given(LEVELS, st.sampled_from(get_args(scales.Scale)))
def test_a_word_comes_back_from_its_number(word, scale):
    assert scales.word(scales.number(word, scale), scale) == word


@given(LEVELS)
def test_the_two_scales_are_opposite(word):
    assert scales.number(word, "provincial") + scales.number(word, "gbt39046") == 6


def test_the_ends_are_as_the_sources_say():
    assert scales.number("very_satisfied", "provincial") == 5
    assert scales.number("very_satisfied", "gbt39046") == 1
    assert scales.number("very_dissatisfied", "provincial") == 1
    assert scales.number("very_dissatisfied", "gbt39046") == 5


@given(st.integers().filter(lambda n: not 1 <= n <= 5), st.sampled_from(get_args(scales.Scale)))
def test_a_number_off_the_scale_is_no_word(number, scale):
    with pytest.raises(ValueError):
        scales.word(number, scale)


@given(OPINIONS)
def test_an_opinion_comes_back_from_its_upload(opinion):
    if opinion.level in BAD_LEVELS and not opinion.reasons and not opinion.text.strip():
        with pytest.raises(provincial.NeedsWhy):
            provincial.upload(opinion)
        return
    sent = provincial.upload(opinion)
    assert (sent.satisfaction < 3) == (opinion.level in BAD_LEVELS)
    back = provincial.opinion(sent)
    assert back == opinion.model_copy(update={"by": "kiosk" if opinion.by == "pad" else opinion.by})
