"""Adjustment by any number of covariates, each arm with slopes of its own.

What belongs here: Lin's interacted regression from the arms' moments. What does not: one covariate
with a common slope (``cuped``), strata (``stratification``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ab_assets.stats.arrays import Array, Codes, Flags, quiet, without_rounding_noise
from ab_assets.stats.contrast import (
    ArmEstimate,
    Contrast,
    arm_estimate,
    contrast_of,
    satterthwaite,
)
from ab_assets.stats.reasons import Reason, first_reason

if TYPE_CHECKING:
    from ab_assets.stats.moments import Moments

#: Correlation matrices of covariates with a smaller eigenvalue than this are called collinear.
COLLINEAR = 1e-10


@dataclass(frozen=True, slots=True)
class RegressionAdjusted:
    """A contrast adjusted by regression, and what the adjustment did.

    Attributes:
        contrast: the adjusted arms.
        control_slopes: coefficients of the covariates in the control, ``(..., p)``.
        treatment_slopes: the same in the treatment.
        variance_reduction: 1 − adjusted / unadjusted variance of the difference.
    """

    contrast: Contrast
    control_slopes: Array
    treatment_slopes: Array
    variance_reduction: Array


@dataclass(frozen=True, slots=True)
class ArmRegression:
    """Least squares of one arm's outcome on its covariates.

    Attributes:
        slopes: coefficients, ``(..., p)``.
        residual_variance: residual sum of squares / (n − 1 − p).
        inverse: inverse of the covariates' scatter, ``(..., p, p)``.
        solvable: False where the covariates are collinear or not finite.
    """

    slopes: Array
    residual_variance: Array
    inverse: Array
    solvable: Flags


@quiet
def regress(moments: Moments) -> ArmRegression:
    """Least squares of the first variable on all others, from centred cross products.

    >>> from ab_assets.stats.moments import Moments
    >>> regress(Moments.of([[1.0, 0.0], [3.0, 1.0], [5.0, 2.0]])).slopes.tolist()
    [2.0]
    """
    scatter = moments.scatter
    inverse, solvable = inverse_of(scatter[..., 1:, 1:])
    cross = scatter[..., 1:, 0]
    slopes = np.einsum("...ij,...j->...i", inverse, cross)
    explained = np.einsum("...i,...i->...", slopes, cross)
    total = scatter[..., 0, 0]
    residual = np.maximum(without_rounding_noise(total - explained, total), 0.0)
    degrees = moments.n - 1 - cross.shape[-1]
    return ArmRegression(
        slopes, residual / np.where(degrees > 0, degrees, np.nan), inverse, solvable
    )


@quiet
def inverse_of(scatter: Array) -> tuple[Array, Flags]:
    """Inverse of symmetric matrices and where it exists; units of measure make no difference.

    >>> inverse_of(np.array([[4.0]]))[0].tolist()
    [[0.25]]
    """
    size = np.sqrt(np.einsum("...ii->...i", scatter))
    outer = size[..., :, None] * size[..., None, :]
    usable = np.isfinite(scatter).all(axis=(-2, -1)) & (size > 0).all(axis=-1)
    identity = np.eye(scatter.shape[-1])
    correlation = np.where(usable[..., None, None], scatter / outer, identity)
    values, vectors = np.linalg.eigh(correlation)
    usable &= values.min(axis=-1, initial=1.0) > COLLINEAR
    inverse = (vectors / values[..., None, :]) @ np.swapaxes(vectors, -1, -2) / outer
    return np.where(usable[..., None, None], inverse, np.nan), usable


@quiet
def lin_contrast(control: Moments, treatment: Moments) -> RegressionAdjusted:
    """Means adjusted by interacted regression (Lin 2013, Ann. Appl. Stat. 7(1), 295–318).

    μ_j = ȳ_j − (x̄_j − x̄)'β_j with x̄ over both arms and β_j each arm's own slopes. The variance
    of the difference is Σ RSS_j/((n_j − 1 − p)·n_j) + (β_b − β_a)'S_x(β_b − β_a)/N; its last term
    is what x̄ adds when the units are a sample of a larger population. Never a residual variance
    pooled over arms.

    Args:
        control: moments of (outcome, covariates…); for a ratio metric, ``ratio.linearised`` first.
        treatment: the same of the treatment.

    Examples:
        >>> from ab_assets.stats.moments import Moments
        >>> rows = np.random.default_rng(1).normal(size=(2, 50, 3))
        >>> adjusted = lin_contrast(Moments.of(rows[0]), Moments.of(rows[1]))
        >>> adjusted.control_slopes.shape
        (2,)
    """
    a, b = regress(control), regress(treatment)
    both = control.select(*range(1, control.mean.shape[-1])) + treatment.select(
        *range(1, treatment.mean.shape[-1])
    )
    spread = both.covariance / both.n[..., None, None]

    def shared(left: Array, right: Array) -> Array:
        return np.asarray(np.einsum("...i,...ij,...j->...", left, spread, right))

    own = a.residual_variance / control.n, b.residual_variance / treatment.n
    between = shared(b.slopes - a.slopes, b.slopes - a.slopes)
    variance = own[0] + own[1] + between
    degrees = [arm.n - 1 - a.slopes.shape[-1] for arm in (control, treatment)]
    contrast = contrast_of(
        _arm(control, a, both.mean, own[0] + shared(a.slopes, a.slopes)),
        _arm(treatment, b, both.mean, own[1] + shared(b.slopes, b.slopes)),
        covariance=shared(a.slopes, b.slopes),
        variance=variance,
        df=satterthwaite((own[0], degrees[0]), (own[1], degrees[1]), (between, both.n - 1)),
        reason=_problem(degrees, a.solvable & b.solvable),
        method="welch-t",
        adjustment="lin",
    )
    plain = control.variance() / control.n + treatment.variance() / treatment.n
    return RegressionAdjusted(contrast, a.slopes, b.slopes, 1.0 - variance / plain)


def _arm(moments: Moments, fit: ArmRegression, centre: Array, variance: Array) -> ArmEstimate:
    """The arm's mean at the covariates' common mean."""
    away = moments.mean[..., 1:] - centre
    value = moments.mean[..., 0] - np.einsum("...i,...i->...", away, fit.slopes)
    return arm_estimate(moments.n, value, variance)


def _problem(degrees: list[Array], solvable: Flags) -> Codes:
    few = (degrees[0] <= 0) | (degrees[1] <= 0)
    return first_reason((few, Reason.TOO_FEW_UNITS), (~solvable, Reason.COLLINEAR_COVARIATES))
