"""Adjustment by one pre-exposure covariate (CUPED), for means and for ratios.

What belongs here: the pooled coefficient θ, the adjusted arm estimates with their covariance. What
does not: several covariates or per-arm slopes (``regression``), strata (``stratification``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ab_assets.stats.arrays import Array, Flags, quiet, without_rounding_noise
from ab_assets.stats.contrast import (
    ArmEstimate,
    Contrast,
    arm_estimate,
    contrast_of,
    satterthwaite,
)
from ab_assets.stats.ratio import linearised
from ab_assets.stats.reasons import Reason, first_reason

if TYPE_CHECKING:
    from ab_assets.stats.moments import Moments


@dataclass(frozen=True, slots=True)
class Adjusted:
    """A contrast after adjustment, and what the adjustment did.

    Attributes:
        contrast: the adjusted arms.
        theta: coefficient of the covariate.
        variance_reduction: 1 − adjusted / unadjusted variance of the difference.
    """

    contrast: Contrast
    theta: Array
    variance_reduction: Array


@dataclass(frozen=True, slots=True)
class _Arm:
    """Outcome and covariate of one arm: means, and (co)variances of one unit."""

    n: Array
    outcome: Array
    covariate: Array
    outcome_variance: Array
    covariate_variance: Array
    cross: Array

    @quiet
    def residual_variance(self, slope: Array) -> Array:
        """Variance of one unit's outcome − slope·covariate, in this arm alone."""
        explained = slope * slope * self.covariate_variance
        value = self.outcome_variance + explained - 2.0 * slope * self.cross
        return without_rounding_noise(value, self.outcome_variance + explained)


def cuped_mean_contrast(
    control: Moments, treatment: Moments, outcome: int = 0, covariate: int = 1
) -> Adjusted:
    """Means adjusted by one covariate (Deng, Xu, Kohavi & Walker 2013, WSDM, eq. 4–5).

    θ is pooled over the pair and minimises the variance of the difference,
    (Cov_a/n_a + Cov_b/n_b) / (Var_a/n_a + Var_b/n_b); residual variances stay per arm, because
    arms of unequal size and spread make a pooled one miss its coverage.

    >>> from ab_assets.stats.moments import Moments
    >>> arm = Moments.of([[1.0, 0.0], [2.0, 1.0], [4.0, 2.0]])
    >>> float(cuped_mean_contrast(arm, arm).theta)
    1.5
    """
    return _adjusted(*(_arm(arm, outcome, covariate) for arm in (control, treatment)))


def cuped_ratio_contrast(
    control: Moments,
    treatment: Moments,
    outcome: tuple[int, int] = (0, 1),
    covariate: tuple[int, int] = (2, 3),
) -> Adjusted:
    """Ratios adjusted by the same ratio before exposure, both linearised (Deng et al. 2013, §3.4).

    Args:
        control: moments of (numerator, denominator, their values before exposure).
        treatment: the same of the treatment.
        outcome: which variables are numerator and denominator.
        covariate: which are those of the covariate.

    Examples:
        >>> from ab_assets.stats.moments import Moments
        >>> rows = [[1.0, 2.0, 1.0, 3.0], [3.0, 2.0, 2.0, 2.0], [4.0, 3.0, 4.0, 3.0]]
        >>> adjusted = cuped_ratio_contrast(Moments.of(rows), Moments.of(rows))
        >>> bool(0 < adjusted.variance_reduction < 1)
        True
    """
    return cuped_mean_contrast(
        linearised(control, outcome, covariate), linearised(treatment, outcome, covariate)
    )


def adjusted_or_plain(adjusted: Adjusted, plain: Contrast) -> tuple[Contrast, Flags]:
    """The adjusted contrast where it exists, the plain one elsewhere, and where which was used.

    The second value exists so that the choice is recorded: falling back is never silent.

    >>> from ab_assets.stats.mean import mean_contrast
    >>> from ab_assets.stats.moments import Moments
    >>> arm = Moments.of([[1.0, 0.0], [2.0, 0.0]])
    >>> adjusted_or_plain(cuped_mean_contrast(arm, arm), mean_contrast(arm, arm))[1].item()
    False
    """
    used = (adjusted.contrast.reason == 0) & np.isfinite(adjusted.theta)

    def chosen(one: Array, other: Array) -> Array:
        return np.where(used, one, other)

    def arm(one: ArmEstimate, other: ArmEstimate) -> ArmEstimate:
        reason = np.where(used, one.reason, other.reason).astype(np.int8)
        return ArmEstimate(
            chosen(one.n, other.n),
            chosen(one.value, other.value),
            chosen(one.variance, other.variance),
            chosen(one.df, other.df),
            reason,
        )

    one = adjusted.contrast
    contrast = Contrast(
        control=arm(one.control, plain.control),
        treatment=arm(one.treatment, plain.treatment),
        covariance=chosen(one.covariance, plain.covariance),
        variance=chosen(one.variance, plain.variance),
        df=chosen(one.df, plain.df),
        reason=np.where(used, one.reason, plain.reason).astype(np.int8),
        method=one.method,
        adjustment=one.adjustment if used.any() else plain.adjustment,
    )
    return contrast, used


def _arm(moments: Moments, outcome: int, covariate: int) -> _Arm:
    covariance = moments.covariance
    return _Arm(
        n=moments.n,
        outcome=moments.mean[..., outcome],
        covariate=moments.mean[..., covariate],
        outcome_variance=covariance[..., outcome, outcome],
        covariate_variance=covariance[..., covariate, covariate],
        cross=covariance[..., outcome, covariate],
    )


@quiet
def _adjusted(control: _Arm, treatment: _Arm) -> Adjusted:
    spread = control.covariate_variance / control.n + treatment.covariate_variance / treatment.n
    theta = (control.cross / control.n + treatment.cross / treatment.n) / spread
    own = [arm.residual_variance(theta) / arm.n for arm in (control, treatment)]
    variance = own[0] + own[1]
    unadjusted = control.outcome_variance / control.n + treatment.outcome_variance / treatment.n
    first, second, covariance = _arm_estimates(control, treatment, theta)
    contrast = contrast_of(
        first,
        second,
        covariance=covariance,
        variance=variance,
        df=satterthwaite((own[0], control.n - 1), (own[1], treatment.n - 1)),
        reason=first_reason((spread == 0, Reason.ZERO_COVARIATE_VARIANCE)),
        method="welch-t",
        adjustment="cuped",
    )
    return Adjusted(contrast, np.asarray(theta), np.asarray(1.0 - variance / unadjusted))


def _arm_estimates(
    control: _Arm, treatment: _Arm, theta: Array
) -> tuple[ArmEstimate, ArmEstimate, Array]:
    """Adjusted means y_j − θ(x_j − x̄) and their covariance, x̄ being the pair's pooled mean.

    x̄ is random and shared: with w_j = n_j/N, arm a is y_a − θ·w_b·(x_a − x_b), so both arms'
    covariate means enter both estimates. Their variances and covariance follow, and v_a + v_b − 2c
    is the variance of the difference again.
    """
    units = control.n + treatment.n
    estimates, covariance = [], np.zeros(())
    for arm, other in ((control, treatment), (treatment, control)):
        share = other.n / units
        slope = theta * share
        value = arm.outcome - slope * (arm.covariate - other.covariate)
        variance = (
            arm.residual_variance(slope) / arm.n + slope**2 * other.covariate_variance / other.n
        )
        estimates.append(arm_estimate(arm.n, value, variance))
        shared = arm.cross - slope * arm.covariate_variance
        covariance = covariance + theta * (1.0 - share) * shared / arm.n
    return estimates[0], estimates[1], covariance
