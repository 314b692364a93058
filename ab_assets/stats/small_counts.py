"""Proportions with few successes or failures: exact answers in place of approximate ones.

What belongs here: where counts are small, and putting the exact results in their places. What does
not: the exact methods themselves (``fisher_exact``, ``newcombe``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ab_assets.stats.arrays import Array, Flags, floats, quiet
from ab_assets.stats.fisher_exact import fisher_exact
from ab_assets.stats.newcombe import newcombe_interval, newcombe_uplift_interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ab_assets.stats.comparison import Comparison
    from ab_assets.stats.difference import DifferenceTest
    from ab_assets.stats.intervals import Interval
    from ab_assets.stats.uplift import UpliftInterval

#: The smallest cell of the 2 × 2 table that the normal approximation is trusted with.
SMALL_CELL = 10


@dataclass(frozen=True, slots=True)
class SmallCounts:
    """A comparison with exact answers where counts are small.

    Attributes:
        comparison: p-values and absolute and relative intervals replaced where ``exact``.
        exact: where they were replaced; the provenance of those intervals is ``newcombe-wilson``
            and ``mover-wilson``, their test ``fisher-exact``.
    """

    comparison: Comparison
    exact: Flags


@quiet
def small_cells(
    control: ArrayLike, control_n: ArrayLike, treatment: ArrayLike, treatment_n: ArrayLike
) -> Flags:
    """Where any cell of the 2 × 2 table (successes or failures of either arm) is below ten.

    >>> small_cells([9, 10], 100, 50, 100).tolist()
    [True, False]
    """
    a, n_a, b, n_b = floats(control, control_n, treatment, treatment_n)
    smallest = np.minimum.reduce([a, n_a - a, b, n_b - b])
    return np.asarray(smallest < SMALL_CELL)


def with_small_counts(
    comparison: Comparison,
    control: ArrayLike,
    control_n: ArrayLike,
    treatment: ArrayLike,
    treatment_n: ArrayLike,
) -> SmallCounts:
    """Fisher's p and Newcombe's intervals wherever a cell is below ten; the rest untouched.

    Where an arm has 0 successes in both arms the variance is 0 and Welch has no answer; these have.

    Args:
        comparison: from the counts by :func:`~ab_assets.stats.proportion.proportion_contrast`.
        control: successes in the control.
        control_n: units in the control.
        treatment: successes in the treatment.
        treatment_n: units in the treatment.

    Examples:
        >>> from ab_assets.stats.comparison import compare
        >>> from ab_assets.stats.proportion import proportion_contrast
        >>> counts = (2, 10, 8, 10)
        >>> small = with_small_counts(compare(proportion_contrast(*counts)), *counts)
        >>> float(small.comparison.difference.p_value).__round__(6), bool(small.exact)
        (0.023014, True)
    """
    counts = floats(control, control_n, treatment, treatment_n)
    exact = small_cells(*counts)
    if not exact.any():
        return SmallCounts(comparison, exact)
    a, n_a, b, n_b = (count[exact] for count in counts)
    level = comparison.difference.interval.level
    alpha = 1.0 - np.broadcast_to(level, exact.shape)[exact]
    difference = _exact_difference(
        comparison.difference,
        exact,
        fisher_exact(a, n_a, b, n_b),
        newcombe_interval(a, n_a, b, n_b, alpha),
    )
    uplift = _exact_uplift(
        comparison.uplift, exact, newcombe_uplift_interval(a, n_a, b, n_b, alpha)
    )
    return SmallCounts(replace(comparison, difference=difference, uplift=uplift), exact)


def _exact_difference(
    test: DifferenceTest, exact: Flags, p_value: Array, interval: Interval
) -> DifferenceTest:
    placed = _placed(test.p_value, exact, p_value)
    low = _placed(test.interval.low, exact, interval.low)
    high = _placed(test.interval.high, exact, interval.high)
    return replace(
        test,
        p_value=placed,
        log_p_value=_placed(test.log_p_value, exact, np.log(p_value)),
        interval=replace(test.interval, low=low, high=high),
        reason=np.where(exact & np.isfinite(placed), 0, test.reason).astype(np.int8),
    )


def _exact_uplift(uplift: UpliftInterval, exact: Flags, interval: Interval) -> UpliftInterval:
    # A control without successes has an absolute interval, but still no uplift.
    defined = np.isfinite(uplift.uplift)
    low = np.where(defined, _placed(uplift.interval.low, exact, interval.low), np.nan)
    high = np.where(defined, _placed(uplift.interval.high, exact, interval.high), np.nan)
    return replace(
        uplift,
        interval=replace(uplift.interval, low=low, high=high),
        bounded=np.isfinite(low) & np.isfinite(high),
        gap_low=np.where(exact, np.nan, uplift.gap_low),
        gap_high=np.where(exact, np.nan, uplift.gap_high),
        reason=np.where(exact & np.isfinite(low), 0, uplift.reason).astype(np.int8),
    )


def _placed(values: Array, where: Flags, replacements: Array) -> Array:
    result = np.array(np.broadcast_to(values, where.shape))
    result[where] = replacements
    return result
