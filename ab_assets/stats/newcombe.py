"""Intervals for two proportions that hold with few successes.

What belongs here: Wilson's interval of one proportion, and the square-and-add intervals built from
two of them. What does not: their test (``fisher_exact``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ab_assets.stats import normal
from ab_assets.stats.arrays import Array, floats, quiet
from ab_assets.stats.intervals import Interval, Provenance

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@quiet
def wilson(successes: ArrayLike, n: ArrayLike, alpha: ArrayLike = 0.05) -> tuple[Array, Array]:
    """Score interval of one proportion (Wilson 1927, JASA 22, 209–212).

    >>> [round(float(end), 4) for end in wilson(0, 10)]
    [0.0, 0.2775]
    """
    count, units, level = floats(successes, n, alpha)
    z2 = normal.quantile(1.0 - level / 2.0) ** 2
    share = count / units
    centre = (share + z2 / (2.0 * units)) / (1.0 + z2 / units)
    reach = np.sqrt(z2 * (share * (1 - share) / units + z2 / (4 * units**2))) / (1 + z2 / units)
    low = np.where(count == 0, 0.0, centre - reach)
    high = np.where(count == units, 1.0, centre + reach)
    unusable = ~(units > 0)
    return np.where(unusable, np.nan, low), np.where(unusable, np.nan, high)


@quiet
def newcombe_interval(
    control: ArrayLike,
    control_n: ArrayLike,
    treatment: ArrayLike,
    treatment_n: ArrayLike,
    alpha: ArrayLike = 0.05,
) -> Interval:
    """Interval of p_b − p_a from the arms' Wilson limits (Newcombe 1998, Stat. Med. 17, method 10).

    >>> ends = newcombe_interval(48, 80, 56, 70)
    >>> float(ends.low).__round__(4), float(ends.high).__round__(4)
    (0.0524, 0.3339)
    """
    a, n_a, b, n_b, level = floats(control, control_n, treatment, treatment_n, alpha)
    p_a, p_b = a / n_a, b / n_b
    low_a, high_a = wilson(a, n_a, level)
    low_b, high_b = wilson(b, n_b, level)
    difference = p_b - p_a
    low = difference - np.hypot(p_b - low_b, high_a - p_a)
    high = difference + np.hypot(high_b - p_b, p_a - low_a)
    return Interval(low, high, 1.0 - level, Provenance("absolute", "newcombe-wilson"))


@quiet
def newcombe_uplift_interval(
    control: ArrayLike,
    control_n: ArrayLike,
    treatment: ArrayLike,
    treatment_n: ArrayLike,
    alpha: ArrayLike = 0.05,
) -> Interval:
    """Interval of p_b/p_a − 1 by the same recipe (Donner & Zou 2012, SMMR 21, 347–359).

    Solves Newcombe's bound for p_b − R·p_a = 0, so it holds an uplift of 0 exactly where Newcombe's
    interval holds a difference of 0. Without successes in the control the upper end is inf.

    >>> ends = newcombe_uplift_interval(48, 80, 56, 70)
    >>> float(ends.low).__round__(4), float(ends.high).__round__(4)
    (0.0783, 0.6629)
    """
    a, n_a, b, n_b, level = floats(control, control_n, treatment, treatment_n, alpha)
    p_a, p_b = a / n_a, b / n_b
    low_a, high_a = wilson(a, n_a, level)
    low_b, high_b = wilson(b, n_b, level)
    product = p_a * p_b
    below_b, above_b = low_b * (2 * p_b - low_b), high_b * (2 * p_b - high_b)
    below_a, above_a = low_a * (2 * p_a - low_a), high_a * (2 * p_a - high_a)
    low_root = np.sqrt(np.maximum(product**2 - below_b * above_a, 0.0))
    high_root = np.sqrt(np.maximum(product**2 - above_b * below_a, 0.0))
    # Written over the other root of each quadratic, which neither cancels nor divides 0 by 0 at b
    # = 0.
    low = np.where(below_b == 0, 0.0, below_b / (product + low_root))
    high = np.where(below_a == 0, np.inf, (product + high_root) / below_a)
    missing = np.isnan(product)
    return Interval(
        np.where(missing, np.nan, low - 1.0),
        np.where(missing, np.nan, high - 1.0),
        1.0 - level,
        Provenance("relative", "mover-wilson"),
    )
