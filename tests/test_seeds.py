"""The interval over seeds equals SciPy's own, and refuses what has none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from utils.seeds import interval

NUMBERS = st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=12)


@given(NUMBERS)
def test_interval_equals_scipy(values):
    mean, half = interval(values)
    assert mean == pytest.approx(np.mean(values), abs=1e-9)
    if half > 1e-6:  # SciPy divides by the spread
        low, high = stats.ttest_1samp(values, 0).confidence_interval(0.95)
        assert (mean - half, mean + half) == pytest.approx((low, high), rel=1e-6)
    else:
        assert np.ptp(values) < 1e-4


@pytest.mark.parametrize("values", [[], [1.0], [1.0, np.nan], [np.inf, 1.0], [[1, 2]]])
def test_interval_refuses(values):
    with pytest.raises(ValueError, match="at least 2 seeds"):
        interval(values)


def test_interval_holds_the_mean_19_times_of_20():
    samples = np.random.default_rng(6).normal(0, 1, (2000, 5))
    inside = [abs(mean) <= half for mean, half in map(interval, samples)]
    assert np.mean(inside) == pytest.approx(0.95, abs=0.015)
