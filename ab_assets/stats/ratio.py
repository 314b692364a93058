"""A ratio of two sums per arm, e.g. rounds per session: Σy / Σx over the arm's units.

What belongs here: the delta method for such a ratio, as a linearisation that turns a ratio into a
mean, so that every method for means (adjustment, strata, sequences) holds for ratios too. What
does not: the test of two ratios.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ab_assets.stats.arrays import quiet, without_rounding_noise
from ab_assets.stats.contrast import ArmEstimate, Contrast, welch
from ab_assets.stats.mean import mean_arm
from ab_assets.stats.moments import Moments
from ab_assets.stats.reasons import Reason, either, first_reason

if TYPE_CHECKING:
    from ab_assets.stats.arrays import Array


@quiet
def linearised(
    moments: Moments, *variables: int | tuple[int, int], around: Array | None = None
) -> Moments:
    """Moments of chosen variables, pairs being ratios (Deng, Knoblich & Lu 2018, KDD, §2).

    To first order a unit adds (y − R·x) / mean(x) to the ratio R = Σy/Σx: a mean of these values
    has the ratio's variance, and their products its covariances.

    Args:
        moments: of the raw variables.
        variables: an index for a variable as it is, a pair for a ratio.
        around: means to expand the ratios at, if not the moments' own (a stratum's units add to the
            ratio of the whole arm).

    Examples:
        >>> linearised(Moments.of([[1.0, 2.0], [3.0, 2.0]]), (0, 1)).mean.tolist()
        [1.0]
    """
    mean = moments.mean if around is None else np.broadcast_to(around, moments.mean.shape)
    weights = np.zeros((*mean.shape[:-1], len(variables), mean.shape[-1]))
    values = []
    for row, variable in enumerate(variables):
        if isinstance(variable, tuple):
            numerator, denominator = variable
            ratio = mean[..., numerator] / mean[..., denominator]
            weights[..., row, numerator] = 1.0 / mean[..., denominator]
            weights[..., row, denominator] -= ratio / mean[..., denominator]
            away = moments.mean[..., numerator] - ratio * moments.mean[..., denominator]
            values.append(ratio if around is None else ratio + away / mean[..., denominator])
        else:
            weights[..., row, variable] = 1.0
            values.append(moments.mean[..., variable])
    scatter = _transformed(weights, moments.scatter)
    # A ratio that is the same for every unit must vary by exactly 0.
    scale = _transformed(np.abs(weights), np.abs(moments.scatter))
    return Moments(moments.n, np.stack(values, axis=-1), without_rounding_noise(scatter, scale))


@quiet
def ratio_arm(moments: Moments, numerator: int = 0, denominator: int = 1) -> ArmEstimate:
    """The arm's ratio with its delta-method variance (Deng, Knoblich & Lu 2018, KDD, eq. 3).

    Var(M/D) ≈ [s²_M/D² − 2·M·s_MD/D³ + M²·s²_D/D⁴] / n.

    >>> ratio_arm(Moments.of([[1.0, 2.0], [3.0, 2.0]])).variance.item()
    0.25
    """
    arm = mean_arm(linearised(moments, (numerator, denominator)))
    zero = first_reason(
        ((moments.mean[..., denominator] == 0) & (moments.n > 0), Reason.ZERO_DENOMINATOR)
    )
    return ArmEstimate(arm.n, arm.value, arm.variance, arm.df, either(zero, arm.reason))


def ratio_contrast(
    control: Moments, treatment: Moments, numerator: int = 0, denominator: int = 1
) -> Contrast:
    """Two ratios compared by Welch's convention on their linearised units.

    >>> arm = Moments.of([[1.0, 2.0], [3.0, 2.0]])
    >>> ratio_contrast(arm, arm).difference.item()
    0.0
    """
    return welch(
        ratio_arm(control, numerator, denominator), ratio_arm(treatment, numerator, denominator)
    )


def _transformed(weights: Array, scatter: Array) -> Array:
    return np.asarray(weights @ scatter @ np.swapaxes(weights, -1, -2))
