import numpy as np
import pytest
import statsmodels.api as sm

from ab_assets.stats.conditional_effects import conditional_effect, interaction_model
from ab_assets.stats.moments import Moments
from ab_assets.stats.reasons import Reason


def arms(n: int = 300) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(2, n, 2))
    y = 1 + x @ np.array([1.0, -0.5]) + rng.normal(size=(2, n))
    y[1] += 0.3 + 0.8 * x[1, :, 0]
    rows = np.concatenate([y[..., None], x], axis=-1)
    return rows[0], rows[1]


def test_interaction_slopes_are_those_of_the_regression_on_rows() -> None:
    control, treatment = arms()
    rows, treated = np.vstack([control, treatment]), np.repeat([0.0, 1.0], 300)
    x = rows[:, 1:]
    fit = sm.OLS(
        rows[:, 0], np.column_stack([np.ones(600), treated, x, x * treated[:, None]])
    ).fit()
    ours = interaction_model(Moments.of(control), Moments.of(treatment))
    np.testing.assert_allclose(ours.slopes, fit.params[4:], rtol=1e-10)
    # One residual variance there, one per arm here.
    np.testing.assert_allclose(ours.standard_errors, fit.bse[4:], rtol=0.05)


def test_predictions_and_their_errors_are_those_of_two_regressions() -> None:
    control, treatment = arms()
    point = np.array([[0.5, -1.0], [2.0, 0.0]])
    predicted = []
    for rows in (control, treatment):
        fit = sm.OLS(rows[:, 0], sm.add_constant(rows[:, 1:])).fit()
        predicted.append(fit.get_prediction(sm.add_constant(point, has_constant="add")))
    ours = conditional_effect(Moments.of(control), Moments.of(treatment), point)
    np.testing.assert_allclose(
        ours.effect, predicted[1].predicted_mean - predicted[0].predicted_mean, rtol=1e-10
    )
    np.testing.assert_allclose(
        ours.standard_error, np.hypot(predicted[0].se_mean, predicted[1].se_mean), rtol=1e-10
    )


def test_effects_that_depend_on_nothing_are_seldom_called_dependent() -> None:
    rows = np.random.default_rng(2).normal(size=(2, 2000, 120, 3))
    p = interaction_model(Moments.of(rows[0]), Moments.of(rows[1])).wald_p_value
    # Monte Carlo error: 0.5 %; the chi-square limit errs a little on the side of calling.
    assert np.mean(p < 0.05) == pytest.approx(0.055, abs=0.015)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (np.arange(6.0).reshape(2, 3), Reason.TOO_FEW_UNITS),
        (np.repeat(np.arange(9.0)[:, None], 3, axis=1), Reason.COLLINEAR_COVARIATES),
    ],
)
def test_a_model_that_cannot_be_fitted_is_nan_with_a_reason(
    rows: np.ndarray, reason: Reason
) -> None:
    ours = interaction_model(Moments.of(rows), Moments.of(rows))
    assert ours.reason == reason
    assert np.isnan(ours.wald_p_value)


def test_outcomes_without_noise_have_no_test() -> None:
    x = np.random.default_rng(3).normal(size=(20, 1))
    exact = Moments.of(np.hstack([2 * x, x]))
    assert interaction_model(exact, exact).reason == Reason.ZERO_VARIANCE
