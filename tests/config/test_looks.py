"""Colours of a theme pack: whatever passes the check can be read everywhere, and nothing weakens the high contrast."""

from dataclasses import asdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.looks import (
    CALM,
    CONTRAST,
    LEAST,
    LEAST_HIGH,
    WHITE,
    WRITTEN_ON,
    Colours,
    calm,
    contrast_ratio,
    faint,
    high_contrast,
    mix,
    page_colours,
    stronger,
    too_faint,
)

MEMBERS = ("main", "accent", "high_contrast")
COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06X}")
STATES = ("good", "good_wash", "bad", "bad_wash", "focus")
# What is written on what in the browser pages; paper and ground of base.css.
PAGES = (
    (WHITE, "bar"),
    ("bar-quiet", "bar"),
    (WHITE, "bar-button"),
    (WHITE, "bar-button-over"),
    (WHITE, "act"),
    (WHITE, "act-dark"),
    ("act", WHITE),
    ("act", "act-pale"),
    ("act-dark", "act-pale"),
    ("act-dark", "#EEF2F6"),
    ("deep", WHITE),
    ("deep", "#EEF2F6"),
    ("#16222E", "act-pale"),
    ("#4D5B69", "act-pale"),
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(MEMBERS), COLOURS)
def test_what_passes_can_be_read_and_what_does_not_has_a_neighbour_that_passes(member: str, colour: str) -> None:
    mended = stronger(member, colour)  # type: ignore[arg-type]
    assert too_faint(member, mended) is None  # type: ignore[arg-type]
    assert (mended == colour) == (too_faint(member, colour) is None)  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(COLOURS, COLOURS, COLOURS)
def test_every_pair_of_a_good_pack_stands_out_on_every_screen_and_page(main: str, accent: str, high: str) -> None:
    colours = Colours(stronger("main", main), stronger("accent", accent), stronger("high_contrast", high))
    assert list(faint(calm(colours), LEAST)) == []
    assert list(faint(high_contrast(colours), LEAST_HIGH)) == []
    page = page_colours(colours)
    ratios = {pair: contrast_ratio(*(page.get(each, each) for each in pair)) for pair in PAGES}
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < LEAST} == {}


@settings(max_examples=60, deadline=None)
@given(COLOURS, COLOURS, COLOURS)
def test_a_pack_changes_neither_states_nor_the_grounds_of_the_high_contrast(main: str, accent: str, high: str) -> None:
    colours = Colours(main, accent, high)
    assert [getattr(calm(colours), each) for each in STATES] == [getattr(CALM, each) for each in STATES]
    changed = {name for name, value in asdict(high_contrast(colours)).items() if value != getattr(CONTRAST, name)}
    assert changed <= {"deep", "deep_pressed"}
    assert high_contrast(Colours(main, accent)) == CONTRAST


@given(COLOURS, COLOURS)
def test_contrast_is_the_same_both_ways_and_between_1_and_21(one: str, other: str) -> None:
    ratio = contrast_ratio(one, other)
    assert ratio == contrast_ratio(other, one)
    assert 1 <= ratio <= 21.000001
    assert contrast_ratio(one, one) == 1


@given(COLOURS, COLOURS, st.floats(0, 1))
def test_a_mixture_lies_between(one: str, other: str, share: float) -> None:
    for at in (1, 3, 5):
        ends = sorted(int(each[at : at + 2], 16) for each in (one, other))
        assert ends[0] <= int(mix(one, other, share)[at : at + 2], 16) <= ends[1]
    assert mix(one, other, 0.0) == one
    assert mix(one, other, 1.0) == other


def test_without_a_pack_everything_is_the_products_own() -> None:
    assert calm(Colours()) is CALM
    assert high_contrast(Colours()) is CONTRAST
    assert page_colours(Colours()) == {}


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#FFFFFF", 21.0),
        ("#777777", "#FFFFFF", 4.48),
        ("#0000FF", "#FFFFFF", 8.59),
        ("#FF0000", "#FFFFFF", 4.0),
    ],
)
def test_the_ratio_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast_ratio(one, other) == pytest.approx(ratio, abs=0.01)


def test_every_pair_is_of_the_palette() -> None:
    assert {name for pair in WRITTEN_ON for name in pair} <= set(asdict(CALM))
