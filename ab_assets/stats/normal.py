"""The normal distribution where it is hard: far tails and expected losses.

What belongs here: functions of the standard normal that keep their digits in the tails. What does
not: posteriors and tests built from them.
"""

from __future__ import annotations

import numpy as np
from scipy.special import erfcx, log_ndtr, ndtr, ndtri

from ab_assets.stats.arrays import Array, quiet

SQRT_2 = float(np.sqrt(2.0))
SQRT_2_PI = float(np.sqrt(2.0 * np.pi))


def cumulative(z: Array) -> Array:
    """P(Z <= z), with full relative precision for z far below 0."""
    return np.asarray(ndtr(z), dtype=np.float64)


def log_two_sided(z: Array) -> Array:
    """Logarithm of P(|Z| >= |z|), finite where the probability itself underflows.

    >>> round(float(log_two_sided(np.array(40.0))), 4)
    -803.9153
    """
    return np.asarray(log_ndtr(-np.abs(z)) + np.log(2.0), dtype=np.float64)


def quantile(probability: Array) -> Array:
    """The z below which a normal variable falls with this probability."""
    return np.asarray(ndtri(probability), dtype=np.float64)


@quiet
def expected_losses(mean: Array, deviation: Array) -> tuple[Array, Array]:
    """E max(−D, 0) and E max(D, 0) for D ~ N(mean, deviation²): what D below and above 0 costs.

    With z = |mean|/deviation the smaller one is deviation·[φ(z) − z·Φ(−z)]. That difference
    cancels, so the scaled complementary error function is used: deviation·e^(−z²/2)·[1/√(2π) −
    (z/2)·erfcx(z/√2)]. The larger one is the smaller plus |mean|.

    >>> [float(loss).__round__(9) for loss in expected_losses(np.array(1.0), np.array(1.0))]
    [0.083315471, 1.083315471]
    """
    size = np.abs(mean)
    z = size / deviation
    scaled = 1.0 / SQRT_2_PI - 0.5 * z * np.asarray(erfcx(z / SQRT_2), np.float64)
    smaller = deviation * np.exp(-0.5 * z * z) * scaled
    larger = smaller + size
    return np.where(mean > 0, smaller, larger), np.where(mean > 0, larger, smaller)
