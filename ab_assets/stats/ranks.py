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
    units, ties = n_a + n_b, a + b
    below_b = np.cumsum(a, axis=-1) - a / 2.0
    below_a = np.cumsum(b, axis=-1) - b / 2.0
    statistic = (b * below_b).sum(axis=-1)
    excess = statistic - n_a * n_b / 2.0
    tied = (ties**3 - ties).sum(axis=-1) / (units * (units - 1.0))
    deviation = np.sqrt(n_a * n_b / 12.0 * (units + 1.0 - tied))
    step = np.minimum(0.5, np.abs(excess)) if continuity else 0.0
    reason = first_reason(
        (~np.isfinite(units), Reason.NOT_FINITE),
        ((a < 0).any(axis=-1) | (b < 0).any(axis=-1), Reason.NOT_A_COUNT),
        ((n_a <= 0) | (n_b <= 0), Reason.NO_UNITS),
        (((ties > 0).sum(axis=-1) <= 1), Reason.ZERO_VARIANCE),
    )
    z = (excess - np.sign(excess) * step) / deviation
    superiority = statistic / (n_a * n_b)
    z, superiority = only_where_valid(reason, z, superiority)
    spread = _placement_variance(a, below_a / n_b[..., None], n_a)
    spread = spread + _placement_variance(b, below_b / n_a[..., None], n_b)
    level = np.asarray(alpha, np.float64)
    reach = -normal.quantile(level / 2.0) * np.sqrt(spread)
    log_p = normal.log_two_sided(z)
    return RankTest(
        statistic=statistic,
        superiority=superiority,
        interval=Interval(
            np.maximum(superiority - reach, 0.0),
            np.minimum(superiority + reach, 1.0),
            1.0 - level,
            Provenance("absolute", "brunner-munzel"),
        ),
        z=z,
        p_value=np.minimum(np.exp(log_p), 1.0),
        log_p_value=log_p,
        reason=reason,
    )


def _placement_variance(counts: Array, placement: Array, n: Array) -> Array:
    """Variance of the mean share of the other arm that each unit beats (Brunner & Munzel 2000)."""
    mean = (counts * placement).sum(axis=-1) / n
    squares = (counts * (placement - mean[..., None]) ** 2).sum(axis=-1)
    return np.asarray(squares / (n - 1.0) / n)
