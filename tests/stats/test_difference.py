import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ab_assets.stats.contrast import arm_estimate, satterthwaite, z_test
from ab_assets.stats.difference import DifferenceTest, difference_test
from ab_assets.stats.mean import mean_contrast
from ab_assets.stats.moments import Moments
from ab_assets.stats.ratio import ratio_arm, ratio_contrast
from ab_assets.stats.reasons import Reason

arms_of_numbers = st.lists(
    st.lists(st.floats(-100, 100).map(lambda x: round(x, 3)), min_size=3, max_size=12),
    min_size=2,
    max_size=2,
).filter(lambda arms: all(np.var(arm) > 1e-4 for arm in arms))


def welch(control: np.ndarray, treatment: np.ndarray) -> DifferenceTest:
    pair = mean_contrast(*(Moments.of(np.asarray(arm)[:, None]) for arm in (control, treatment)))
    return difference_test(pair)


@given(arms_of_numbers)
def test_swapping_the_arms_flips_every_sign_and_no_p_value(arms: list) -> None:
    one, other = welch(arms[0], arms[1]), welch(arms[1], arms[0])
    assert one.statistic == -other.statistic
    assert one.p_value == other.p_value
    assert one.interval.low == -other.interval.high


@given(arms_of_numbers, st.floats(1e-6, 1e6))
def test_another_unit_of_measure_changes_no_p_value(arms: list, unit: float) -> None:
    one = welch(arms[0], arms[1])
    other = welch(np.array(arms[0]) * unit, np.array(arms[1]) * unit)
    assert other.p_value == pytest.approx(float(one.p_value), rel=1e-8)
    assert other.interval.low == pytest.approx(float(one.interval.low) * unit, rel=1e-8, abs=1e-9)


@given(arms_of_numbers, st.integers(-1000, 1000))
def test_adding_a_constant_to_everyone_changes_nothing(arms: list, shift: int) -> None:
    one = welch(arms[0], arms[1])
    other = welch(np.array(arms[0]) + shift, np.array(arms[1]) + shift)
    assert other.p_value == pytest.approx(float(one.p_value), rel=1e-6)


@given(arms_of_numbers, st.integers(1, 2))
def test_splitting_a_table_in_two_and_adding_up_changes_nothing(arms: list, cut: int) -> None:
    control, treatment = (np.asarray(arm)[:, None] for arm in arms)
    whole = difference_test(mean_contrast(Moments.of(control), Moments.of(treatment)))
    parts = [Moments.of(arm[:cut]) + Moments.of(arm[cut:]) for arm in (control, treatment)]
    assert difference_test(mean_contrast(*parts)).p_value == pytest.approx(
        float(whole.p_value), rel=1e-8
    )


@given(st.permutations(list(range(6))))
def test_the_order_of_comparisons_does_not_matter(order: list) -> None:
    rows = np.random.default_rng(1).normal(size=(2, 6, 10, 1))
    control, treatment = Moments.of(rows[0]), Moments.of(rows[1])
    shuffled = Moments.of(rows[0, order]), Moments.of(rows[1, order])
    straight = difference_test(mean_contrast(control, treatment)).p_value
    np.testing.assert_array_equal(
        difference_test(mean_contrast(*shuffled)).p_value, straight[order]
    )


@pytest.mark.parametrize("alternative", ["greater", "less"])
def test_one_sided_tests_are_scipys(alternative: str) -> None:
    rng = np.random.default_rng(2)
    control, treatment = rng.normal(0, 1, 20), rng.normal(0.4, 2, 30)
    pair = mean_contrast(Moments.of(control[:, None]), Moments.of(treatment[:, None]))
    ours = difference_test(pair, alternative=alternative)
    reference = stats.ttest_ind(treatment, control, equal_var=False, alternative=alternative)
    interval = reference.confidence_interval(0.95)
    assert ours.p_value == pytest.approx(reference.pvalue, rel=1e-12)
    assert (ours.interval.low, ours.interval.high) == pytest.approx(tuple(interval), rel=1e-12)


def test_a_difference_may_be_tested_against_a_margin() -> None:
    rng = np.random.default_rng(3)
    control, treatment = rng.normal(0, 1, 20), rng.normal(0.4, 2, 30)
    pair = mean_contrast(Moments.of(control[:, None]), Moments.of(treatment[:, None]))
    reference = stats.ttest_ind(treatment - 0.3, control, equal_var=False)
    assert difference_test(pair, null=0.3).p_value == pytest.approx(reference.pvalue, rel=1e-12)


def z_apart(z: float) -> DifferenceTest:
    arms = (arm_estimate(np.array(1e9), np.array(m), np.array(0.5)) for m in (0.0, z))
    return difference_test(z_test(*arms))


def test_p_values_far_in_the_tail_are_not_zero() -> None:
    # D5: 2(1 - cdf) is exactly 0 from z = 8.3 on. Reference: mpmath 1.3, 50 digits.
    assert z_apart(8.3).p_value == pytest.approx(1.0411139489781e-16, rel=1e-12, abs=0)
    assert z_apart(37.0).p_value == pytest.approx(1.1451142445049e-299, rel=1e-12, abs=0)


def test_below_the_smallest_float_the_logarithm_carries_on() -> None:
    assert z_apart(100.0).p_value == 0.0
    assert z_apart(100.0).log_p_value == pytest.approx(-5004.831061513645, rel=1e-12)


def test_each_comparison_may_have_its_own_level() -> None:
    rows = np.random.default_rng(4).normal(size=(2, 3, 20, 1))
    pair = mean_contrast(Moments.of(rows[0]), Moments.of(rows[1]))
    mixed = difference_test(pair, [0.05, 0.01, 0.1]).interval
    assert mixed.low[1] == difference_test(pair, 0.01).interval.low[1]
    assert mixed.level.tolist() == pytest.approx([0.95, 0.99, 0.9])


def test_satterthwaite_survives_tiny_and_huge_variances() -> None:
    for scale in (1e-200, 1.0, 1e200):
        one, two = np.array(1.0 * scale), np.array(3.0 * scale)
        df = satterthwaite((one, np.array(10.0)), (two, np.array(20.0)))
        assert df == pytest.approx(16 / (1 / 10 + 9 / 20))


def test_the_delta_variance_of_a_ratio_is_that_of_its_linearised_units() -> None:
    rows = np.random.default_rng(5).gamma(3.0, 1.0, size=(500, 2))
    m, d = rows.mean(axis=0)
    linear = rows[:, 0] / d - m / d**2 * rows[:, 1]
    arm = ratio_arm(Moments.of(rows))
    assert arm.variance == pytest.approx(np.var(linear, ddof=1) / 500, rel=1e-12)
    assert arm.stddev == pytest.approx(np.std(linear, ddof=1), rel=1e-12)


def test_a_ratio_over_zero_says_so() -> None:
    zero = Moments.of([[1.0, 0.0], [2.0, 0.0]])
    test = difference_test(ratio_contrast(zero, Moments.of([[1.0, 2.0], [3.0, 2.0]])))
    assert test.reason == Reason.ZERO_DENOMINATOR
    assert np.isnan(test.p_value)


def test_a_ratio_that_is_the_same_for_every_unit_has_no_variance() -> None:
    x = np.arange(1.0, 9.0)
    arm = Moments.of(np.column_stack([0.3 * x, x]))
    assert difference_test(ratio_contrast(arm, arm)).reason == Reason.ZERO_VARIANCE
