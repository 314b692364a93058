"""Adjustment by strata known before exposure: compare within, then average.

What belongs here: post-stratified arms. What does not: reporting the strata themselves (a
dimension) and testing whether their effects differ (``heterogeneity``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ab_assets.stats.arrays import quiet
from ab_assets.stats.contrast import (
    ArmEstimate,
    Contrast,
    arm_estimate,
    contrast_of,
    satterthwaite,
)
from ab_assets.stats.mean import mean_contrast
from ab_assets.stats.ratio import linearised
from ab_assets.stats.reasons import Reason, first_reason

if TYPE_CHECKING:
    from ab_assets.stats.arrays import Array
    from ab_assets.stats.moments import Moments


@quiet
def stratified_ratio_contrast(
    control: Moments, treatment: Moments, numerator: int = 0, denominator: int = 1
) -> Contrast:
    """Ratios of post-stratified sums: Σ w_h·M_h / Σ w_h·D_h, not an average of the strata's ratios.

    Each arm is linearised around its own stratified means, which makes it a mean of strata again.

    Args:
        control: moments with the strata on the last axis before the variables.
        treatment: the same of the treatment.
        numerator: index of the numerator.
        denominator: index of the denominator.

    Examples:
        >>> from ab_assets.stats.moments import Moments
        >>> rows = 1.0 + np.random.default_rng(1).random(size=(2, 3, 50, 2))
        >>> arms = Moments.of(rows[0]), Moments.of(rows[1])
        >>> bool(stratified_ratio_contrast(*arms).variance > 0)
        True
    """
    size = (control.n + treatment.n)[..., None]
    weight = size / size.sum(axis=-2, keepdims=True)
    pair = (numerator, denominator)
    one, other = (
        linearised(arm, pair, around=(weight * arm.mean).sum(axis=-2, keepdims=True))
        for arm in (control, treatment)
    )
    return post_stratified(mean_contrast(one, other))


@quiet
def post_stratified(strata: Contrast) -> Contrast:
    """One contrast from contrasts within strata (Miratrix, Sekhon & Yu 2013, JRSS B 75, 369–396).

    μ_j = Σ w_h·μ_jh with w_h = n_h/n over both arms. Variances stay per stratum and arm:
    Σ w_h²·v_h + Σ w_h(τ_h − τ)²/n, the last term because the strata's shares are those of a sample.

    Args:
        strata: contrasts with the strata on the last axis; each may be adjusted itself.

    Examples:
        >>> from ab_assets.stats.mean import mean_contrast
        >>> from ab_assets.stats.moments import Moments
        >>> rows = np.random.default_rng(1).normal(size=(2, 3, 50, 1))
        >>> strata = mean_contrast(Moments.of(rows[0]), Moments.of(rows[1]))
        >>> bool(np.isclose(post_stratified(strata).difference, strata.difference.mean()))
        True
    """
    a, b = strata.control, strata.treatment
    shares = _Shares(a.n + b.n)
    effect = b.value - a.value
    sampled = shares.between(effect, effect)
    terms = (
        (shares.weight[..., h] ** 2 * strata.variance[..., h], strata.df[..., h])
        for h in range(shares.weight.shape[-1])
    )
    covariance = np.broadcast_to(strata.covariance, shares.weight.shape)
    return contrast_of(
        shares.arm(a),
        shares.arm(b),
        covariance=shares.within(covariance) + shares.between(a.value, b.value),
        variance=shares.within(strata.variance) + sampled,
        df=satterthwaite(*terms, (sampled, shares.units - 1)),
        reason=first_reason((((a.n <= 1) | (b.n <= 1)).any(axis=-1), Reason.EMPTY_STRATUM)),
        method="welch-t",
        adjustment="post-stratified",
    )


class _Shares:
    """The strata's shares of the units, and sums over strata with them."""

    def __init__(self, size: Array) -> None:
        self.units: Array = size.sum(axis=-1)
        self.weight: Array = size / self.units[..., None]

    def averaged(self, values: Array) -> Array:
        return np.asarray((self.weight * values).sum(axis=-1))

    def within(self, variances: Array) -> Array:
        return np.asarray((self.weight**2 * variances).sum(axis=-1))

    def between(self, left: Array, right: Array) -> Array:
        away = left - self.averaged(left)[..., None]
        return self.averaged(away * (right - self.averaged(right)[..., None])) / self.units

    def arm(self, arm: ArmEstimate) -> ArmEstimate:
        variance = self.within(arm.variance) + self.between(arm.value, arm.value)
        return arm_estimate(arm.n.sum(axis=-1), self.averaged(arm.value), variance)
