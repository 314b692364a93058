"""Whether arms differ in how their units spread over categories.

What belongs here: chi-square and G tests of k arms by m categories. What does not: the sample ratio
(``sample_ratio``) and 2 × 2 tables with small counts (``fisher_exact``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import chdtrc, xlogy

from ab_assets.stats.arrays import Array, Codes, quiet
from ab_assets.stats.reasons import Reason, first_reason, only_where_valid

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class IndependenceTest:
    """Test that arms and categories are independent.

    Attributes:
        statistic: chi-square or G.
        df: (arms − 1)·(categories − 1), empty arms and categories not counted.
        p_value: upper tail of the chi-square distribution.
        expected: expected counts, ``(..., arms, categories)``.
        reason: why there is no p-value.
    """

    statistic: Array
    df: Array
    p_value: Array
    expected: Array
    reason: Codes


@quiet
def chi_square(counts: ArrayLike) -> IndependenceTest:
    """Pearson's chi-square, Σ(O − E)²/E, without continuity correction (Pearson 1900).

    Args:
        counts: units, ``(..., arms, categories)``.

    Examples:
        >>> float(chi_square([[10, 20], [20, 20]]).p_value).__round__(6)
        0.163187
    """
    observed, expected = _expected(counts)
    terms = np.where(expected > 0, (observed - expected) ** 2 / expected, 0.0)
    return _tested(observed, expected, terms.sum(axis=(-2, -1)))


@quiet
def g_test(counts: ArrayLike) -> IndependenceTest:
    """Likelihood-ratio test, G = 2·ΣO·log(O/E) (Wilks 1935; Woolf 1957).

    Args:
        counts: units, ``(..., arms, categories)``.

    Examples:
        >>> float(g_test([[10, 20], [20, 20]]).p_value).__round__(6)
        0.161032
    """
    observed, expected = _expected(counts)
    terms = np.where(expected > 0, xlogy(observed, observed / expected), 0.0)
    return _tested(observed, expected, 2.0 * terms.sum(axis=(-2, -1)))


def _expected(counts: ArrayLike) -> tuple[Array, Array]:
    observed = np.asarray(counts, np.float64)
    arms = observed.sum(axis=-1, keepdims=True)
    categories = observed.sum(axis=-2, keepdims=True)
    return observed, arms * categories / arms.sum(axis=-2, keepdims=True)


def _tested(observed: Array, expected: Array, statistic: Array) -> IndependenceTest:
    arms = (observed.sum(axis=-1) > 0).sum(axis=-1)
    categories = (observed.sum(axis=-2) > 0).sum(axis=-1)
    df = (arms - 1.0) * (categories - 1.0)
    reason = first_reason(
        (~np.isfinite(observed).all(axis=(-2, -1)), Reason.NOT_FINITE),
        ((observed < 0).any(axis=(-2, -1)), Reason.NOT_A_COUNT),
        (observed.sum(axis=(-2, -1)) == 0, Reason.NO_UNITS),
        (df <= 0, Reason.TOO_FEW_GROUPS),
    )
    p_value = np.asarray(chdtrc(np.maximum(df, 1.0), np.maximum(statistic, 0.0)))
    statistic, p_value = only_where_valid(reason, statistic, p_value)
    return IndependenceTest(statistic, df, p_value, expected, reason)
