"""Group effects pulled towards their common mean, as far as their noise deserves.

What belongs here: empirical-Bayes estimates of many effects. What does not: the test whether they
differ at all (``heterogeneity``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ab_assets.stats import normal
from ab_assets.stats.arrays import Array, Codes, quiet
from ab_assets.stats.intervals import Interval, Provenance
from ab_assets.stats.meta_analysis import dersimonian_laird
from ab_assets.stats.posterior import NormalPrior
from ab_assets.stats.reasons import Reason, either, first_reason, only_where_valid

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class ShrunkenEffects:
    """Empirical-Bayes effects of groups.

    Attributes:
        effect: each group's effect, shrunken, ``(..., groups)``.
        deviation: its posterior standard deviation, the uncertainty of the common mean included.
        interval: of the shrunken effect.
        shrinkage: weight of the common mean, 0 (own estimate kept) to 1.
        reason: why it is NaN.
    """

    effect: Array
    deviation: Array
    interval: Interval
    shrinkage: Array
    reason: Codes


@quiet
def shrunken_effects(
    effects: ArrayLike, variances: ArrayLike, alpha: ArrayLike = 0.05
) -> ShrunkenEffects:
    """Posterior means of effects around a common mean (Morris 1983, JASA 78, 47–65, §5).

    With B_h = (H − 3)/(H − 1)·v_h/(v_h + τ²), τ² by DerSimonian & Laird, over H groups: effect
    B_h·μ̂ + (1 − B_h)·τ_h, variance (1 − B_h)·v_h + B_h²·Var(μ̂) + 2/(H − 3)·B_h²·r_h·(τ_h − μ̂)²
    with r_h = (v̄ + τ²)/(v_h + τ²). The last term is the noise of τ² itself: without it the
    intervals miss three times too often. Fewer than four groups say nothing of their spread: they
    stay as they are.

    Args:
        effects: of the groups, ``(..., groups)``.
        variances: of the effects.
        alpha: 1 − probability of the intervals.

    Examples:
        >>> shrunken_effects([1.0, 2.0, 3.0, 6.0], 1.0).effect.round(3).tolist()
        [1.143, 2.071, 3.0, 5.786]
    """
    value, variance = np.broadcast_arrays(
        np.asarray(effects, np.float64), np.asarray(variances, np.float64)
    )
    pooled = dersimonian_laird(value, variance)
    unusable = ~(np.isfinite(value) & np.isfinite(variance) & (variance > 0))
    groups = (~unusable).sum(axis=-1, keepdims=True).astype(np.float64)
    surplus = np.maximum(groups - 3.0, 0.0)
    total = variance + pooled.between_variance[..., None]
    weight = surplus / (groups - 1.0) * variance / total
    away = value - pooled.estimate[..., None]
    effect = value - weight * away
    typical = np.where(unusable, 0.0, total).sum(axis=-1, keepdims=True) / groups
    unsure = np.where(surplus > 0, 2.0 / surplus, 0.0) * weight**2 * typical / total * away**2
    common = weight**2 * pooled.standard_error[..., None] ** 2
    spread = (1.0 - weight) * variance + common + unsure
    every = np.broadcast_to(pooled.reason[..., None], value.shape)
    reason = either(every, first_reason((unusable, Reason.NOT_FINITE)))
    effect, deviation, weight = only_where_valid(reason, effect, np.sqrt(spread), weight)
    level = np.asarray(alpha, np.float64)
    reach = -normal.quantile(level / 2.0) * deviation
    provenance = Provenance("absolute", "empirical-bayes")
    interval = Interval(effect - reach, effect + reach, 1.0 - level, provenance)
    return ShrunkenEffects(effect, deviation, interval, weight, reason)


@quiet
def empirical_prior(
    effects: ArrayLike, variances: ArrayLike, scale: str = "relative"
) -> NormalPrior:
    """A prior learnt from past experiments: their mean effect and its true spread.

    Used as the prior of a new experiment it takes back the winner's curse (Azevedo et al. 2019).

    >>> prior = empirical_prior([0.01, 0.02, 0.06], [0.0001, 0.0001, 0.0001])
    >>> float(prior.mean).__round__(3), float(prior.deviation).__round__(4)
    (0.03, 0.0245)
    """
    pooled = dersimonian_laird(effects, variances)
    return NormalPrior(
        pooled.estimate,
        np.sqrt(pooled.between_variance),
        "absolute" if scale == "absolute" else "relative",
    )
