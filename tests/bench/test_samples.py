import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.samples import p50, p99, percentile


def test_nearest_rank() -> None:
    hundred = [float(n) for n in range(100, 0, -1)]
    assert (p50(hundred), p99(hundred), percentile(hundred, 100)) == (50.0, 99.0, 100.0)
    assert (p50([3.0, 1.0, 2.0]), p99([3.0, 1.0, 2.0])) == (2.0, 3.0)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 100))
def test_so_many_do_not_exceed_it(samples: list[float], percent: float) -> None:
    found = percentile(samples, percent)
    assert found in samples
    assert sum(one <= found for one in samples) >= len(samples) * percent / 100 - 1e-9


def test_nothing_has_no_percentile() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        p50([])
