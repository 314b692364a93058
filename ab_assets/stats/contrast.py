"""Two arms' estimates with their joint variance: the one form every metric type is brought into.

What belongs here: the records :class:`ArmEstimate` and :class:`Contrast`, and the conventions that
join two independent arms (Welch, Student, z). What does not: how a metric type is estimated (mean,
ratio, …), nor what is concluded from a contrast (difference, uplift, posterior, …).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ab_assets.stats.arrays import Array, Codes, floats, quiet
from ab_assets.stats.reasons import Reason, either, first_reason


@dataclass(frozen=True, slots=True)
class ArmEstimate:
    """One arm's estimate of a metric.

    Attributes:
        n: units behind it.
        value: the estimate (a mean, a ratio, a quantile, …).
        variance: variance of the estimate, not of a unit.
        df: degrees of freedom behind the variance.
        reason: why value or variance cannot be used.
    """

    n: Array
    value: Array
    variance: Array
    df: Array
    reason: Codes

    @property
    @quiet
    def stddev(self) -> Array:
        """Standard deviation of one unit's (linearised) value."""
        return np.sqrt(self.variance * self.n)


@dataclass(frozen=True, slots=True)
class Contrast:
    """Control and treatment, ready to be compared.

    Attributes:
        control: the control's estimate.
        treatment: the treatment's estimate.
        covariance: of the two estimates; 0 unless they were adjusted together.
        variance: variance of treatment minus control, from its own terms (not v_a + v_b − 2c, which
            cancels when an adjustment explains nearly everything).
        df: degrees of freedom of that variance; inf means normal.
        reason: why no inference is possible.
        method: the test this contrast leads to, e.g. ``welch-t``.
        adjustment: ``none``, ``cuped``, ``lin``, ``post-stratified``.
    """

    control: ArmEstimate
    treatment: ArmEstimate
    covariance: Array
    variance: Array
    df: Array
    reason: Codes
    method: str
    adjustment: str = "none"

    @property
    @quiet
    def difference(self) -> Array:
        """Treatment minus control."""
        return self.treatment.value - self.control.value


@quiet
def arm_estimate(n: Array, value: Array, variance: Array, df: Array | None = None) -> ArmEstimate:
    """An arm's estimate with the reason it cannot be used, if there is one."""
    n, value, variance = floats(n, value, variance)
    enough = n > 1
    reason = first_reason(
        (np.isnan(n), Reason.NOT_FINITE),
        (n <= 0, Reason.NO_UNITS),
        (~enough, Reason.TOO_FEW_UNITS),
        (~np.isfinite(n) | ~np.isfinite(value) | ~np.isfinite(variance), Reason.NOT_FINITE),
        (variance < 0, Reason.NEGATIVE_VARIANCE),
    )
    degrees = n - 1 if df is None else np.broadcast_to(df, n.shape)
    return ArmEstimate(n, value, variance, degrees, reason)


def contrast_of(
    control: ArmEstimate,
    treatment: ArmEstimate,
    *,
    variance: Array,
    df: Array,
    method: str,
    covariance: Array | None = None,
    adjustment: str = "none",
    reason: Codes | None = None,
) -> Contrast:
    """A contrast whose reason covers both arms, the extra ``reason`` given, and its variance."""
    variance, df = floats(variance, df)
    problem = first_reason(
        (~np.isfinite(variance), Reason.NOT_FINITE),
        (variance < 0, Reason.NEGATIVE_VARIANCE),
        (variance == 0, Reason.ZERO_VARIANCE),
        (np.isnan(df) | (df <= 0), Reason.TOO_FEW_UNITS),
    )
    given = () if reason is None else (reason,)
    return Contrast(
        control=control,
        treatment=treatment,
        covariance=np.zeros_like(variance) if covariance is None else covariance,
        variance=variance,
        df=df,
        reason=either(*given, control.reason, treatment.reason, problem),
        method=method,
        adjustment=adjustment,
    )


@quiet
def welch(control: ArmEstimate, treatment: ArmEstimate) -> Contrast:
    """Unequal variances, Satterthwaite's degrees of freedom (Welch 1947, Biometrika 34, 28–35).

    >>> from ab_assets.stats.moments import Moments
    >>> from ab_assets.stats.mean import mean_arm
    >>> arms = mean_arm(Moments.of([[1.0], [2.0]])), mean_arm(Moments.of([[5.0], [6.0]]))
    >>> float(welch(*arms).df)
    2.0
    """
    variance = control.variance + treatment.variance
    df = satterthwaite((control.variance, control.df), (treatment.variance, treatment.df))
    return contrast_of(control, treatment, variance=variance, df=df, method="welch-t")


@quiet
def student(control: ArmEstimate, treatment: ArmEstimate) -> Contrast:
    """One variance for both arms (Student 1908): only where arms are known to vary alike.

    >>> from ab_assets.stats.moments import Moments
    >>> from ab_assets.stats.mean import mean_arm
    >>> arms = mean_arm(Moments.of([[1.0], [2.0]])), mean_arm(Moments.of([[5.0], [6.0], [7.0]]))
    >>> float(student(*arms).df)
    3.0
    """
    df = control.df + treatment.df
    squares = (
        control.df * control.n * control.variance + treatment.df * treatment.n * treatment.variance
    )
    unit_variance = squares / df
    variance = unit_variance * (1.0 / control.n + 1.0 / treatment.n)
    pooled = (arm_estimate(arm.n, arm.value, unit_variance / arm.n) for arm in (control, treatment))
    return contrast_of(*pooled, variance=variance, df=df, method="student-t")


@quiet
def z_test(control: ArmEstimate, treatment: ArmEstimate) -> Contrast:
    """Unequal variances taken as known: the normal limit of Welch.

    >>> from ab_assets.stats.moments import Moments
    >>> from ab_assets.stats.mean import mean_arm
    >>> arms = mean_arm(Moments.of([[1.0], [2.0]])), mean_arm(Moments.of([[5.0], [6.0]]))
    >>> float(z_test(*arms).df)
    inf
    """
    variance = control.variance + treatment.variance
    return contrast_of(
        control, treatment, variance=variance, df=np.full_like(variance, np.inf), method="z"
    )


@quiet
def satterthwaite(*terms: tuple[Array, Array]) -> Array:
    """Degrees of freedom of a sum of independent variances (Satterthwaite 1946, Biometrics 2).

    Args:
        terms: (variance, its degrees of freedom) for each summand; a term of variance 0 adds
            nothing.

    Examples:
        >>> float(satterthwaite((np.array(1.0), np.array(9.0)), (np.array(0.0), np.array(0.0))))
        9.0
    """
    total = sum(variance for variance, _ in terms)
    # Shares, not squares: variances near 1e-200 would underflow, near 1e200 overflow.
    parts = [np.where(variance == 0, 0.0, (variance / total) ** 2 / df) for variance, df in terms]
    return np.asarray(1.0 / sum(parts))
