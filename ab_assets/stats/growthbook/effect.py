"""An effect as GrowthBook estimates it: relative by default, by the delta method.

What belongs here: effects of means, proportions, ratios and quantiles, adjusted or not. What does
not: what is concluded from them (``inference``).

Every metric is brought into one shape first: the moments of an outcome, or of (outcome, covariate).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ab_assets.stats.arrays import Array, floats, quiet
from ab_assets.stats.contrast import satterthwaite
from ab_assets.stats.moments import Moments
from ab_assets.stats.ratio import linearised

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: Two-sided 95 % normal quantile, the one its quantile bounds are always made with.
Z = 1.959963984540054
#: From this many units on, a quantile's variance is not let below this number, whatever its unit.
FLOOR_FROM, FLOOR = 100.0, 1e-5


@dataclass(frozen=True, slots=True)
class Effect:
    """An effect and its variance.

    Attributes:
        estimate: relative to the unadjusted control mean, or absolute.
        variance: of the estimate; NaN or not positive where GrowthBook gives its neutral answer.
        df: Welch's degrees of freedom.
        units: of both arms.
        control_size: |unadjusted control mean|, which turns relative priors into absolute ones.
        relative: which of the two the estimate is.
    """

    estimate: Array
    variance: Array
    df: Array
    units: Array
    control_size: Array
    relative: bool


@quiet
def proportion_moments(successes: ArrayLike, n: ArrayLike) -> Moments:
    """Moments of 0s and 1s with variance p(1 − p), without n/(n − 1).

    >>> float(proportion_moments(14, 28).variance())
    0.25
    """
    count, units = floats(successes, n)
    share = count / units
    scatter = (units - 1.0) * share * (1.0 - share)
    return Moments(units, share[..., None], scatter[..., None, None])


@quiet
def quantile_moments(
    n: ArrayLike, value: ArrayLike, lower: ArrayLike, upper: ArrayLike, *, events: ArrayLike
) -> Moments:
    """A quantile as a mean with the variance its bounds imply, floored at 1e-5 from 100 units on.

    Args:
        n: units.
        value: the quantile.
        lower: its lower 95 % bound.
        upper: its upper 95 % bound.
        events: the count the bounds' ranks were taken from (n for unit-level quantiles).

    Examples:
        >>> float(quantile_moments(200, 1.0, 1.0, 1.0, events=200).variance())
        1e-05
    """
    units, middle, low, high, count = floats(n, value, lower, upper, events)
    variance = (count / units) * (units - 1.0) * np.square((high - low) / (2.0 * Z))
    variance = np.where(units >= FLOOR_FROM, np.maximum(variance, FLOOR), variance)
    return Moments(units, middle[..., None], ((units - 1.0) * variance)[..., None, None])


def mean_effect(
    control: Moments, treatment: Moments, *, relative: bool = True, theta: ArrayLike | None = None
) -> Effect:
    """Effect on a mean (one variable) or a CUPED-adjusted mean (outcome, covariate).

    θ is the slope over both arms together, the difference between them included; 0 where a
    variance is.

    Args:
        control: moments of the control.
        treatment: moments of the treatment.
        relative: to the unadjusted control mean.
        theta: fixes θ.

    Examples:
        >>> arms = Moments.of([[1.0], [3.0]]), Moments.of([[2.0], [4.0]])
        >>> float(mean_effect(*arms).estimate)
        0.5
    """
    if control.mean.shape[-1] == 1:
        return _effect(control, treatment, np.zeros(()), relative=relative)
    slope = pooled_theta(control, treatment) if theta is None else np.asarray(theta, np.float64)
    return _effect(control, treatment, slope, relative=relative)


def ratio_effect(
    control: Moments, treatment: Moments, *, relative: bool = True, theta: ArrayLike | None = None
) -> Effect:
    """Effect on a ratio: two variables, or four when adjusted (the same two before exposure last).

    θ = ΣCov/ΣVar of the linearised ratios, not weighted by the arms' sizes.

    Args:
        control: moments of the control.
        treatment: moments of the treatment.
        relative: to the unadjusted control ratio.
        theta: fixes θ.

    Examples:
        >>> arms = Moments.of([[1.0, 1.0], [3.0, 1.0]]), Moments.of([[2.0, 1.0], [4.0, 1.0]])
        >>> float(ratio_effect(*arms).estimate)
        0.5
    """
    if control.mean.shape[-1] == 2:  # noqa: PLR2004
        pairs = (linearised(control, (0, 1)), linearised(treatment, (0, 1)))
        return _effect(*pairs, np.zeros(()), relative=relative)
    a, b = (linearised(arm, (0, 1), (2, 3)) for arm in (control, treatment))
    slope = unweighted_theta(a, b) if theta is None else np.asarray(theta, np.float64)
    shifted = b.mean[..., 0] - slope * (b.mean[..., 1] - a.mean[..., 1])
    return _effect(a, b, slope, relative=relative, at_control=shifted)


@quiet
def pooled_theta(control: Moments, treatment: Moments) -> Array:
    """Slope of the outcome on the covariate over the concatenated arms; 0 where nothing varies."""
    both = (control + treatment).scatter
    usable = (both[..., 0, 0] > 0) & (both[..., 1, 1] > 0)
    return np.where(usable, both[..., 0, 1] / both[..., 1, 1], 0.0)


@quiet
def unweighted_theta(control: Moments, treatment: Moments) -> Array:
    """Sum of the arms' covariances over the sum of their variances; 0 where nothing varies."""
    both = control.covariance + treatment.covariance
    usable = (both[..., 0, 0] > 0) & (both[..., 1, 1] > 0)
    return np.where(usable, both[..., 0, 1] / both[..., 1, 1], 0.0)


@quiet
def adjusted_variance(arm: Moments, theta: Array) -> Array:
    """Variance of one unit's outcome − θ·covariate."""
    return _quadratic(arm, np.ones_like(theta), -theta)


@quiet
def _effect(
    control: Moments,
    treatment: Moments,
    theta: Array,
    *,
    relative: bool,
    at_control: Array | None = None,
) -> Effect:
    """The effect; ``at_control`` is the numerator of its gradient by the control's mean.

    By default the treatment's plain mean, which leaves out θ·(x_b − x_a): its code does so for
    means, though not for ratios; its documentation does so for neither.
    """
    adjusted = control.mean.shape[-1] > 1
    difference = treatment.mean[..., 0] - control.mean[..., 0]
    if adjusted:
        difference = difference - theta * (treatment.mean[..., 1] - control.mean[..., 1])
    own = [adjusted_variance(arm, theta) / arm.n for arm in (control, treatment)]
    base = control.mean[..., 0]
    size = np.abs(base)
    variance = own[0] + own[1]
    if relative:
        numerator = treatment.mean[..., 0] if at_control is None else at_control
        from_control = _quadratic(control, numerator / base, -theta) / control.n
        variance = (own[1] + from_control) / base**2
        difference = difference / size
    usable = (own[0] > 0) & (own[1] > 0)
    return Effect(
        estimate=np.asarray(difference),
        variance=np.where(usable, variance, np.nan),
        df=satterthwaite((own[0], control.n - 1), (own[1], treatment.n - 1)),
        units=control.n + treatment.n,
        control_size=size,
        relative=relative,
    )


def _quadratic(arm: Moments, outcome: Array, covariate: Array) -> Array:
    covariance = arm.covariance
    value = outcome**2 * covariance[..., 0, 0]
    if arm.mean.shape[-1] > 1:
        value = value + covariate**2 * covariance[..., 1, 1]
        value = value + 2.0 * outcome * covariate * covariance[..., 0, 1]
    return np.asarray(value)
