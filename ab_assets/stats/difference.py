"""The absolute difference of two arms: test and interval.

What belongs here: statistic, p-value and interval of treatment minus control. What does not: how
the arms were estimated (``contrast`` and its makers) and any other scale (``uplift``,
``incremental``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from ab_assets.stats import student_t
from ab_assets.stats.arrays import Array, Codes, floats, quiet
from ab_assets.stats.intervals import Interval, Provenance
from ab_assets.stats.reasons import only_where_valid

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ab_assets.stats.contrast import Contrast

Alternative = Literal["two-sided", "greater", "less"]


@dataclass(frozen=True, slots=True)
class DifferenceTest:
    """Treatment minus control, tested against a value.

    Attributes:
        difference: treatment minus control; a fact, so given even where nothing can be tested.
        standard_error: of the difference.
        statistic: (difference − null) / standard error.
        df: degrees of freedom, inf for the normal.
        p_value: may underflow to 0 below 1e-308; ``log_p_value`` does not.
        log_p_value: natural logarithm of the p-value.
        critical_value: the quantile the interval was made with; Fieller reuses it, so both agree
            at 0.
        interval: of the difference.
        reason: why statistic, p-value and interval are NaN.
    """

    difference: Array
    standard_error: Array
    statistic: Array
    df: Array
    p_value: Array
    log_p_value: Array
    critical_value: Array
    interval: Interval
    reason: Codes


@quiet
def difference_test(
    contrast: Contrast,
    alpha: ArrayLike = 0.05,
    *,
    null: ArrayLike = 0.0,
    alternative: Alternative = "two-sided",
) -> DifferenceTest:
    """Test and interval of treatment minus control.

    The p-value is a tail probability, never 1 − cdf: at t = 8.3 that difference is exactly 0.

    Args:
        contrast: the two arms.
        alpha: 1 − confidence; an array gives each comparison its own (intervals after selection).
        null: the difference tested against (a margin, for non-inferiority).
        alternative: ``greater`` and ``less`` give one-sided p-values and half-open intervals.

    Examples:
        >>> from ab_assets.stats.proportion import proportion_contrast
        >>> test = difference_test(proportion_contrast(8502, 44700, 8279, 45489))
        >>> float(test.statistic).__round__(5), float(test.p_value).__round__(7)
        (-3.16403, 0.0015565)
    """
    difference, level = contrast.difference, np.asarray(alpha, np.float64)
    error = np.sqrt(contrast.variance)
    error, df = only_where_valid(contrast.reason, error, contrast.df)
    statistic = (difference - np.asarray(null, np.float64)) / error
    two_sided = alternative == "two-sided"
    lower = -np.abs(statistic) if two_sided else statistic * (-1 if alternative == "greater" else 1)
    tail = student_t.lower_tail(lower, df)
    log_tail = student_t.log_lower_tail(lower, df, tail)
    critical = -student_t.quantile(level / (2.0 if two_sided else 1.0), df)
    reach = critical * error
    return DifferenceTest(
        difference=difference,
        standard_error=error,
        statistic=statistic,
        df=df,
        p_value=2.0 * tail if two_sided else tail,
        log_p_value=log_tail + (np.log(2.0) if two_sided else 0.0),
        critical_value=critical,
        interval=_interval(contrast, alternative, reach, level),
        reason=contrast.reason,
    )


def _interval(contrast: Contrast, alternative: Alternative, reach: Array, alpha: Array) -> Interval:
    low, high = contrast.difference - reach, contrast.difference + reach
    if alternative == "greater":
        high = np.where(np.isnan(reach), np.nan, np.inf)
    elif alternative == "less":
        low = np.where(np.isnan(reach), np.nan, -np.inf)
    low, high, level = floats(low, high, 1.0 - alpha)
    return Interval(low, high, level, Provenance("absolute", contrast.method, contrast.adjustment))
