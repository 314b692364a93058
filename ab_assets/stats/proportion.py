"""The share of an arm's units that did something.

What belongs here: a proportion as an arm's estimate, from counts. What does not: exact methods for
small counts (``small_counts``) and the beta–binomial posterior (``beta_binomial``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ab_assets.stats.arrays import Codes, floats, quiet
from ab_assets.stats.contrast import ArmEstimate, Contrast, arm_estimate, welch, z_test
from ab_assets.stats.reasons import Reason, either, first_reason

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@quiet
def proportion_arm(successes: ArrayLike, n: ArrayLike, *, ddof: int = 1) -> ArmEstimate:
    """The arm's proportion, with the variance of a mean of 0s and 1s.

    Args:
        successes: units that did it.
        n: all units.
        ddof: 1 for p(1−p)/(n−1), the mean's own convention; 0 for the maximum-likelihood p(1−p)/n.

    Examples:
        >>> proportion_arm(5, 10, ddof=0).variance.item()
        0.025
    """
    count, units = floats(successes, n)
    share = count / units
    arm = arm_estimate(units, share, share * (1.0 - share) / (units - ddof))
    problem = either(count_problem(count, units), arm.reason)
    return ArmEstimate(arm.n, arm.value, arm.variance, arm.df, problem)


def proportion_contrast(
    control: ArrayLike, control_n: ArrayLike, treatment: ArrayLike, treatment_n: ArrayLike
) -> Contrast:
    """Two proportions as means of 0s and 1s, by Welch's convention.

    >>> round(proportion_contrast(8502, 44700, 8279, 45489).difference.item(), 7)
    -0.0082013
    """
    return welch(proportion_arm(control, control_n), proportion_arm(treatment, treatment_n))


def proportion_z_contrast(
    control: ArrayLike, control_n: ArrayLike, treatment: ArrayLike, treatment_n: ArrayLike
) -> Contrast:
    """Two proportions by the unpooled z convention (Wald; Agresti 2013, §3.1.1).

    >>> proportion_z_contrast(50, 100, 60, 100).variance.item().__round__(6)
    0.0049
    """
    return z_test(
        proportion_arm(control, control_n, ddof=0), proportion_arm(treatment, treatment_n, ddof=0)
    )


@quiet
def count_problem(count: ArrayLike, total: ArrayLike) -> Codes:
    """Which pairs are no whole count out of a total.

    >>> count_problem([3, 5], [4, 4]).tolist()
    [0, 11]
    """
    part, whole = floats(count, total)
    broken = (part < 0) | (part > whole) | (part != np.floor(part)) | (whole != np.floor(whole))
    return first_reason((broken, Reason.NOT_A_COUNT))
