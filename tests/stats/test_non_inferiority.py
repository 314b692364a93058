import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from ab_assets.stats.comparison import compare
from ab_assets.stats.contrast import Contrast, arm_estimate, z_test
from ab_assets.stats.mean import mean_contrast
from ab_assets.stats.moments import Moments
from ab_assets.stats.non_inferiority import (
    equivalence,
    non_inferiority,
    relative_non_inferiority,
)
from ab_assets.stats.reasons import Reason

ROWS = np.random.default_rng(1).normal(10.0, 2.0, size=(2, 80))


def pair() -> Contrast:
    return mean_contrast(*(Moments.of(arm[:, None]) for arm in ROWS))


def z_pair(m_a: float, m_b: float) -> Contrast:
    return z_test(*(arm_estimate(np.array(9.0), np.array(m), np.array(0.5)) for m in (m_a, m_b)))


def test_it_is_a_one_sided_test_against_the_margin() -> None:
    reference = stats.ttest_ind(ROWS[1] + 0.7, ROWS[0], equal_var=False, alternative="greater")
    assert non_inferiority(pair(), 0.7).p_value == pytest.approx(reference.pvalue, rel=1e-11)


def test_where_a_rise_is_the_harm_the_margin_lies_above() -> None:
    reference = stats.ttest_ind(ROWS[1] - 0.7, ROWS[0], equal_var=False, alternative="less")
    ours = non_inferiority(pair(), 0.7, higher_is_better=False)
    assert ours.p_value == pytest.approx(reference.pvalue, rel=1e-11)


def test_it_passes_where_the_one_sided_bound_clears_the_margin() -> None:
    bound = float(compare(pair(), 0.1).difference.interval.low)
    assert non_inferiority(pair(), -bound + 1e-9).passed
    assert not non_inferiority(pair(), -bound - 1e-9).passed


def test_a_relative_margin_passes_where_fiellers_bound_clears_it() -> None:
    bound = float(compare(pair(), 0.1).uplift.interval.low)
    assert relative_non_inferiority(pair(), -bound + 1e-9).passed
    assert not relative_non_inferiority(pair(), -bound - 1e-9).passed


@pytest.mark.parametrize(("m_a", "m_b", "better"), [(10, 9.95, True), (-10, -9.95, False)])
def test_a_relative_margin_of_nothing_is_the_plain_one_sided_test(
    m_a: float, m_b: float, better: bool
) -> None:
    relative = relative_non_inferiority(z_pair(m_a, m_b), 0.0, higher_is_better=better)
    plain = non_inferiority(z_pair(m_a, m_b), 0.0, higher_is_better=better)
    assert relative.p_value == pytest.approx(float(plain.p_value), rel=1e-12)


@pytest.mark.parametrize(
    ("m_a", "m_b", "better"),
    [(10.0, 9.0, True), (10.0, 11.0, False), (-10.0, -11.0, True), (-10.0, -9.0, False)],
)
def test_a_harm_of_exactly_the_margin_is_a_coin_toss_whatever_the_signs(
    m_a: float, m_b: float, better: bool
) -> None:
    ours = relative_non_inferiority(z_pair(m_a, m_b), 0.1, higher_is_better=better)
    assert ours.p_value == pytest.approx(0.5, abs=1e-12)


def test_equivalence_is_statsmodels_two_one_sided_tests() -> None:
    reference = CompareMeans(DescrStatsW(ROWS[1]), DescrStatsW(ROWS[0])).ttost_ind(
        -0.9, 0.8, usevar="unequal"
    )
    ours = equivalence(pair(), -0.9, 0.8)
    assert ours.p_value == pytest.approx(reference[0], rel=1e-10)


def test_equivalence_passes_where_the_wider_interval_lies_within_the_margins() -> None:
    interval = compare(pair(), 0.1).difference.interval
    low, high = float(interval.low), float(interval.high)
    assert equivalence(pair(), low - 1e-9, high + 1e-9).passed
    assert not equivalence(pair(), low + 1e-6, high + 1e-9).passed


def test_without_a_control_mean_there_is_no_relative_margin() -> None:
    ours = relative_non_inferiority(z_pair(0.0, 1.0), 0.1)
    assert ours.reason == Reason.ZERO_CONTROL_MEAN
    assert not ours.passed
    assert np.isnan(ours.p_value)


def test_no_variance_passes_nothing() -> None:
    constant = Moments.of([[1.0], [1.0]])
    ours = non_inferiority(mean_contrast(constant, constant), 0.5)
    assert ours.reason == Reason.ZERO_VARIANCE
    assert not ours.passed
