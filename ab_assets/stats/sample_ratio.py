"""Whether units arrived in the arms as the weights say.

What belongs here: the chi-square test of one look, overall and by dimension. What does not: the
test that may be read every day (``sample_ratio_sequential``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import chdtrc

from ab_assets.stats.arrays import Array, Codes, Flags, quiet
from ab_assets.stats.multiplicity import holm
from ab_assets.stats.reasons import Reason, first_reason, only_where_valid

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """Observed against expected units.

    Attributes:
        statistic: chi-square over the arms with a positive weight.
        df: those arms − 1.
        p_value: of the statistic; 1 where one arm alone has a weight (nothing can be out of ratio).
        expected: units expected in each arm, shape ``(..., arms)``.
        leaked: units in arms of weight 0; any is a failure by itself, whatever the p-value.
        large_enough: every arm with a weight expects enough units for the chi-square to hold.
        reason: why there is no p-value.
    """

    statistic: Array
    df: Array
    p_value: Array
    expected: Array
    leaked: Array
    large_enough: Flags
    reason: Codes


@quiet
def sample_ratio_by_dimension(units: ArrayLike, weights: ArrayLike) -> tuple[SampleRatio, Array]:
    """The test within every value of a dimension, and its p-values adjusted over the values (Holm).

    Values with too few units for a chi-square are tested but not counted among the tests.

    Args:
        units: units seen, ``(..., values, arms)``.
        weights: intended shares.

    Examples:
        >>> sample_ratio_by_dimension([[100, 100], [100, 150], [2, 3]], [1, 1])[1].round(4).tolist()
        [1.0, 0.0031, nan]
    """
    ratio = sample_ratio(units, weights)
    return ratio, holm(np.where(ratio.large_enough, ratio.p_value, np.nan))


@quiet
def sample_ratio(
    units: ArrayLike, weights: ArrayLike, *, minimum_expected: float = 8.0
) -> SampleRatio:
    """Chi-square of units against weights (Pearson 1900; Fabijan et al. 2019, KDD).

    Arms of weight 0 are in neither the statistic nor its degrees of freedom: counted there they
    hide a mismatch or invent one. Weights need not sum to 1.

    Args:
        units: units seen, ``(..., arms)``.
        weights: intended shares, broadcast against ``units``.
        minimum_expected: units each arm must expect before the chi-square is trusted.

    Examples:
        >>> ratio = sample_ratio([44700, 45489], [0.5, 0.5])
        >>> float(ratio.p_value).__round__(7)
        0.008608
        >>> sample_ratio([1000, 1000, 40], [1, 1, 0]).leaked.item()
        40.0
    """
    seen, share, reason = checked_units(units, weights)
    used = share > 0
    inside = np.where(used, seen, 0.0)
    total = inside.sum(axis=-1)
    expected = total[..., None] * share / np.where(used, share, 0.0).sum(axis=-1)[..., None]
    statistic = np.where(used, (inside - expected) ** 2 / expected, 0.0).sum(axis=-1)
    df = used.sum(axis=-1) - 1.0
    reason = np.where(reason != 0, reason, first_reason((total == 0, Reason.NO_UNITS)))
    p_value = np.where(df > 0, chdtrc(np.maximum(df, 1.0), statistic), 1.0)
    statistic, p_value = only_where_valid(reason.astype(np.int8), statistic, p_value)
    return SampleRatio(
        statistic=statistic,
        df=df,
        p_value=p_value,
        expected=expected,
        leaked=np.where(used, 0.0, seen).sum(axis=-1),
        large_enough=np.where(used, expected, np.inf).min(axis=-1) >= minimum_expected,
        reason=reason.astype(np.int8),
    )


def checked_units(units: ArrayLike, weights: ArrayLike) -> tuple[Array, Array, Codes]:
    """Units and weights as broadcast floats, and why they cannot be tested.

    >>> checked_units([5, 5], [0, 0])[2].item()
    12
    """
    seen, share = np.broadcast_arrays(
        np.asarray(units, np.float64), np.asarray(weights, np.float64)
    )
    finite = np.isfinite(seen).all(axis=-1) & np.isfinite(share).all(axis=-1)
    reason = first_reason(
        (~finite, Reason.NOT_FINITE),
        ((seen < 0).any(axis=-1), Reason.NOT_A_COUNT),
        ((share < 0).any(axis=-1) | ~(share > 0).any(axis=-1), Reason.NO_WEIGHT),
    )
    return seen, share, reason
