"""How the effect depends on what was known of a unit before exposure.

What belongs here: linear models of the conditional effect from the arms' moments. What does not:
ranking units by a score and judging the ranking (``uplift_curve``); effects by group
(``heterogeneity``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import chdtrc

from ab_assets.stats import normal
from ab_assets.stats.arrays import Array, Codes, quiet
from ab_assets.stats.reasons import Reason, first_reason, only_where_valid
from ab_assets.stats.regression import inverse_of, regress

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ab_assets.stats.moments import Moments


@dataclass(frozen=True, slots=True)
class InteractionModel:
    """Treatment × covariate interactions.

    Attributes:
        slopes: change of the effect per unit of each covariate, ``(..., p)``.
        standard_errors: of the slopes.
        p_values: of each slope.
        wald: statistic of all slopes together.
        wald_p_value: of it, chi-square with p degrees of freedom.
        reason: why it is NaN.
    """

    slopes: Array
    standard_errors: Array
    p_values: Array
    wald: Array
    wald_p_value: Array
    reason: Codes


@dataclass(frozen=True, slots=True)
class ConditionalEffect:
    """The effect for units with given covariates.

    Attributes:
        effect: predicted difference, treatment − control.
        standard_error: of the prediction (not of a single unit's outcome).
    """

    effect: Array
    standard_error: Array


@quiet
def interaction_model(control: Moments, treatment: Moments) -> InteractionModel:
    """Y ~ 1 + T + x + T·x, with a residual variance per arm (Imbens & Rubin 2015, §7.6).

    Fully interacted least squares are two regressions, one per arm; the interaction slopes are the
    differences of their slopes, with variance σ²_a·S_a⁻¹ + σ²_b·S_b⁻¹.

    Args:
        control: moments of (outcome, covariates…).
        treatment: the same of the treatment.

    Examples:
        >>> from ab_assets.stats.moments import Moments
        >>> rows = np.random.default_rng(1).normal(size=(2, 80, 2))
        >>> rows[1, :, 0] += rows[1, :, 1]
        >>> model = interaction_model(Moments.of(rows[0]), Moments.of(rows[1]))
        >>> bool(model.wald_p_value < 1e-6)
        True
    """
    a, b = regress(control), regress(treatment)
    slopes = b.slopes - a.slopes
    covariance = (
        a.residual_variance[..., None, None] * a.inverse
        + b.residual_variance[..., None, None] * b.inverse
    )
    precision, solvable = inverse_of(covariance)
    wald = np.einsum("...i,...ij,...j->...", slopes, precision, slopes)
    errors = np.sqrt(np.einsum("...ii->...i", covariance))
    count = float(slopes.shape[-1])
    reason = first_reason(
        ((control.n <= count + 1) | (treatment.n <= count + 1), Reason.TOO_FEW_UNITS),
        (~(a.solvable & b.solvable), Reason.COLLINEAR_COVARIATES),
        (~solvable, Reason.ZERO_VARIANCE),
    )
    every = np.broadcast_to(reason[..., None], slopes.shape)
    slopes, errors = only_where_valid(every, slopes, errors)
    (wald,) = only_where_valid(reason, wald)
    return InteractionModel(
        slopes=slopes,
        standard_errors=errors,
        p_values=np.exp(normal.log_two_sided(slopes / errors)),
        wald=wald,
        wald_p_value=np.asarray(chdtrc(count, wald)),
        reason=reason,
    )


@quiet
def conditional_effect(
    control: Moments, treatment: Moments, covariates: ArrayLike
) -> ConditionalEffect:
    """T-learner: each arm's linear prediction at x, subtracted (Künzel et al. 2019, PNAS 116).

    Its variance is Σ_j σ²_j·(1/n_j + (x − x̄_j)'S_j⁻¹(x − x̄_j)).

    Args:
        control: moments of (outcome, covariates…).
        treatment: the same of the treatment.
        covariates: x, ``(..., p)``, broadcast against the comparisons.

    Examples:
        >>> from ab_assets.stats.moments import Moments
        >>> control = Moments.of([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]])
        >>> treatment = Moments.of([[0.0, 0.0], [2.0, 1.0], [4.0, 2.0]])
        >>> float(conditional_effect(control, treatment, [5.0]).effect)
        5.0
    """
    x = np.asarray(covariates, np.float64)
    predictions, variances = [], []
    for arm in (control, treatment):
        fit = regress(arm)
        away = x - arm.mean[..., 1:]
        leverage = 1.0 / arm.n + np.einsum("...i,...ij,...j->...", away, fit.inverse, away)
        predictions.append(arm.mean[..., 0] + np.einsum("...i,...i->...", away, fit.slopes))
        variances.append(fit.residual_variance * leverage)
    return ConditionalEffect(predictions[1] - predictions[0], np.sqrt(variances[0] + variances[1]))
