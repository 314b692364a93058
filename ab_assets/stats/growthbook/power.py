"""Power as GrowthBook's calculator gives it: of relative effects, by the delta method.

What belongs here: its power, detectable effects and mid-experiment scaling. What does not: the
method used by default (``stats.power``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ab_assets.stats import normal
from ab_assets.stats.always_valid import boundary
from ab_assets.stats.arrays import Array, Flags, floats, quiet
from ab_assets.stats.growthbook.inference import approximate_rho2
from ab_assets.stats.search import smallest_sufficient

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

LARGEST_EFFECT = 100.0
LARGEST_FACTOR = 2.0**27


@dataclass(frozen=True, slots=True)
class Plan:
    """An experiment as its calculator sees it.

    Attributes:
        mean: of the control.
        variance: of one unit, the same in all arms.
        units: in all variations together.
        variations: how many, the control included.
        alpha: two-sided.
        tuning: of sequential testing; None for a fixed test.
    """

    mean: ArrayLike
    variance: ArrayLike
    units: ArrayLike
    variations: int = 2
    alpha: float = 0.05
    tuning: float | None = None


@quiet
def relative_power(plan: Plan, effect: ArrayLike) -> Array:
    """Power of a relative effect; sequentially, with a standard error inflated by boundary / z.

    >>> plan = Plan(10.0, 62.529991004312784**2, 400_000, variations=3)
    >>> float(relative_power(plan, 0.05)).__round__(5)
    0.52144
    """
    mean, variance, units, lift = floats(plan.mean, plan.variance, plan.units, effect)
    error = np.sqrt(variance * (1.0 + (1.0 + lift) ** 2) * plan.variations / units) / np.abs(mean)
    z = float(-normal.quantile(np.asarray(plan.alpha / 2.0)))
    return _two_tails(lift / (error * _inflation(plan, units, z)), z)


@quiet
def relative_detectable_effect(plan: Plan, target: float = 0.8) -> Array:
    """The relative effect with the power asked for, its closed form: the far tail is left out.

    From d² = (z_{1−α/2} + z_target)²·k·(1 + (1 + d)²), k being the squared coefficient of
    variation of an arm's mean; NaN where no effect is large enough.

    >>> plan = Plan(0.1, 0.5, 4500, variations=3)
    >>> float(relative_detectable_effect(plan)).__round__(5)
    1.26769
    """
    mean, variance, units = floats(plan.mean, plan.variance, plan.units)
    z = float(-normal.quantile(np.asarray(plan.alpha / 2.0)))
    reach = (z + float(normal.quantile(np.asarray(target)))) * _inflation(plan, units, z)
    k = reach**2 * variance * plan.variations / units / mean**2
    return np.where(k < 1.0, (k + np.sqrt(2.0 * k - k * k)) / (1.0 - k), np.nan)


@quiet
def bayesian_power(
    effect: ArrayLike, variance: ArrayLike, prior: tuple[float, float], alpha: float = 0.05
) -> Array:
    """Chance that the posterior excludes 0, under a prior given as (mean, variance).

    >>> float(bayesian_power(0.0, 1.0, (0.0, 1e12))).__round__(6)
    0.05
    """
    size, noise = floats(effect, variance)
    mean, spread = prior
    z = float(-normal.quantile(np.asarray(alpha / 2.0)))
    need = noise * np.sqrt(1.0 / spread + 1.0 / noise) * z
    pull = noise * mean / spread
    error = np.sqrt(noise)
    return normal.cumulative(-(need - pull - size) / error) + normal.cumulative(
        -(need + pull + size) / error
    )


@quiet
def bayesian_detectable_effect(
    plan: Plan, prior: tuple[float, float], target: float = 0.8
) -> Array:
    """The absolute effect, as a share of the mean, with the power asked for under a prior.

    >>> plan = Plan(10.0, 62.529991004312784**2, 266_666.67)
    >>> float(bayesian_detectable_effect(plan, (0.05, 0.5476))).__round__(5)
    0.06782
    """
    mean, variance, units = floats(plan.mean, plan.variance, plan.units)
    noise = 2.0 * variance * plan.variations / units / mean**2
    return _within(
        lambda size: bayesian_power(size, noise, prior, plan.alpha) >= target,
        noise.shape,
        LARGEST_EFFECT,
    )


@quiet
def scaling_factor(
    variance: ArrayLike,
    units: ArrayLike,
    effect: ArrayLike,
    *,
    target: float = 0.8,
    alpha: float = 0.05,
    tuning: float | None = None,
) -> Array:
    """How many times the present units must be added for the power asked for; 0 if none.

    Args:
        variance: of the estimated (relative) effect now.
        units: in both arms now.
        effect: wanted, on the same scale.
        target: power.
        alpha: two-sided, already divided by the number of tests.
        tuning: of sequential testing; None for a fixed test.

    Examples:
        >>> float(scaling_factor(0.01, 1000, 0.28)).__round__(3)
        0.001
    """
    now, n, size = floats(variance, units, effect)

    def enough(factor: Array) -> Flags:
        error = np.sqrt(now / (1.0 + factor))
        z = -normal.quantile(np.asarray(alpha / 2.0))
        if tuning is not None:
            z = boundary(n * (1.0 + factor), approximate_rho2(alpha, tuning), alpha)
        return _two_tails(size / error, z) >= target

    return _within(enough, now.shape, LARGEST_FACTOR)


def _inflation(plan: Plan, units: Array, z: float) -> Array:
    """How much wider its confidence sequence over two arms is than a fixed interval."""
    if plan.tuning is None:
        return np.ones_like(units)
    compared = 2.0 * units / plan.variations
    return boundary(compared, approximate_rho2(plan.alpha, plan.tuning), plan.alpha) / z


def _two_tails(distance: Array, critical: Array | float) -> Array:
    return normal.cumulative(distance - critical) + normal.cumulative(-distance - critical)


def _within(enough: Callable[[Array], Flags], shape: tuple[int, ...], most: float) -> Array:
    """The smallest value from 0 to ``most`` that is enough; NaN where none is."""
    high = np.full(shape, most)
    found = smallest_sufficient(enough, np.zeros(shape), high)
    return np.where(enough(high), found, np.nan)
