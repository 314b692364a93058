import numpy as np
import pytest
import statsmodels.api as sm

from ab_assets.stats.comparison import compare
from ab_assets.stats.cuped import cuped_mean_contrast
from ab_assets.stats.moments import Moments
from ab_assets.stats.ratio import linearised, ratio_contrast
from ab_assets.stats.reasons import Reason
from ab_assets.stats.regression import inverse_of, lin_contrast, regress


def arms(n_a: int = 70, n_b: int = 110, covariates: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    result = []
    for n, lift in ((n_a, 0.0), (n_b, 0.4)):
        x = rng.normal(size=(n, covariates)) + 0.2
        y = 3 + x @ np.arange(1.0, covariates + 1) * (1 + lift) + rng.normal(size=n) * (1 + lift)
        result.append(np.column_stack([y, x]))
    return result[0], result[1]


def test_the_effect_is_that_of_the_interacted_regression_on_rows() -> None:
    control, treatment = arms()
    ours = lin_contrast(Moments.of(control), Moments.of(treatment)).contrast
    rows = np.vstack([control, treatment])
    treated = np.repeat([0.0, 1.0], [len(control), len(treatment)])
    centred = rows[:, 1:] - rows[:, 1:].mean(axis=0)
    design = np.column_stack([np.ones(len(rows)), treated, centred, centred * treated[:, None]])
    fit = sm.OLS(rows[:, 0], design).fit()
    assert ours.difference == pytest.approx(fit.params[1], rel=1e-12)


def test_its_standard_error_lies_between_hc2_and_hc3_plus_what_the_mean_covariates_add() -> None:
    control, treatment = arms(400, 600)
    ours = lin_contrast(Moments.of(control), Moments.of(treatment))
    rows = np.vstack([control, treatment])
    treated = np.repeat([0.0, 1.0], [len(control), len(treatment)])
    centred = rows[:, 1:] - rows[:, 1:].mean(axis=0)
    design = np.column_stack([np.ones(len(rows)), treated, centred, centred * treated[:, None]])
    fit = sm.OLS(rows[:, 0], design).fit()
    gap = ours.treatment_slopes - ours.control_slopes
    between = gap @ np.cov(rows[:, 1:].T) @ gap / len(rows)
    sample = float(np.sqrt(ours.contrast.variance - between))
    assert fit.HC2_se[1] * 0.97 < sample < fit.HC3_se[1] * 1.03


def test_slopes_are_those_of_each_arms_own_regression() -> None:
    control, _ = arms()
    fit = sm.OLS(control[:, 0], sm.add_constant(control[:, 1:])).fit()
    ours = regress(Moments.of(control))
    np.testing.assert_allclose(ours.slopes, fit.params[1:], rtol=1e-11)
    assert ours.residual_variance == pytest.approx(fit.mse_resid, rel=1e-11)


def test_without_covariates_it_is_welch() -> None:
    control, treatment = (arm[:, :1] for arm in arms())
    ours = compare(lin_contrast(Moments.of(control), Moments.of(treatment)).contrast).difference
    from ab_assets.stats.mean import mean_contrast

    plain = compare(mean_contrast(Moments.of(control), Moments.of(treatment))).difference
    assert ours.p_value == pytest.approx(float(plain.p_value), rel=1e-11)
    assert ours.df == pytest.approx(float(plain.df), rel=1e-11)


def test_arm_variances_less_twice_their_covariance_are_the_variance_of_the_difference() -> None:
    contrast = lin_contrast(*(Moments.of(arm) for arm in arms())).contrast
    total = contrast.control.variance + contrast.treatment.variance - 2 * contrast.covariance
    assert contrast.variance == pytest.approx(float(total), rel=1e-12)


def test_measuring_a_covariate_in_another_unit_changes_nothing() -> None:
    control, treatment = arms()
    scale = np.array([1.0, 1e6, 1e-6, 1.0])
    plain = lin_contrast(Moments.of(control), Moments.of(treatment)).contrast
    scaled = lin_contrast(Moments.of(control * scale), Moments.of(treatment * scale)).contrast
    assert scaled.difference == pytest.approx(float(plain.difference), rel=1e-9)
    assert scaled.variance == pytest.approx(float(plain.variance), rel=1e-9)


def test_collinear_covariates_are_a_reason() -> None:
    control, treatment = (np.column_stack([arm, arm[:, 1] * 2]) for arm in arms())
    ours = lin_contrast(Moments.of(control), Moments.of(treatment)).contrast
    assert ours.reason == Reason.COLLINEAR_COVARIATES
    assert np.isnan(compare(ours).difference.p_value)


def test_more_covariates_than_units_are_a_reason() -> None:
    rows = np.random.default_rng(2).normal(size=(2, 4, 6))
    ours = lin_contrast(Moments.of(rows[0]), Moments.of(rows[1])).contrast
    assert ours.reason == Reason.TOO_FEW_UNITS


def test_a_singular_row_spoils_no_other() -> None:
    control, treatment = (np.stack([arm[:60], arm[:60] * [1, 0, 1, 1]]) for arm in arms())
    ours = compare(lin_contrast(Moments.of(control), Moments.of(treatment)).contrast)
    assert np.isfinite(ours.difference.p_value[0])
    assert np.isnan(ours.difference.p_value[1])


def test_matrices_that_are_not_finite_have_no_inverse_and_raise_nothing() -> None:
    inverse, exists = inverse_of(np.array([[[np.nan]], [[2.0]]]))
    assert exists.tolist() == [False, True]
    assert np.isnan(inverse[0]).all()


def test_a_ratio_is_adjusted_after_linearising_it() -> None:
    rng = np.random.default_rng(3)
    moments = []
    for lift in (1.0, 1.05):
        covariate = rng.gamma(4.0, 1.0, 3000)
        denominator = rng.poisson(covariate) + 1.0
        numerator = lift * denominator * (0.3 + 0.05 * covariate) + rng.normal(0, 0.3, 3000)
        moments.append(Moments.of(np.column_stack([numerator, denominator, covariate])))
    adjusted = lin_contrast(*(linearised(arm, (0, 1), 2) for arm in moments))
    plain = ratio_contrast(*moments)
    assert adjusted.contrast.variance < 0.8 * plain.variance
    assert abs(adjusted.contrast.difference - plain.difference) < 4 * np.sqrt(plain.variance)


def test_unequal_arms_with_unequal_spread_keep_their_coverage() -> None:
    # D4: one residual variance for both arms covers 62.7 % here (10/90 split, spread ratio 3).
    rng = np.random.default_rng(4)
    runs, sizes, spreads = 3000, (100, 900), (3.0, 1.0)
    moments = []
    for n, spread in zip(sizes, spreads, strict=True):
        x = rng.normal(size=(runs, n))
        y = x + spread * rng.normal(size=(runs, n))
        moments.append(Moments.of(np.stack([y, x], axis=-1)))
    for contrast in (lin_contrast(*moments).contrast, cuped_mean_contrast(*moments).contrast):
        interval = compare(contrast).difference.interval
        covered = np.mean((interval.low <= 0) & (interval.high >= 0))
        # Monte Carlo error: 0.4 %.
        assert covered == pytest.approx(0.95, abs=0.013)
