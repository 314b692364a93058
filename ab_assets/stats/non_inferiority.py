"""Whether the treatment is not worse, or not different, by more than a margin.

What belongs here: one-sided tests against a margin (absolute and relative) and equivalence. What
does not: choosing the margin.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ab_assets.stats.arrays import Array, Codes, Flags, quiet
from ab_assets.stats.contrast import Contrast, contrast_of
from ab_assets.stats.difference import difference_test
from ab_assets.stats.reasons import Reason, either, first_reason

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class MarginTest:
    """A test against one margin or two.

    Attributes:
        statistic: distance from the margin in standard errors, positive on the good side.
        p_value: small when the treatment is on the good side for sure.
        log_p_value: its logarithm.
        passed: p_value ≤ α.
        reason: why it is NaN (then not passed).
    """

    statistic: Array
    p_value: Array
    log_p_value: Array
    passed: Flags
    reason: Codes


@quiet
def non_inferiority(
    contrast: Contrast,
    margin: ArrayLike,
    alpha: ArrayLike = 0.05,
    *,
    higher_is_better: ArrayLike = True,
) -> MarginTest:
    """One-sided test that the treatment is worse by less than ``margin`` (Wellek 2010, §2.1).

    Args:
        contrast: the two arms.
        margin: largest harm accepted, absolute, not negative.
        alpha: one-sided level.
        higher_is_better: False where a rise is the harm.

    Examples:
        >>> from ab_assets.stats.proportion import proportion_contrast
        >>> bool(non_inferiority(proportion_contrast(500, 1000, 495, 1000), 0.05).passed)
        True
    """
    # Turned so that a rise is good: the test is then "greater than −margin".
    sign = np.where(np.asarray(higher_is_better, np.bool_), 1.0, -1.0)
    turned = replace(
        contrast,
        control=replace(contrast.control, value=sign * contrast.control.value),
        treatment=replace(contrast.treatment, value=sign * contrast.treatment.value),
    )
    test = difference_test(turned, null=-np.asarray(margin, np.float64), alternative="greater")
    return _margin_test(test.statistic, test.log_p_value, alpha, test.reason)


@quiet
def relative_non_inferiority(
    contrast: Contrast,
    margin: ArrayLike,
    alpha: ArrayLike = 0.05,
    *,
    higher_is_better: ArrayLike = True,
) -> MarginTest:
    """The same with a margin that is a share of |control mean|, the control's noise included.

    T = (m_b − (1 + θ)·m_a) / √(v_b + (1 + θ)²·v_a − 2(1 + θ)·c) with θ = ∓margin: Fieller's test of
    that uplift, not a margin computed from a mean that is itself estimated.

    Args:
        contrast: the two arms.
        margin: largest harm accepted, e.g. 0.02 for 2 %.
        alpha: one-sided level.
        higher_is_better: False where a rise is the harm.

    Examples:
        >>> from ab_assets.stats.proportion import proportion_contrast
        >>> bool(relative_non_inferiority(proportion_contrast(500, 1000, 495, 1000), 0.1).passed)
        True
    """
    a, b = contrast.control, contrast.treatment
    sign = np.where(np.asarray(higher_is_better, np.bool_), 1.0, -1.0) * np.sign(a.value)
    factor = 1.0 - sign * np.asarray(margin, np.float64)
    harm_free = replace(a, value=factor * a.value, variance=factor**2 * a.variance)
    # v_b + f²·v_a − 2f·c, written over the variance of the difference so that f = 1 gives it back.
    change = factor - 1.0
    variance = (
        contrast.variance
        + 2.0 * change * (a.variance - contrast.covariance)
        + change**2 * a.variance
    )
    zero = first_reason((a.value == 0, Reason.ZERO_CONTROL_MEAN))
    scaled = contrast_of(
        harm_free,
        b,
        covariance=factor * contrast.covariance,
        variance=variance,
        df=contrast.df,
        reason=either(contrast.reason, zero),
        method=contrast.method,
        adjustment=contrast.adjustment,
    )
    return non_inferiority(scaled, 0.0, alpha, higher_is_better=higher_is_better)


@quiet
def equivalence(
    contrast: Contrast, low: ArrayLike, high: ArrayLike, alpha: ArrayLike = 0.05
) -> MarginTest:
    """Two one-sided tests that low < difference < high (Schuirmann 1987, J. Pharmacokinet. 15).

    Args:
        contrast: the two arms.
        low: lower margin of the difference.
        high: upper margin.
        alpha: level of each test, and of both together.

    Examples:
        >>> from ab_assets.stats.proportion import proportion_contrast
        >>> bool(equivalence(proportion_contrast(500, 1000, 495, 1000), -0.05, 0.05).passed)
        True
    """
    above = difference_test(contrast, null=low, alternative="greater")
    below = difference_test(contrast, null=high, alternative="less")
    return _margin_test(
        np.minimum(above.statistic, -below.statistic),
        np.maximum(above.log_p_value, below.log_p_value),
        alpha,
        contrast.reason,
    )


def _margin_test(statistic: Array, log_p: Array, alpha: ArrayLike, reason: Codes) -> MarginTest:
    p_value = np.exp(log_p)
    passed = np.asarray(p_value <= np.asarray(alpha, np.float64))
    return MarginTest(statistic, p_value, log_p, passed, reason)
