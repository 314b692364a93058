"""Whether a score ranks units by how much the treatment does to them.

What belongs here: uplift and Qini curves with their areas, from units binned by score. What does
not: the score itself (``conditional_effects`` makes one).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ab_assets.stats import normal
from ab_assets.stats.arrays import Array, Codes, quiet
from ab_assets.stats.reasons import Reason, first_reason, only_where_valid

if TYPE_CHECKING:
    from ab_assets.stats.moments import Moments


@dataclass(frozen=True, slots=True)
class UpliftCurve:
    """Cumulative effect when units are treated in the order of the score.

    Attributes:
        fraction: share of all units in the bins so far, ``(..., bins)``.
        uplift: (Y_t/N_t − Y_c/N_c)·(N_t + N_c) of the units so far.
        qini: Y_t − Y_c·N_t/N_c of the units so far.
        auuc: area under the uplift curve above the straight line of a random order.
        qini_area: the same for the Qini curve.
        qini_error: standard error of ``qini_area``.
        p_value: one-sided, that the score ranks better than chance.
        reason: why the error and the p-value are NaN; the areas are facts and stay where they
            exist.
    """

    fraction: Array
    uplift: Array
    qini: Array
    auuc: Array
    qini_area: Array
    qini_error: Array
    p_value: Array
    reason: Codes


@quiet
def uplift_curve(control: Moments, treatment: Moments) -> UpliftCurve:
    """Uplift and Qini curves over bins of a score, best first (Radcliffe 2007, Direct Marketing).

    Areas are by the trapezoid rule over the share of units, as by scikit-uplift. The Qini area is
    linear in the bins' sums, so its variance follows from theirs, the bins being disjoint.

    Args:
        control: moments of the outcome per bin, ``(..., bins)``; bins in falling order of the
            score.
        treatment: the same of the treatment.

    Examples:
        >>> from ab_assets.stats.moments import Moments
        >>> control = Moments.from_sums([50, 50], [[5.0], [5.0]], [[5.0], [5.0]])
        >>> treatment = Moments.from_sums([50, 50], [[25.0], [5.0]], [[25.0], [5.0]])
        >>> curve = uplift_curve(control, treatment)
        >>> curve.qini.tolist(), float(curve.qini_area)
        ([20.0, 20.0], 5.0)
    """
    n_c, n_t = np.cumsum(control.n, axis=-1), np.cumsum(treatment.n, axis=-1)
    y_c, y_t = (np.cumsum(_totals(arm), axis=-1) for arm in (control, treatment))
    reached = n_c + n_t
    fraction = reached / reached[..., -1:]
    ratio = np.where(n_c > 0, n_t / n_c, 0.0)
    qini = y_t - y_c * ratio
    both = (n_c > 0) & (n_t > 0)
    uplift = np.where(both, (y_t / n_t - y_c / n_c) * reached, 0.0)
    # Weight of each bin's end in the trapezoid area, less its share in the random line's triangle.
    steps = np.diff(fraction, axis=-1, prepend=0.0)
    weight = (steps + np.concatenate([steps[..., 1:], np.zeros_like(steps[..., :1])], axis=-1)) / 2
    weight[..., -1] -= 0.5
    spread = _suffix(weight) ** 2 * _noise(treatment)
    spread = spread + _suffix(weight * ratio) ** 2 * _noise(control)
    area, error = (weight * qini).sum(axis=-1), np.sqrt(spread.sum(axis=-1))
    reason = first_reason(
        (~np.isfinite(reached[..., -1] + y_c[..., -1] + y_t[..., -1]), Reason.NOT_FINITE),
        (~both[..., -1], Reason.NO_UNITS),
        (~(error > 0), Reason.ZERO_VARIANCE),
    )
    (error,) = only_where_valid(reason, error)
    return UpliftCurve(
        fraction=fraction,
        uplift=uplift,
        qini=qini,
        auuc=(weight * uplift).sum(axis=-1),
        qini_area=area,
        qini_error=error,
        p_value=normal.cumulative(-area / error),
        reason=reason,
    )


@quiet
def qini_coefficient(control: Moments, treatment: Moments) -> Array:
    """Qini area as a share of a perfect ranking's (Radcliffe 2007), for outcomes that are 0 or 1.

    Perfect is: all treated responders first, all control responders last.

    >>> from ab_assets.stats.moments import Moments
    >>> control = Moments.from_sums([50, 50], [[5.0], [5.0]], [[5.0], [5.0]])
    >>> treatment = Moments.from_sums([50, 50], [[25.0], [5.0]], [[25.0], [5.0]])
    >>> float(qini_coefficient(control, treatment)).__round__(4)
    0.2857
    """
    n_c, n_t = control.n.sum(axis=-1), treatment.n.sum(axis=-1)
    y_c, y_t = _totals(control).sum(axis=-1), _totals(treatment).sum(axis=-1)
    # Qini of the perfect order after its three blocks; the first has no control units.
    heights = np.stack([y_t, y_t, y_t - y_c * n_t / n_c], axis=-1)
    ends = np.stack([y_t, y_t + (n_t - y_t) + (n_c - y_c), n_t + n_c], axis=-1)
    steps = np.diff(ends / (n_t + n_c)[..., None], axis=-1, prepend=0.0)
    before = np.concatenate([np.zeros_like(heights[..., :1]), heights[..., :-1]], axis=-1)
    perfect = (steps * (heights + before) / 2.0).sum(axis=-1) - heights[..., -1] / 2.0
    return np.asarray(uplift_curve(control, treatment).qini_area / perfect)


def _totals(arm: Moments) -> Array:
    return np.where(arm.n > 0, arm.n * arm.mean[..., 0], 0.0)


def _noise(arm: Moments) -> Array:
    """Variance of a bin's total; a bin of one unit or none counts as without noise."""
    return np.where(arm.n > 1, arm.n * arm.variance(), 0.0)


def _suffix(values: Array) -> Array:
    return np.cumsum(values[..., ::-1], axis=-1)[..., ::-1]
