import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.rows import alone, higher_is_better, lower_is_better

POSITIVE = st.floats(min_value=1e-6, max_value=1e9)


def test_of_times_the_shorter_is_the_better() -> None:
    assert lower_is_better("call", 10.0, "ms", "loop", 25.0).ratio == 2.5
    assert lower_is_better("call", 25.0, "ms", "loop", 10.0).ratio == 0.4


def test_of_rates_the_higher_is_the_better() -> None:
    assert higher_is_better("append", 3000.0, "1/s", "table", 1000.0).ratio == 3.0
    assert higher_is_better("append", 1000.0, "1/s", "table", 4000.0).ratio == 0.25


@settings(max_examples=60, deadline=None)
@given(POSITIVE, POSITIVE)
def test_above_one_is_better_whichever_way_the_value_counts(ours: float, peers: float) -> None:
    for row, better in (
        (lower_is_better("n", ours, "ms", "p", peers), ours < peers),
        (higher_is_better("n", ours, "1/s", "p", peers), ours > peers),
    ):
        assert row.ratio is not None
        assert row.ratio >= 1 if better else row.ratio <= 1


def test_the_ratio_comes_from_what_was_measured_not_from_what_is_shown() -> None:
    row = lower_is_better("n", 1.00044, "ms", "p", 2.00044)
    assert (row.value, row.peer_value, row.ratio) == (1.0, 2.0, 2.0)
    assert lower_is_better("n", 0.00012344, "ms", "p", 1.0).ratio == 8101.0


def test_a_row_without_a_peer_says_so() -> None:
    shown = json.loads(alone("verify", 134_912.3, "1/s").model_dump_json())
    assert shown == {
        "name": "verify",
        "value": 134_900.0,
        "unit": "1/s",
        "peer": None,
        "peer_value": None,
        "ratio": None,
    }


@pytest.mark.parametrize("measure", [lower_is_better, higher_is_better])
def test_nothing_measured_is_no_row(measure) -> None:
    with pytest.raises(ValueError, match="no measurement"):
        measure("n", 0.0, "ms", "p", 0.0)
