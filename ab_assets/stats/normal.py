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
def expected_shortfall(mean: Array, deviation: Array) -> Array:
    """E max(-D, 0) for D ~ N(mean, deviation²): what shipping costs when D may be negative.

    With z = mean/deviation it is deviation·[φ(z) − z·Φ(−z)]; for z > 0 the difference cancels and
    the scaled complementary error function is used instead: deviation·e^(−z²/2)·[1/√(2π) −
    (z/2)·erfcx(z/√2)].

    >>> float(expected_shortfall(np.array(0.0), np.array(1.0))).__round__(12)
    0.398942280401
    """
    z = mean / deviation
    tail = np.exp(-0.5 * z * z)
    stable = tail * (1.0 / SQRT_2_PI - 0.5 * z * erfcx(np.maximum(z, 0.0) / SQRT_2))
    plain = tail / SQRT_2_PI - z * ndtr(-z)
    return np.asarray(deviation * np.where(z > 0, stable, plain), dtype=np.float64)
