import numpy as np
import pytest
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import power_proportions_2indep

from ab_assets.stats.always_valid import SequentialPlan
from ab_assets.stats.comparison import compare
from ab_assets.stats.cuped import cuped_mean_contrast
from ab_assets.stats.duration import days_needed
from ab_assets.stats.mean import mean_contrast
from ab_assets.stats.moments import Moments
from ab_assets.stats.power import (
    design_of,
    detectable_effect,
    mean_design,
    power,
    proportion_design,
    relative_detectable_effect,
    units_needed,
)


@pytest.mark.parametrize("share", [0.5, 0.2])
def test_power_of_a_mean_is_statsmodels(share: float) -> None:
    ratio = share / (1 - share)
    reference = NormalIndPower().power(0.1, nobs1=1000, alpha=0.05, ratio=ratio)
    ours = power(mean_design(10.0, 5.0, treatment_share=share), 0.5, 1000 * (1 + ratio))
    assert ours == pytest.approx(reference, rel=1e-10)


def test_units_of_a_mean_are_statsmodels_rounded_up() -> None:
    reference = 2 * NormalIndPower().solve_power(0.1, alpha=0.05, power=0.9)
    assert units_needed(mean_design(10.0, 5.0), 0.5, 0.9) == np.ceil(reference)


def test_power_of_a_proportion_uses_the_rate_the_treatment_would_have() -> None:
    reference = power_proportions_2indep(0.02, 0.10, 3000, alpha=0.05, return_results=False)
    ours = power(proportion_design(0.10, 0.02), 0.02, 6000)
    # The reference takes one variance for both arms under the null.
    assert ours == pytest.approx(reference, abs=2e-3)


def test_units_effect_and_power_are_each_others_inverse() -> None:
    design = mean_design([10.0, 3.0], [5.0, 8.0], treatment_share=0.3)
    units = units_needed(design, 0.4, 0.85)
    effect = detectable_effect(design, units, 0.85)
    assert (effect <= 0.4).all()
    np.testing.assert_allclose(power(design, effect, units), 0.85, rtol=1e-9)
    assert (power(design, 0.4, units) >= 0.85).all()
    assert (power(design, 0.4, units - 1) < 0.85).all()


def test_a_relative_effect_is_a_share_of_the_means_size() -> None:
    for mean in (10.0, -10.0):
        relative = relative_detectable_effect(mean_design(mean, 5.0), 1000)
        assert relative * 10 == pytest.approx(
            float(detectable_effect(mean_design(mean, 5.0), 1000))
        )
    assert np.isnan(relative_detectable_effect(mean_design(0.0, 5.0), 1000))


def test_an_adjustment_saves_its_share_of_the_units() -> None:
    plain, adjusted = mean_design(10.0, 5.0), mean_design(10.0, 5.0, variance_reduction=0.4)
    assert units_needed(adjusted, 0.1) == pytest.approx(0.6 * units_needed(plain, 0.1), abs=1)


def test_unequal_arms_need_more_units() -> None:
    assert units_needed(mean_design(10.0, 5.0, treatment_share=0.1), 0.1) == pytest.approx(
        float(units_needed(mean_design(10.0, 5.0), 0.1)) / (4 * 0.1 * 0.9), rel=1e-4
    )


def test_an_observed_comparison_has_its_own_standard_error_again() -> None:
    rows = np.random.default_rng(1).normal(10, 3, size=(500, 2))
    rows[:, 0] += 2 * rows[:, 1]
    arms = Moments.of(rows[:150]), Moments.of(rows[150:])
    for contrast in (mean_contrast(*arms), cuped_mean_contrast(*arms).contrast):
        design = design_of(contrast)
        error = compare(contrast).difference.standard_error
        assert design.standard_error(500) == pytest.approx(float(error), rel=1e-12)


def test_simulated_experiments_find_the_effect_as_often_as_promised() -> None:
    rng = np.random.default_rng(2)
    rows = rng.normal(size=(2, 4000, 100, 1))
    rows[1] += 0.4
    p_values = compare(mean_contrast(Moments.of(rows[0]), Moments.of(rows[1]))).difference.p_value
    # Monte Carlo error: 0.6 %.
    assert np.mean(p_values < 0.05) == pytest.approx(
        float(power(mean_design(0.0, 1.0), 0.4, 200)), abs=0.02
    )


def test_an_always_valid_test_needs_more_units_at_any_one_look() -> None:
    fixed = mean_design(10.0, 5.0)
    sequential = mean_design(10.0, 5.0, plan=SequentialPlan(10_000))
    assert 1.5 < units_needed(sequential, 0.3) / units_needed(fixed, 0.3) < 2.5
    assert power(sequential, 0.3, 5000) < power(fixed, 0.3, 5000)


def test_what_no_size_reaches_is_nan() -> None:
    design = mean_design(10.0, 5.0)
    assert np.isnan(units_needed(design, 0.0))
    assert np.isnan(units_needed(design, np.nan))
    assert np.isnan(detectable_effect(design, 0))
    assert np.isnan(detectable_effect(design, 1000, 1.0))


def test_days_follow_the_pace_seen_and_may_be_whole_weeks() -> None:
    days = days_needed([1000, 1000, 1000], [100, 0, 999], [1, 5, 5])
    np.testing.assert_array_equal(days, [10, np.nan, 6])
    assert days_needed(1000, 100, 1, whole_weeks=True) == 14
    assert days_needed(1400, 100, 1, whole_weeks=True) == 14
