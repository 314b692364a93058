"""The uplift of the treatment relative to the control, (m_b − m_a) / |m_a|, and its interval.

What belongs here: Fieller's interval (the default), the log-ratio and the delta method. What does
not: the test, which is the absolute one (``difference``): an uplift of 0 is a difference of 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ab_assets.stats.arrays import Array, Codes, Flags, floats, quiet
from ab_assets.stats.intervals import Interval, Provenance, Validity
from ab_assets.stats.reasons import Reason, either, first_reason, only_where_valid

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ab_assets.stats.contrast import Contrast


@dataclass(frozen=True, slots=True)
class UpliftInterval:
    """Relative uplift with its confidence set.

    Attributes:
        uplift: (treatment − control) / |control|; given whenever the control mean is not 0.
        interval: the confidence set, or its hull (−inf, inf) where the set is unbounded.
        bounded: whether the set is an interval. It is not when the control mean itself cannot be
            told from 0: then no finite uplift can be excluded for sure, and saying so is the
            answer.
        gap_low: lower end of what an unbounded set leaves out; NaN where it leaves nothing out.
        gap_high: upper end of it.
        reason: why the interval is NaN.
    """

    uplift: Array
    interval: Interval
    bounded: Flags
    gap_low: Array
    gap_high: Array
    reason: Codes

    @quiet
    def contains(self, uplift: ArrayLike) -> Flags:
        """Whether the confidence set holds this uplift (False where there is no set)."""
        value = np.asarray(uplift, np.float64)
        in_hull = (self.interval.low <= value) & (value <= self.interval.high)
        in_gap = (self.gap_low < value) & (value < self.gap_high)
        return np.asarray(in_hull & ~in_gap)


@quiet
def fieller(
    contrast: Contrast,
    critical_value: ArrayLike,
    alpha: ArrayLike = 0.05,
    *,
    validity: Validity = "fixed",
) -> UpliftInterval:
    """Fieller's confidence set of the uplift (Fieller 1954, JRSS B 16, 175–185).

    The set holds every u at which (m_b − m_a) − u·|m_a| is no further from 0 than
    ``critical_value`` standard errors: A·u² − 2B·u + C ≤ 0 with, in units of |m_a| and with s
    the sign of m_a, A = 1 − q²v_a, B = d + s·q²(v_a − c), C = d² − q²v. Solving for u and not for
    the ratio 1 + u keeps the digits of small uplifts, and makes C < 0, "0 is inside", the absolute
    test itself.

    Args:
        contrast: the two arms.
        critical_value: q; a t quantile, or the boundary of a confidence sequence.
        alpha: 1 − level, for the record.
        validity: what kind of q it is, for the record.

    Examples:
        >>> from ab_assets.stats.proportion import proportion_contrast
        >>> wide = fieller(proportion_contrast(20, 100, 30, 100), 1.97)
        >>> [round(float(end), 3) for end in (wide.interval.low, wide.uplift, wide.interval.high)]
        [-0.081, 0.5, 1.639]
    """
    uplift, reason = _uplift(contrast)
    size = np.abs(contrast.control.value)
    q2 = np.square(np.asarray(critical_value, np.float64))
    v_a, c = (term / size / size for term in (contrast.control.variance, contrast.covariance))
    a = 1.0 - q2 * v_a
    b = uplift + np.sign(contrast.control.value) * q2 * (v_a - c)
    constant = uplift**2 - q2 * (contrast.variance / size / size)
    low, high, bounded, gap_low, gap_high = _solution(a, b, constant)
    reason = either(reason, first_reason((np.isnan(low), Reason.NOT_FINITE)))
    low, high, gap_low, gap_high = only_where_valid(reason, low, high, gap_low, gap_high)
    provenance = Provenance("relative", "fieller", contrast.adjustment, validity=validity)
    low, high, level = floats(low, high, 1.0 - np.asarray(alpha, np.float64))
    return UpliftInterval(
        uplift=uplift,
        interval=Interval(low, high, level, provenance),
        bounded=bounded & np.isfinite(low),
        gap_low=gap_low,
        gap_high=gap_high,
        reason=reason,
    )


def _solution(a: Array, b: Array, c: Array) -> tuple[Array, Array, Flags, Array, Array]:
    """The set A·u² − 2B·u + C ≤ 0: an interval (A > 0), two rays, or the line."""
    discriminant = b * b - a * c
    # The root of larger size first; the other from the product of the roots, without cancellation.
    far = b + np.copysign(np.sqrt(np.maximum(discriminant, 0.0)), b)
    one, other = far / a, c / far
    other = np.where(far == 0, 0.0, other) if (far == 0).any() else other
    low, high = np.minimum(one, other), np.maximum(one, other)
    bounded, gap = a > 0, np.full_like(low, np.nan)
    if bounded.all():
        return low, high, bounded, gap, gap
    unbounded = a <= 0
    rays = unbounded & (discriminant > 0)
    gap_low, gap_high = np.where(rays, low, np.nan), np.where(rays, high, np.nan)
    low, high = np.where(unbounded, -np.inf, low), np.where(unbounded, np.inf, high)
    return low, high, bounded, gap_low, gap_high


@quiet
def log_ratio(
    contrast: Contrast, critical_value: ArrayLike, alpha: ArrayLike = 0.05
) -> UpliftInterval:
    """Interval from log(m_b/m_a) (Katz et al. 1978, Biometrics 34): where both means are positive.

    Conservative where the control mean is noisy; Fieller is not.

    >>> from ab_assets.stats.proportion import proportion_contrast
    >>> wide = log_ratio(proportion_contrast(20, 100, 30, 100), 1.97)
    >>> [round(float(end), 3) for end in (wide.interval.low, wide.uplift, wide.interval.high)]
    [-0.089, 0.5, 1.469]
    """
    _, reason = _uplift(contrast)
    a, b = contrast.control, contrast.treatment
    negative = first_reason(((a.value <= 0) | (b.value <= 0), Reason.NOT_POSITIVE))
    reason = either(reason, negative)
    variance = (
        a.variance / a.value**2
        + b.variance / b.value**2
        - 2.0 * contrast.covariance / (a.value * b.value)
    )
    reach = np.asarray(critical_value) * np.sqrt(variance)
    centre = np.log(b.value / a.value)
    ends = np.expm1(centre - reach), np.expm1(centre + reach)
    return _simple(contrast, ends, alpha, reason=reason, method="log-ratio")


@quiet
def delta(contrast: Contrast, critical_value: ArrayLike, alpha: ArrayLike = 0.05) -> UpliftInterval:
    """Interval from the first-order variance of the ratio; for comparison with other tools only.

    Where the control mean is noisy it misses on one side, and it can disagree with the absolute
    test.

    >>> from ab_assets.stats.proportion import proportion_contrast
    >>> wide = delta(proportion_contrast(20, 100, 30, 100), 1.97)
    >>> [round(float(end), 3) for end in (wide.interval.low, wide.uplift, wide.interval.high)]
    [-0.247, 0.5, 1.247]
    """
    uplift, reason = _uplift(contrast)
    reach = np.asarray(critical_value) * np.sqrt(delta_variance(contrast))
    return _simple(contrast, (uplift - reach, uplift + reach), alpha, reason=reason, method="delta")


@quiet
def delta_variance(contrast: Contrast) -> Array:
    """First-order variance of m_b/m_a: v_b/m_a² + v_a·m_b²/m_a⁴ − 2c·m_b/m_a³."""
    a, b = contrast.control, contrast.treatment
    ratio = b.value / a.value
    terms = b.variance + a.variance * ratio**2 - 2.0 * contrast.covariance * ratio
    return np.asarray(terms / a.value**2)


def _uplift(contrast: Contrast) -> tuple[Array, Codes]:
    zero = first_reason((contrast.control.value == 0, Reason.ZERO_CONTROL_MEAN))
    reason = either(contrast.reason, zero)
    uplift = np.where(
        contrast.control.value == 0,
        np.nan,
        contrast.difference / np.abs(contrast.control.value),
    )
    return uplift, reason


def _simple(
    contrast: Contrast,
    ends: tuple[Array, Array],
    alpha: ArrayLike,
    *,
    reason: Codes,
    method: str,
) -> UpliftInterval:
    uplift, _ = _uplift(contrast)
    low, high = only_where_valid(reason, *ends)
    low, high, level = floats(low, high, 1.0 - np.asarray(alpha, np.float64))
    nothing = np.full_like(low, np.nan)
    provenance = Provenance("relative", method, contrast.adjustment)
    interval = Interval(low, high, level, provenance)
    return UpliftInterval(uplift, interval, np.isfinite(low), nothing, nothing, reason)
