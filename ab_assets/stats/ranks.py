"""Whether units of one arm tend to have larger values than units of the other.

What belongs here: Mann–Whitney's test from how often each value occurs. What does not: reading the
values (the warehouse counts them per arm).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ab_assets.stats import normal
from ab_assets.stats.arrays import Array, Codes, quiet
from ab_assets.stats.intervals import Interval, Provenance
from ab_assets.stats.reasons import Reason, first_reason, only_where_valid

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class RankTest:
    """Mann–Whitney's test.

    Attributes:
        statistic: U of the treatment: pairs it wins, ties counting half.
        superiority: U as a share of all pairs, P(treatment > control) + ½·P(equal).
        interval: of the superiority (Brunner & Munzel's variance: valid when the spreads differ).
        z: standardised U, tie-corrected.
        p_value: two-sided.
        log_p_value: its logarithm.
        reason: why there is no p-value.
    """

    statistic: Array
    superiority: Array
    interval: Interval
    z: Array
    p_value: Array
    log_p_value: Array
    reason: Codes


@quiet
def mann_whitney(
    control: ArrayLike,
    treatment: ArrayLike,
    alpha: ArrayLike = 0.05,
    *,
    continuity: bool = True,
) -> RankTest:
    """Mann–Whitney U by its normal limit, ties corrected (Lehmann 1975, Nonparametrics, §1.4).

    Args:
        control: units of the control with the i-th smallest value, ``(..., values)``.
        treatment: the same of the treatment, over the same values; pad with zeros.
        alpha: 1 − confidence of the interval of the superiority.
        continuity: move U half a pair towards its mean.

    Examples:
        >>> test = mann_whitney([3, 2, 1, 0], [1, 2, 2, 3])
        >>> float(test.statistic), float(test.p_value).__round__(6)
        (38.5, 0.062082)
    """
    a, b = np.broadcast_arrays(np.asarray(control, np.float64), np.asarray(treatment, np.float64))
    n_a, n_b = a.sum(axis=-1), b.sum(axis=-1)
    pairs, distinct = n_a * n_b, (a + b > 0).sum(axis=-1)
    statistic = (b * _below(a)).sum(axis=-1)
    excess = statistic - pairs / 2.0
    step = np.minimum(0.5, np.abs(excess)) if continuity else 0.0
    reason = first_reason(
        (~np.isfinite(pairs), Reason.NOT_FINITE),
        ((a < 0).any(axis=-1) | (b < 0).any(axis=-1), Reason.NOT_A_COUNT),
        (pairs == 0, Reason.NO_UNITS),
        (distinct <= 1, Reason.ZERO_VARIANCE),
    )
    z = (excess - np.sign(excess) * step) / _null_deviation(a, b)
    z, superiority = only_where_valid(reason, z, statistic / pairs)
    log_p = normal.log_two_sided(z)
    return RankTest(
        statistic=statistic,
        superiority=superiority,
        interval=_interval(a, b, superiority, np.asarray(alpha, np.float64)),
        z=z,
        p_value=np.minimum(np.exp(log_p), 1.0),
        log_p_value=log_p,
        reason=reason,
    )


def _below(counts: Array) -> Array:
    """Units with a smaller value, ties counting half."""
    return np.asarray(np.cumsum(counts, axis=-1) - counts / 2.0)


def _null_deviation(a: Array, b: Array) -> Array:
    """Standard deviation of U if the arms are alike: n_a·n_b/12·(N + 1 − Σ(t³ − t)/(N(N − 1)))."""
    n_a, n_b, ties = a.sum(axis=-1), b.sum(axis=-1), a + b
    units = n_a + n_b
    tied = (ties**3 - ties).sum(axis=-1) / (units * (units - 1.0))
    return np.asarray(np.sqrt(n_a * n_b / 12.0 * (units + 1.0 - tied)))


def _interval(a: Array, b: Array, superiority: Array, alpha: Array) -> Interval:
    n_a, n_b = a.sum(axis=-1), b.sum(axis=-1)
    spread = _placement_variance(a, _below(b) / n_b[..., None], n_a)
    spread = spread + _placement_variance(b, _below(a) / n_a[..., None], n_b)
    reach = -normal.quantile(alpha / 2.0) * np.sqrt(spread)
    low, high = np.maximum(superiority - reach, 0.0), np.minimum(superiority + reach, 1.0)
    return Interval(low, high, 1.0 - alpha, Provenance("absolute", "brunner-munzel"))


def _placement_variance(counts: Array, placement: Array, n: Array) -> Array:
    """Variance of the mean share of the other arm that each unit beats (Brunner & Munzel 2000)."""
    mean = (counts * placement).sum(axis=-1) / n
    squares = (counts * (placement - mean[..., None]) ** 2).sum(axis=-1)
    return np.asarray(squares / (n - 1.0) / n)
