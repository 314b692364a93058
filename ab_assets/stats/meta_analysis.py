"""One effect from several experiments.

What belongs here: fixed and random effects over a set of estimates. What does not: choosing which
experiments belong together (their tag does), shrinking each of them (``shrinkage``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ab_assets.stats import normal
from ab_assets.stats.arrays import Array, Codes, quiet
from ab_assets.stats.heterogeneity import cochran_q
from ab_assets.stats.intervals import Interval, Provenance
from ab_assets.stats.reasons import Reason, first_reason, only_where_valid

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class PooledEffect:
    """An effect pooled over studies.

    Attributes:
        estimate: the pooled effect.
        standard_error: of it.
        interval: of it.
        p_value: two-sided, against 0.
        between_variance: τ², variance of the effect between studies (0 for fixed effects).
        reason: why it is NaN.
    """

    estimate: Array
    standard_error: Array
    interval: Interval
    p_value: Array
    between_variance: Array
    reason: Codes


@quiet
def inverse_variance(
    estimates: ArrayLike, variances: ArrayLike, alpha: ArrayLike = 0.05
) -> PooledEffect:
    """Fixed effect: one truth, weights 1/v (Hedges & Olkin 1985, ch. 6).

    Args:
        estimates: of the studies, ``(..., studies)``; NaN leaves a study out.
        variances: of the estimates.
        alpha: 1 − confidence.

    Examples:
        >>> float(inverse_variance([1.0, 2.0], [1.0, 1.0]).estimate)
        1.5
    """
    value, variance = _studies(estimates, variances)
    return _pooled(value, variance, np.zeros(value.shape[:-1]), alpha, "inverse-variance")


@quiet
def dersimonian_laird(
    estimates: ArrayLike, variances: ArrayLike, alpha: ArrayLike = 0.05
) -> PooledEffect:
    """Random effects: truths vary by τ² (DerSimonian & Laird 1986, Control. Clin. Trials 7).

    Args:
        estimates: of the studies, ``(..., studies)``; NaN leaves a study out.
        variances: of the estimates.
        alpha: 1 − confidence.

    Examples:
        >>> float(dersimonian_laird([1.0, 2.0, 6.0], [1.0, 1.0, 1.0]).between_variance)
        6.0
    """
    value, variance = _studies(estimates, variances)
    return _pooled(
        value, variance, cochran_q(value, variance).between_variance, alpha, "dersimonian-laird"
    )


def _studies(estimates: ArrayLike, variances: ArrayLike) -> tuple[Array, Array]:
    value, variance = np.broadcast_arrays(
        np.asarray(estimates, np.float64), np.asarray(variances, np.float64)
    )
    usable = np.isfinite(value) & np.isfinite(variance) & (variance > 0)
    return np.where(usable, value, 0.0), np.where(usable, variance, np.inf)


def _pooled(
    value: Array, variance: Array, between: Array, alpha: ArrayLike, method: str
) -> PooledEffect:
    weight = 1.0 / (variance + between[..., None])
    total = weight.sum(axis=-1)
    reason = first_reason((total == 0, Reason.TOO_FEW_GROUPS))
    estimate, error = (weight * value).sum(axis=-1) / total, np.sqrt(1.0 / total)
    estimate, error, between = only_where_valid(reason, estimate, error, between)
    level = np.asarray(alpha, np.float64)
    reach = -normal.quantile(level / 2.0) * error
    return PooledEffect(
        estimate=estimate,
        standard_error=error,
        interval=Interval(
            estimate - reach, estimate + reach, 1.0 - level, Provenance("absolute", method)
        ),
        p_value=np.exp(normal.log_two_sided(estimate / error)),
        between_variance=between,
        reason=reason,
    )
