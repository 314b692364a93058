"""A ratio of two sums per arm, e.g. rounds per session: Σy / Σx over the arm's units.

What belongs here: the delta method for such a ratio, and its linearisation, which adjustment and
sequential methods reuse. What does not: the test of two ratios.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ab_assets.stats.arrays import Array, quiet, without_rounding_noise
from ab_assets.stats.contrast import ArmEstimate, Contrast, arm_estimate, welch
from ab_assets.stats.reasons import Reason, either, first_reason

if TYPE_CHECKING:
    from ab_assets.stats.moments import Moments


@quiet
def ratio_gradient(moments: Moments, numerator: int, denominator: int) -> tuple[Array, Array]:
    """The ratio of means M/D and its gradient over all variables: 1/D, −M/D², 0 elsewhere.

    A unit's linearised value is the gradient times its deviations, so the variance and every
    covariance of the ratio are quadratic forms in the arm's covariance matrix.

    >>> from ab_assets.stats.moments import Moments
    >>> ratio_gradient(Moments.of([[1.0, 2.0], [3.0, 2.0]]), 0, 1)[1].tolist()
    [0.5, -0.5]
    """
    below = moments.mean[..., denominator]
    ratio = moments.mean[..., numerator] / below
    gradient = np.zeros_like(moments.mean)
    gradient[..., numerator] = 1.0 / below
    gradient[..., denominator] = -ratio / below
    return ratio, gradient


@quiet
def quadratic_form(left: Array, matrix: Array, right: Array) -> Array:
    """left'·matrix·right, exactly 0 where only rounding is left of it."""
    value = np.einsum("...i,...ij,...j->...", left, matrix, right)
    scale = np.einsum("...i,...ij,...j->...", np.abs(left), np.abs(matrix), np.abs(right))
    return without_rounding_noise(value, scale)


@quiet
def ratio_arm(moments: Moments, numerator: int = 0, denominator: int = 1) -> ArmEstimate:
    """The arm's ratio with its delta-method variance (Deng, Knoblich & Lu 2018, KDD, eq. 3).

    Var(M/D) ≈ [s²_M/D² − 2·M·s_MD/D³ + M²·s²_D/D⁴] / n.

    >>> from ab_assets.stats.moments import Moments
    >>> ratio_arm(Moments.of([[1.0, 2.0], [3.0, 2.0]])).variance.item()
    0.25
    """
    ratio, gradient = ratio_gradient(moments, numerator, denominator)
    variance = quadratic_form(gradient, moments.covariance, gradient) / moments.n
    arm = arm_estimate(moments.n, ratio, variance)
    zero = first_reason(
        ((moments.mean[..., denominator] == 0) & (moments.n > 0), Reason.ZERO_DENOMINATOR)
    )
    return ArmEstimate(arm.n, arm.value, arm.variance, arm.df, either(zero, arm.reason))


def ratio_contrast(
    control: Moments, treatment: Moments, numerator: int = 0, denominator: int = 1
) -> Contrast:
    """Two ratios compared by Welch's convention on their linearised units.

    >>> from ab_assets.stats.moments import Moments
    >>> arm = Moments.of([[1.0, 2.0], [3.0, 2.0]])
    >>> ratio_contrast(arm, arm).difference.item()
    0.0
    """
    return welch(
        ratio_arm(control, numerator, denominator), ratio_arm(treatment, numerator, denominator)
    )
