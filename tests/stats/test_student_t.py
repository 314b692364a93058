import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import stdtr, stdtrit

from ab_assets.stats.normal import log_two_sided
from ab_assets.stats.student_t import log_lower_tail, lower_tail, quantile

# mpmath 1.3, 50 digits: log of half the incomplete beta I_x(df/2, 1/2), x = df/(df + t²).
FAR_TAILS = [
    (1000.0, 1e5, -119901.39138959429),
    (40.0, 1e3, -481.8866575635933),
    (1e60, 5.0, -688.52527166240023),
    (50.0, 1e7, -1254.6750122167474),
    (200.0, 30.0, -110.57032364785539),
    (37.0, 50.0, -86.504831760938764),
]


@pytest.mark.parametrize(("t", "df", "expected"), FAR_TAILS)
def test_logarithms_of_tails_are_exact_far_beyond_the_smallest_float(
    t: float, df: float, expected: float
) -> None:
    assert log_lower_tail(np.array(-t), np.array(df)) == pytest.approx(expected, rel=2e-15)


def test_infinite_degrees_of_freedom_are_the_normal() -> None:
    t = np.array([-50.0, -5.0, 0.0, 3.0])
    df = np.array([np.inf, np.inf, np.inf, 10.0])
    np.testing.assert_allclose(lower_tail(t, df)[:3], stats.norm.cdf(t[:3]), rtol=1e-14)
    assert lower_tail(t, df)[3] == pytest.approx(stats.t.cdf(3, 10), rel=1e-13)
    np.testing.assert_allclose(log_lower_tail(t, df)[:3], stats.norm.logcdf(t[:3]), rtol=1e-13)


@given(st.floats(100, 1e7), st.floats(1e-12, 0.49))
def test_the_expansion_is_the_exact_quantile_from_100_degrees_of_freedom_on(
    df: float, probability: float
) -> None:
    ours = quantile(np.array(probability), np.array(df))
    assert ours == pytest.approx(stdtrit(df, probability), rel=3e-12)


@pytest.mark.parametrize("df", [1.0, 3.7, 30.0, 99.9])
def test_below_it_the_quantile_is_inverted_exactly(df: float) -> None:
    assert quantile(np.array(0.025), np.array(df)) == pytest.approx(
        stats.t.ppf(0.025, df), rel=1e-12
    )


def test_mixed_degrees_of_freedom_are_each_answered() -> None:
    ours = quantile(np.array(0.975), np.array([5.0, 1000.0, np.inf, np.nan]))
    np.testing.assert_allclose(ours[:3], stats.t.ppf(0.975, [5, 1000, np.inf]), rtol=1e-12)
    assert np.isnan(ours[3])


def test_a_two_sided_logarithm_is_that_of_both_tails() -> None:
    assert log_two_sided(np.array(-2.0)) == pytest.approx(np.log(2 * stats.norm.sf(2)), rel=1e-14)


@given(st.floats(-36, 36), st.floats(1, 1e8))
def test_tails_are_the_incomplete_beta_function_whichever_way_they_are_computed(
    t: float, df: float
) -> None:
    ours = lower_tail(np.array(t), np.array(df))
    assert ours == pytest.approx(stdtr(df, t), rel=2e-12, abs=0)
