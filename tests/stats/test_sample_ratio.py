import numpy as np
import pytest
from scipy import stats

from ab_assets.stats.reasons import Reason
from ab_assets.stats.sample_ratio import sample_ratio


def test_the_cookie_cats_figure_comes_out() -> None:
    assert sample_ratio([44700, 45489], [0.5, 0.5]).p_value == pytest.approx(0.0086080, abs=5e-8)


def test_it_is_scipys_chi_square() -> None:
    reference = stats.chisquare([500, 500, 600], 1600 * np.array([0.34, 0.33, 0.33]))
    ours = sample_ratio([500, 500, 600], [0.34, 0.33, 0.33])
    assert ours.p_value == pytest.approx(reference.pvalue, rel=1e-12)
    assert ours.statistic == pytest.approx(reference.statistic, rel=1e-12)


def test_arms_without_weight_are_in_no_degree_of_freedom() -> None:
    # D6: counted there, 2.0e-5 becomes 2.9e-60.
    with_empty_arm = sample_ratio([1000, 1200, 0], [0.5, 0.5, 0.0])
    assert with_empty_arm.df == 1
    assert with_empty_arm.p_value == pytest.approx(2.0079e-5, abs=5e-10)


def test_units_in_an_arm_without_weight_are_a_failure_of_their_own() -> None:
    leaked = sample_ratio([1000, 1000, 40], [0.5, 0.5, 0.0])
    assert leaked.leaked == 40
    assert leaked.p_value == 1.0


def test_one_arm_alone_cannot_be_out_of_ratio() -> None:
    ours = sample_ratio([1000, 900, 800], [1, 0, 0])
    assert ours.p_value == 1.0
    assert ours.leaked == 1700


def test_weights_need_not_sum_to_one() -> None:
    assert sample_ratio([310, 98], [75, 25]).p_value == pytest.approx(
        float(sample_ratio([310, 98], [0.75, 0.25]).p_value), rel=1e-14
    )


@pytest.mark.parametrize(
    ("units", "weights", "reason"),
    [
        ([0, 0], [0.5, 0.5], Reason.NO_UNITS),
        ([5, 5], [0.0, 0.0], Reason.NO_WEIGHT),
        ([5, 5], [-1.0, 2.0], Reason.NO_WEIGHT),
        ([-5, 5], [0.5, 0.5], Reason.NOT_A_COUNT),
        ([np.nan, 5], [0.5, 0.5], Reason.NOT_FINITE),
    ],
)
def test_what_cannot_be_tested_is_nan_with_a_reason(
    units: list, weights: list, reason: Reason
) -> None:
    ours = sample_ratio(units, weights)
    assert ours.reason == reason
    assert np.isnan(ours.p_value)


def test_the_size_rule_looks_at_the_smallest_arm_expected() -> None:
    assert sample_ratio([500, 500], [0.5, 0.5]).large_enough
    assert not sample_ratio([990, 10], [0.995, 0.005]).large_enough
    assert sample_ratio([990, 10, 0], [0.99, 0.01, 0.0]).large_enough


def test_many_experiments_are_one_call() -> None:
    units = np.random.default_rng(1).multinomial(1000, [0.2, 0.3, 0.5], size=(6, 4))
    ours = sample_ratio(units, [0.2, 0.3, 0.5])
    assert ours.p_value.shape == (6, 4)
    assert ours.p_value[3, 2] == pytest.approx(
        float(sample_ratio(units[3, 2], [0.2, 0.3, 0.5]).p_value), rel=1e-14
    )
