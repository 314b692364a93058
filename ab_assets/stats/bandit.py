"""Traffic for arms that are still being learnt about.

What belongs here: an arm's running posterior, draws from it, and weights from its chance to be
best. What does not: the chance itself (``best_arm``); when to re-weight (the experiment's
configuration says).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ab_assets.stats.arrays import Array, quiet
from ab_assets.stats.best_arm import best_arm

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ab_assets.stats.contrast import ArmEstimate


@quiet
def arm_posterior(
    arm: ArmEstimate, prior_mean: ArrayLike = 0.0, prior_deviation: ArrayLike = np.inf
) -> tuple[Array, Array]:
    """Mean and standard deviation of an arm's own level, by the conjugate normal update.

    >>> from ab_assets.stats.contrast import arm_estimate
    >>> arm = arm_estimate(np.array(100.0), np.array(2.0), np.array(1.0))
    >>> [float(value).__round__(6) for value in arm_posterior(arm, 0.0, 1.0)]
    [1.0, 0.707107]
    """
    precision = 1.0 / np.square(np.asarray(prior_deviation, np.float64))
    share = 1.0 / (1.0 + precision * arm.variance)
    mean = share * arm.value + (1.0 - share) * np.asarray(prior_mean, np.float64)
    return mean, np.sqrt(share * arm.variance)


def posterior_draws(
    means: ArrayLike, deviations: ArrayLike, draws: int, generator: np.random.Generator
) -> Array:
    """Draws from normal posteriors, ``(draws, ...)``; the caller owns the seed.

    >>> posterior_draws([0.0, 1.0], 1.0, 5, np.random.default_rng(1)).shape
    (5, 2)
    """
    mean, deviation = np.broadcast_arrays(
        np.asarray(means, np.float64), np.asarray(deviations, np.float64)
    )
    return mean + deviation * generator.standard_normal((draws, *mean.shape))


def beta_draws(
    successes: ArrayLike, failures: ArrayLike, draws: int, generator: np.random.Generator
) -> Array:
    """Draws from beta posteriors, ``(draws, ...)``.

    >>> beta_draws([1.0, 5.0], 2.0, 5, np.random.default_rng(1)).shape
    (5, 2)
    """
    a, b = np.broadcast_arrays(np.asarray(successes), np.asarray(failures))
    return generator.beta(a, b, size=(draws, *a.shape))


@quiet
def thompson_weights(means: ArrayLike, deviations: ArrayLike, floor: float = 0.01) -> Array:
    """Traffic shares equal to each arm's chance to be best (Thompson 1933, Biometrika 25, 285–294).

    Exact, where drawing arms one by one would give the same shares on average. The floor keeps
    every arm
    observed: share = floor + (1 − arms·floor)·P(best).

    Args:
        means: posterior means, ``(..., arms)``.
        deviations: posterior standard deviations.
        floor: the least share of any arm.

    Examples:
        >>> thompson_weights([0.0, 0.0], [1.0, 1.0]).round(12).tolist()
        [0.5, 0.5]
    """
    chance = best_arm(means, deviations).probability
    chance = chance / chance.sum(axis=-1, keepdims=True)
    return np.asarray(floor + (1.0 - chance.shape[-1] * floor) * chance)
