"""The mean of a metric over all units of an arm.

What belongs here: a mean as an arm's estimate. What does not: the test of two means (``contrast``,
``difference``) and adjusted means (``cuped``, ``regression``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ab_assets.stats.arrays import quiet
from ab_assets.stats.contrast import ArmEstimate, Contrast, arm_estimate, welch

if TYPE_CHECKING:
    from ab_assets.stats.moments import Moments


@quiet
def mean_arm(moments: Moments, variable: int = 0) -> ArmEstimate:
    """The arm's mean, with variance s²/n (s² with n − 1).

    >>> from ab_assets.stats.moments import Moments
    >>> mean_arm(Moments.of([[1.0], [3.0]])).variance.item()
    1.0
    """
    variance = moments.variance(variable) / moments.n
    return arm_estimate(moments.n, moments.mean[..., variable], variance)


def mean_contrast(control: Moments, treatment: Moments, variable: int = 0) -> Contrast:
    """Two means compared by Welch's convention.

    >>> from ab_assets.stats.moments import Moments
    >>> mean_contrast(Moments.of([[1.0], [3.0]]), Moments.of([[2.0], [6.0]])).difference.item()
    2.0
    """
    return welch(mean_arm(control, variable), mean_arm(treatment, variable))
