"""A quantile of a metric: over units, or over events when units have several.

What belongs here: which ranks to read, and a quantile as an arm's estimate from the values at those
ranks. What does not: reading them (the warehouse does), and the test of two quantiles
(``contrast``).

Three values per arm suffice: the quantile and the values at a lower and an upper rank around it.
Their distance measures the density there, without estimating it and without an absolute floor, so
that changing the unit of measure changes no p-value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ab_assets.stats import normal
from ab_assets.stats.arrays import Array, floats, quiet
from ab_assets.stats.contrast import ArmEstimate, arm_estimate
from ab_assets.stats.intervals import Interval, Provenance
from ab_assets.stats.ratio import ratio_arm
from ab_assets.stats.reasons import Reason, either, first_reason

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ab_assets.stats.moments import Moments


@quiet
def bounding_ranks(
    n: ArrayLike, probability: ArrayLike, alpha: ArrayLike = 0.05
) -> tuple[Array, Array]:
    """The ranks (1 = smallest) whose values bound the quantile: n·(ν ± z·√(ν(1 − ν)/n)).

    NaN where a rank falls outside 1..n: so few values cannot bound this quantile.

    >>> [float(rank) for rank in bounding_ranks(1000, 0.5)]
    [469.0, 532.0]
    """
    units, share, level = floats(n, probability, alpha)
    reach = -normal.quantile(level / 2.0) * np.sqrt(share * (1.0 - share) * units)
    lower, upper = np.floor(units * share - reach), np.ceil(units * share + reach) + 1.0
    outside = ~((lower >= 1) & (upper <= units) & (share > 0) & (share < 1))
    return np.where(outside, np.nan, lower), np.where(outside, np.nan, upper)


@quiet
def quantile_arm(
    n: ArrayLike,
    probability: ArrayLike,
    *,
    value: ArrayLike,
    lower: ArrayLike,
    upper: ArrayLike,
    alpha: ArrayLike = 0.05,
) -> ArmEstimate:
    """A quantile over units, its density measured between the ranks (Price & Bonett 2001, JSCS 68).

    With r units between the two ranks the values rise by (upper − lower)/r a unit, and a quantile
    moves by √(n·ν(1 − ν)) units: their product is its standard deviation.

    Args:
        n: units.
        probability: ν, which quantile.
        value: the quantile.
        lower: the value at the lower of :func:`bounding_ranks`; NaN where there is none.
        upper: the value at the upper.
        alpha: the one the ranks were made with.

    Examples:
        >>> arm = quantile_arm(1000, 0.5, value=5.0, lower=4.8, upper=5.2)
        >>> float(arm.variance).__round__(6)
        0.010078
    """
    units, share, middle, low, high = floats(n, probability, value, lower, upper)
    first, last = bounding_ranks(units, share, alpha)
    deviation = (high - low) / (last - first) * np.sqrt(units * share * (1.0 - share))
    arm = arm_estimate(units, middle, deviation**2, df=np.full_like(units, np.inf))
    problem = first_reason(
        ((units > 0) & np.isnan(deviation), Reason.QUANTILE_OUT_OF_REACH),
        (deviation == 0, Reason.ZERO_VARIANCE),
        (deviation < 0, Reason.NEGATIVE_VARIANCE),
    )
    return ArmEstimate(arm.n, arm.value, arm.variance, arm.df, either(problem, arm.reason))


@quiet
def clustered_quantile_arm(
    moments: Moments,
    probability: ArrayLike,
    *,
    value: ArrayLike,
    lower: ArrayLike,
    upper: ArrayLike,
    alpha: ArrayLike = 0.05,
) -> ArmEstimate:
    """A quantile over events of units that have several (Deng, Knoblich & Lu 2018, KDD, §4).

    The events of a unit resemble each other, so the variance of independent events is scaled by
    that of the clustered share of events at or below the quantile, Var(Σ below / Σ events) ÷ ν(1 −
    ν)/N.

    Args:
        moments: of two variables per unit: its events at or below the quantile, its events.
        probability: ν, which quantile.
        value: the quantile.
        lower: the value at the lower of :func:`bounding_ranks` for all N events.
        upper: the value at the upper.
        alpha: the one the ranks were made with.

    Examples:
        >>> from ab_assets.stats.moments import Moments
        >>> units = Moments.of([[0.0, 4.0], [4.0, 4.0], [1.0, 4.0], [3.0, 4.0]])
        >>> arm = clustered_quantile_arm(units, 0.5, value=5.0, lower=4.8, upper=5.2)
        >>> independent = quantile_arm(16, 0.5, value=5.0, lower=4.8, upper=5.2)
        >>> float(arm.variance / independent.variance).__round__(4)
        3.3333
    """
    events = moments.n * moments.mean[..., 1]
    independent = quantile_arm(
        events, probability, value=value, lower=lower, upper=upper, alpha=alpha
    )
    share = np.asarray(probability, np.float64)
    clustered = ratio_arm(moments)
    factor = clustered.variance / (share * (1.0 - share) / events)
    return ArmEstimate(
        n=moments.n,
        value=independent.value,
        variance=independent.variance * factor,
        df=independent.df,
        reason=either(clustered.reason, independent.reason),
    )


def order_statistic_interval(
    lower: ArrayLike, upper: ArrayLike, alpha: ArrayLike = 0.05
) -> Interval:
    """The values at the bounding ranks as one arm's interval (David & Nagaraja 2003, §7.1).

    >>> float(order_statistic_interval(4.8, 5.2).high)
    5.2
    """
    low, high, level = floats(lower, upper, alpha)
    return Interval(low, high, 1.0 - level, Provenance("absolute", "order-statistics"))
