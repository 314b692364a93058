import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ab_assets.stats.contrast import Contrast, arm_estimate, contrast_of, welch, z_test
from ab_assets.stats.difference import difference_test
from ab_assets.stats.proportion import proportion_contrast
from ab_assets.stats.reasons import Reason
from ab_assets.stats.uplift import delta, delta_variance, fieller, log_ratio


def contrast(m_a: float, v_a: float, m_b: float, v_b: float) -> Contrast:
    arms = (
        arm_estimate(np.array(1e6), np.array(m), np.array(v)) for m, v in ((m_a, v_a), (m_b, v_b))
    )
    return z_test(*arms)


@given(
    m_a=st.floats(-5, 5).filter(lambda m: abs(m) > 1e-3),
    m_b=st.floats(-5, 5),
    v_a=st.floats(1e-3, 2),
    v_b=st.floats(1e-3, 2),
)
def test_fieller_holds_an_uplift_of_zero_exactly_where_the_test_does_not_reject(
    m_a: float, m_b: float, v_a: float, v_b: float
) -> None:
    pair = contrast(m_a, v_a, m_b, v_b)
    test = difference_test(pair)
    holds = fieller(pair, test.critical_value).contains(0.0)
    if abs(test.p_value - 0.05) > 1e-9:
        assert bool(holds) == bool(test.p_value > 0.05)


@given(
    m_a=st.floats(-5, 5).filter(lambda m: abs(m) > 1e-3),
    m_b=st.floats(-5, 5),
    v_a=st.floats(1e-3, 2),
    v_b=st.floats(1e-3, 2),
    uplift=st.floats(-20, 20),
)
def test_fieller_holds_exactly_the_uplifts_their_own_test_does_not_reject(
    m_a: float, m_b: float, v_a: float, v_b: float, uplift: float
) -> None:
    q = 1.96
    distance = (m_b - m_a) - uplift * abs(m_a)
    slope = np.sign(m_a) * uplift
    error = np.sqrt(v_b + (1 + slope) ** 2 * v_a)
    margin = abs(distance) / error - q
    if abs(margin) > 1e-6:
        assert bool(fieller(contrast(m_a, v_a, m_b, v_b), q).contains(uplift)) == (margin < 0)


def test_fieller_uses_the_covariance_of_arms_adjusted_together() -> None:
    arms = [arm_estimate(np.array(100.0), np.array(m), np.array(0.04)) for m in (2.0, 2.5)]
    c = 0.03
    pair = contrast_of(
        *arms,
        covariance=np.array(c),
        variance=np.array(0.08 - 2 * c),
        df=np.array(np.inf),
        method="z",
    )
    q = 1.96
    a, b, d = 4 - q**2 * 0.04, 5 - q**2 * c, 6.25 - q**2 * 0.04
    root = np.sqrt(b * b - a * d)
    interval = fieller(pair, q).interval
    assert interval.low == pytest.approx((b - root) / a - 1, rel=1e-12)
    assert interval.high == pytest.approx((b + root) / a - 1, rel=1e-12)


def test_the_published_relative_interval_of_a_noisy_control_comes_out() -> None:
    # D1: delta gives [-3.5 %, +145 %] and p .0619 where the absolute test has p .0202.
    from ab_assets.stats.mean import mean_contrast
    from ab_assets.stats.moments import Moments

    pair = mean_contrast(
        Moments.from_sums(3407, [1396.87], [52377.9767]),
        Moments.from_sums(3461, [2422.7], [134698.29]),
    )
    test = difference_test(pair)
    interval = fieller(pair, test.critical_value).interval
    assert test.p_value == pytest.approx(0.0202, abs=5e-5)
    assert (interval.low, interval.high) == pytest.approx((0.094, 1.709), abs=5e-4)


def test_a_control_mean_that_may_be_zero_gives_an_unbounded_set() -> None:
    result = fieller(contrast(0.1, 1.0, 0.2, 1.0), 1.96)
    assert not result.bounded
    assert (result.interval.low, result.interval.high) == (-np.inf, np.inf)
    assert result.contains(1e6)


def test_an_unbounded_set_may_still_exclude_uplifts() -> None:
    result = fieller(contrast(0.5, 1.0, 6.0, 1.0), 1.96)
    assert not result.bounded
    assert result.gap_low < 0 < result.gap_high
    assert not result.contains(0.0)
    assert result.contains(result.uplift)


def test_a_negative_control_mean_turns_the_interval_over() -> None:
    up, down = contrast(2.0, 0.01, 2.5, 0.01), contrast(-2.0, 0.01, -2.5, 0.01)
    ours, mirrored = fieller(up, 1.96), fieller(down, 1.96)
    assert mirrored.uplift == -ours.uplift
    assert mirrored.interval.low == pytest.approx(-float(ours.interval.high), rel=1e-12)
    assert mirrored.interval.high == pytest.approx(-float(ours.interval.low), rel=1e-12)


def test_a_control_mean_of_zero_has_no_uplift() -> None:
    result = fieller(contrast(0.0, 1.0, 1.0, 1.0), 1.96)
    assert result.reason == Reason.ZERO_CONTROL_MEAN
    assert np.isnan(result.uplift)
    assert np.isnan(result.interval.low)


def test_precise_means_make_the_three_methods_agree() -> None:
    pair = contrast(10.0, 1e-8, 10.1, 1e-8)
    ends = [method(pair, 1.96).interval.low.item() for method in (fieller, log_ratio, delta)]
    assert max(ends) - min(ends) < 1e-9


def test_the_log_ratio_is_statsmodels() -> None:
    from statsmodels.stats.proportion import confint_proportions_2indep

    arms = (40, 100, 60, 110)
    ours = log_ratio(
        welch(
            *(
                arm_estimate(np.array(n), np.array(x / n), np.array(x / n * (1 - x / n) / n))
                for x, n in ((40.0, 100.0), (60.0, 110.0))
            )
        ),
        1.959963984540054,
    )
    low, high = confint_proportions_2indep(
        arms[2], arms[3], arms[0], arms[1], compare="ratio", method="log"
    )
    assert ours.interval.low == pytest.approx(low - 1, rel=1e-10)
    assert ours.interval.high == pytest.approx(high - 1, rel=1e-10)


def test_the_log_ratio_refuses_means_that_are_not_positive() -> None:
    assert log_ratio(contrast(-1.0, 0.1, 1.0, 0.1), 1.96).reason == Reason.NOT_POSITIVE


def test_the_delta_interval_is_its_variance_times_the_quantile() -> None:
    pair = proportion_contrast(20, 100, 30, 100)
    interval = delta(pair, 2.0).interval
    assert interval.high - interval.low == pytest.approx(4 * np.sqrt(float(delta_variance(pair))))
