"""From the drift a test needs to units and effects, in closed form.

What belongs here: units that give an effect the drift wanted, the effect that a number of units
gives it, for means, ratios and proportions; splits over several arms. What does not: the drift
(``sequential_power``), rounding to whole units, days.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ab_assets.stats.arrays import Array, floats, quiet

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class PlannedArms:
    """Two arms to be compared; every field scalar or array.

    Attributes:
        baseline: the control's mean, or its rate where ``is_rate``.
        variance: of one unit (for a ratio of its linearised value); not read where ``is_rate``.
        is_rate: a proportion: each arm's variance is that at its own rate, unpooled.
        treatment_share: of both arms' units that are treated.
        variance_reduction: share of variance an adjustment removes.
    """

    baseline: ArrayLike
    variance: ArrayLike = np.nan
    is_rate: bool = False
    treatment_share: ArrayLike = 0.5
    variance_reduction: ArrayLike = 0.0

    @quiet
    def unit_variance(self, effect: ArrayLike) -> Array:
        """Variance of the difference times the units of both arms, at an absolute effect."""
        base, change, variance, share, saved = floats(
            self.baseline, effect, self.variance, self.treatment_share, self.variance_reduction
        )
        if not self.is_rate:
            return np.asarray(variance * (1.0 - saved) / (share * (1.0 - share)))
        after = base + change
        inside = (after >= 0.0) & (after <= 1.0)
        spread = base * (1.0 - base) / (1.0 - share) + after * (1.0 - after) / share
        return np.where(inside, spread * (1.0 - saved), np.nan)


@quiet
def units_for_effect(arms: PlannedArms, effect: ArrayLike, drift: ArrayLike) -> Array:
    """Units of both arms together, not rounded: V·(drift/effect)².

    NaN where a rate would leave 0..1, infinite for an effect of 0.

    Args:
        arms: the comparison.
        effect: absolute.
        drift: effect over its standard error that is asked for.

    Examples:
        >>> float(
        ...     units_for_effect(PlannedArms(0.10, is_rate=True), 0.02, 2.801585218)
        ... ).__round__()
        7676
    """
    size, wanted = floats(effect, drift)
    return np.asarray(arms.unit_variance(size) * (wanted / size) ** 2)


@quiet
def drift_of_effect(arms: PlannedArms, effect: ArrayLike, units: ArrayLike) -> Array:
    """An absolute effect over its standard error with this many units of both arms.

    >>> float(drift_of_effect(PlannedArms(10.0, 25.0), 0.5, 3140)).__round__(4)
    2.8018
    """
    size, n = floats(effect, units)
    return np.asarray(np.abs(size) / np.sqrt(arms.unit_variance(size) / n))


@quiet
def detectable(
    arms: PlannedArms, units: ArrayLike, drift: ArrayLike, *, fall: bool = False
) -> Array:
    """The absolute effect that has the drift wanted with this many units of both arms.

    For a rate its own variance at that effect is solved for, a quadratic: e² = q²·(A + (p + e)(1 −
    p − e)/n_t). Of a fall the effect is negative; NaN where no rate within 0..1 is far enough.

    Args:
        arms: the comparison.
        units: of both arms.
        drift: asked for.
        fall: whether the effect to be found is a fall.

    Examples:
        >>> float(detectable(PlannedArms(10.0, 25.0), 3140, 2.801585218)).__round__(4)
        0.5
        >>> float(detectable(PlannedArms(0.10, is_rate=True), 7676, 2.801585218)).__round__(4)
        0.02
    """
    n, q, base, share, saved = floats(
        units, drift, arms.baseline, arms.treatment_share, arms.variance_reduction
    )
    sign = -1.0 if fall else 1.0
    if not arms.is_rate:
        return np.asarray(sign * q * np.sqrt(arms.unit_variance(0.0) / n))
    treated = n * share / (1.0 - saved)
    others = n * (1.0 - share) / (1.0 - saved)
    a = 1.0 + q * q / treated
    b = -q * q * (1.0 - 2.0 * base) / treated
    c = -q * q * base * (1.0 - base) * (1.0 / others + 1.0 / treated)
    effect = (-b + sign * np.sqrt(b * b - 4.0 * a * c)) / (2.0 * a)
    after = base + effect
    return np.where((n > 0) & (after >= 0.0) & (after <= 1.0), effect, np.nan)
