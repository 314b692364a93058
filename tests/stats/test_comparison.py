import numpy as np
import pytest
from scipy import stats

from ab_assets.stats.always_valid import SequentialPlan
from ab_assets.stats.comparison import compare
from ab_assets.stats.contrast import student, z_test
from ab_assets.stats.cuped import cuped_mean_contrast
from ab_assets.stats.mean import mean_arm, mean_contrast
from ab_assets.stats.moments import Moments
from ab_assets.stats.proportion import proportion_contrast, proportion_z_contrast
from ab_assets.stats.ratio import ratio_contrast
from ab_assets.stats.reasons import Reason, describe


def two_arms(seed: int = 7) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.gamma(2.0, 3.0, size=(80, 1)), rng.gamma(2.0, 3.5, size=(45, 1))


def test_the_cookie_cats_figures_come_out() -> None:
    result = compare(proportion_contrast(8502, 44700, 8279, 45489)).difference
    assert result.difference == pytest.approx(-0.0082013, abs=5e-8)
    assert result.interval.low == pytest.approx(-0.0132816, abs=1e-7)
    assert result.interval.high == pytest.approx(-0.0031210, abs=1e-7)
    assert result.statistic == pytest.approx(-3.16403, abs=5e-6)
    assert result.p_value == pytest.approx(0.0015565, abs=5e-8)


def test_welch_is_scipys() -> None:
    control, treatment = two_arms()
    ours = compare(mean_contrast(Moments.of(control), Moments.of(treatment))).difference
    reference = stats.ttest_ind(treatment[:, 0], control[:, 0], equal_var=False)
    assert ours.statistic == pytest.approx(reference.statistic, rel=1e-13)
    assert ours.df == pytest.approx(reference.df, rel=1e-13)
    assert ours.p_value == pytest.approx(reference.pvalue, rel=1e-12)
    interval = reference.confidence_interval(0.95)
    assert (ours.interval.low, ours.interval.high) == pytest.approx(tuple(interval), rel=1e-12)


def test_student_is_scipys() -> None:
    control, treatment = two_arms()
    arms = mean_arm(Moments.of(control)), mean_arm(Moments.of(treatment))
    ours = compare(student(*arms)).difference
    reference = stats.ttest_ind(treatment[:, 0], control[:, 0])
    assert ours.statistic == pytest.approx(reference.statistic, rel=1e-13)
    assert ours.p_value == pytest.approx(reference.pvalue, rel=1e-12)


def test_z_uses_the_normal() -> None:
    control, treatment = two_arms()
    ours = compare(z_test(mean_arm(Moments.of(control)), mean_arm(Moments.of(treatment))))
    z = ours.difference.statistic
    assert ours.difference.p_value == pytest.approx(2 * stats.norm.sf(abs(z)), rel=1e-13)


def test_the_unpooled_z_interval_of_proportions_is_the_textbook_one() -> None:
    result = compare(proportion_z_contrast(50, 100, 60, 100)).difference
    reach = stats.norm.ppf(0.975) * np.sqrt(0.5 * 0.5 / 100 + 0.6 * 0.4 / 100)
    assert result.interval.high == pytest.approx(0.1 + reach, rel=1e-13)


def test_a_scalar_call_is_a_row_of_the_array_call() -> None:
    rng = np.random.default_rng(11)
    rows = rng.normal(3, 1, size=(50, 2, 20, 1))
    plan = SequentialPlan(1000, burn_in=5)
    many = compare(mean_contrast(Moments.of(rows[:, 0]), Moments.of(rows[:, 1])), plan=plan)
    one = compare(mean_contrast(Moments.of(rows[17, 0]), Moments.of(rows[17, 1])), plan=plan)
    assert many.sequential is not None
    assert one.sequential is not None
    assert many.difference.p_value[17] == pytest.approx(float(one.difference.p_value), rel=1e-14)
    assert many.uplift.interval.low[17] == pytest.approx(float(one.uplift.interval.low), rel=1e-12)
    assert many.sequential.p_value[17] == pytest.approx(float(one.sequential.p_value), rel=1e-12)
    assert many.posterior.loss_if_kept[17] == pytest.approx(
        float(one.posterior.loss_if_kept), rel=1e-12
    )


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([[1.0]], Reason.TOO_FEW_UNITS),
        ([[2.0], [2.0]], Reason.ZERO_VARIANCE),
        ([[np.nan], [1.0]], Reason.NOT_FINITE),
        ([[np.inf], [1.0]], Reason.NOT_FINITE),
        ([[1e300], [-1e300]], Reason.NOT_FINITE),
    ],
)
def test_what_cannot_be_computed_is_nan_with_a_reason(rows: list, reason: Reason) -> None:
    arm = Moments.of(rows)
    result = compare(mean_contrast(arm, arm), plan=SequentialPlan(100))
    assert result.sequential is not None
    assert result.reason == reason
    assert describe(result.reason).item()
    for value in (
        result.difference.p_value,
        result.difference.log_p_value,
        result.difference.interval.low,
        result.uplift.interval.high,
        result.posterior.chance_to_win,
        result.posterior.loss_if_shipped,
        result.total.interval.low,
        result.sequential.p_value,
        result.sequential.interval.high,
    ):
        assert np.isnan(value)


def test_an_empty_arm_says_so() -> None:
    empty, full = Moments.from_sums(0, [0.0], [0.0]), Moments.of([[1.0], [2.0]])
    assert compare(mean_contrast(empty, full)).reason == Reason.NO_UNITS
    assert compare(mean_contrast(full, empty)).reason == Reason.NO_UNITS


def test_one_constant_arm_is_still_compared() -> None:
    constant, varied = Moments.of([[1.0]] * 5), Moments.of([[1.0], [2.0], [4.0]])
    result = compare(mean_contrast(constant, varied)).difference
    assert result.df == pytest.approx(2.0)
    assert 0 < result.p_value < 1


def test_one_bad_row_spoils_no_other() -> None:
    result = compare(proportion_contrast([5, 50], [4, 100], [3, 60], [4, 100]))
    assert result.reason.tolist() == [Reason.NOT_A_COUNT, 0]
    assert np.isnan(result.difference.p_value[0])
    assert 0 < result.difference.p_value[1] < 1


def test_identical_arms_have_difference_zero_and_p_one() -> None:
    arm = Moments.of([[1.0, 2.0], [3.0, 2.0], [4.0, 5.0]])
    for contrast in (mean_contrast(arm, arm), ratio_contrast(arm, arm)):
        result = compare(contrast)
        assert result.difference.p_value == 1.0
        assert result.uplift.uplift == 0.0
        assert result.uplift.contains(0.0)


def test_provenance_travels_with_every_interval() -> None:
    rng = np.random.default_rng(3)
    arms = [Moments.of(rng.normal(5, 1, size=(40, 2))) for _ in range(2)]
    result = compare(cuped_mean_contrast(*arms).contrast, plan=SequentialPlan(80, burn_in=10))
    assert result.sequential is not None
    assert result.difference.interval.provenance.adjustment == "cuped"
    assert result.uplift.interval.provenance.method == "fieller"
    assert result.total.interval.provenance.scale == "total"
    assert result.sequential.interval.provenance.validity == "always-valid"
    corrected = result.difference.interval.corrected("holm", "goals x variations")
    assert (corrected.provenance.correction, corrected.provenance.scope) == (
        "holm",
        "goals x variations",
    )


def test_the_total_is_the_difference_over_the_treated_units() -> None:
    result = compare(proportion_contrast(100, 1000, 260, 2000))
    assert result.total.total == pytest.approx(60.0)
    assert result.total.interval.low == pytest.approx(2000 * result.difference.interval.low)
