"""What an experiment of a given size can see, and the size needed to see something.

What belongs here: power, detectable effect and units for a comparison of two arms. What does not:
days (``duration``), planned looks (``group_sequential``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ab_assets.stats import normal
from ab_assets.stats.always_valid import SequentialPlan, boundary, tuned_rho2
from ab_assets.stats.arrays import Array, floats, quiet
from ab_assets.stats.search import smallest_sufficient

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ab_assets.stats.contrast import Contrast

MOST_UNITS = 1e15


@dataclass(frozen=True, slots=True)
class Design:
    """A planned comparison; every field scalar or array.

    Attributes:
        mean: the control's mean (a proportion, a ratio), to which relative effects refer.
        control_variance: of one unit in the control (for a ratio: of its linearised value).
        treatment_variance: of one unit in the treatment.
        treatment_share: of both arms' units that are treated.
        variance_reduction: what an adjustment saves, as CUPED reports it.
        alpha: two-sided error rate; divide it by the number of tests where they are corrected.
        plan: plans for an always-valid test; its power is then that at the given size alone.
    """

    mean: ArrayLike
    control_variance: ArrayLike
    treatment_variance: ArrayLike
    treatment_share: ArrayLike = 0.5
    variance_reduction: ArrayLike = 0.0
    alpha: ArrayLike = 0.05
    plan: SequentialPlan | None = None

    @quiet
    def standard_error(self, units: ArrayLike) -> Array:
        """Of the difference, with this many units in both arms together."""
        n, share, control, treatment, saved = floats(
            units,
            self.treatment_share,
            self.control_variance,
            self.treatment_variance,
            self.variance_reduction,
        )
        unit_variance = control / (1.0 - share) + treatment / share
        return np.asarray(np.sqrt(unit_variance * (1.0 - saved) / n))

    @quiet
    def critical_value(self, units: ArrayLike) -> Array:
        """Standard errors an effect must exceed at this size."""
        alpha = np.asarray(self.alpha, np.float64)
        if self.plan is None:
            return -normal.quantile(alpha / 2.0)
        rho2 = tuned_rho2(alpha, self.plan.planned_units)
        return boundary(np.asarray(units, np.float64), rho2, alpha)


@quiet
def mean_design(mean: ArrayLike, stddev: ArrayLike, **options: ArrayLike) -> Design:
    """A mean, or a ratio with the standard deviation of its linearised units.

    Args:
        mean: of the control.
        stddev: of one unit.
        options: other fields of :class:`Design`.

    Examples:
        >>> float(power(mean_design(10.0, 5.0), 0.5, 1000)).__round__(4)
        0.3526
    """
    variance = np.square(np.asarray(stddev, np.float64))
    return Design(mean, variance, variance, **options)  # type: ignore[arg-type]


@quiet
def proportion_design(rate: ArrayLike, effect: ArrayLike = 0.0, **options: ArrayLike) -> Design:
    """A proportion; the treatment's variance is that at the rate it would have.

    Args:
        rate: of the control.
        effect: absolute change planned for, 0 to take the control's variance for both.
        options: other fields of :class:`Design`.

    Examples:
        >>> float(units_needed(proportion_design(0.10, 0.02), 0.02)).__round__()
        7677
    """
    p, change = floats(rate, effect)
    after = p + change
    return Design(p, p * (1.0 - p), after * (1.0 - after), **options)  # type: ignore[arg-type]


@quiet
def design_of(contrast: Contrast, alpha: ArrayLike = 0.05) -> Design:
    """The design of an observed comparison, continued: its variances (adjusted ones too) and split.

    >>> from ab_assets.stats.proportion import proportion_contrast
    >>> float(design_of(proportion_contrast(20, 100, 30, 200)).treatment_share).__round__(4)
    0.6667
    """
    a, b = contrast.control, contrast.treatment
    units = a.n + b.n
    # Scaled so that at the observed size the standard error is the observed one, adjustment
    # included.
    plain = a.variance + b.variance
    return Design(
        mean=a.value,
        control_variance=a.variance * a.n,
        treatment_variance=b.variance * b.n,
        treatment_share=b.n / units,
        variance_reduction=1.0 - contrast.variance / plain,
        alpha=alpha,
    )


@quiet
def power(design: Design, effect: ArrayLike, units: ArrayLike) -> Array:
    """Probability to find an absolute effect: Φ(d − q) + Φ(−d − q), d = effect / standard error.

    The normal limit of Cohen (1988), ch. 2; both tails are counted.

    Args:
        design: the comparison.
        effect: absolute; for a relative one multiply by the mean.
        units: in both arms together.

    Examples:
        >>> float(power(mean_design(10.0, 5.0), 0.0, 1000)).__round__(12)
        0.05
    """
    distance = np.abs(np.asarray(effect, np.float64)) / design.standard_error(units)
    critical = design.critical_value(units)
    return normal.cumulative(distance - critical) + normal.cumulative(-distance - critical)


@quiet
def detectable_effect(design: Design, units: ArrayLike, target: ArrayLike = 0.8) -> Array:
    """Smallest absolute effect found with the power asked for (MDE).

    Args:
        design: the comparison.
        units: in both arms together.
        target: power.

    Examples:
        >>> float(detectable_effect(mean_design(10.0, 5.0), 1000)).__round__(4)
        0.8859
    """
    error, critical, wanted = floats(
        design.standard_error(units), design.critical_value(units), target
    )
    reachable = np.isfinite(error) & (wanted > 0) & (wanted < 1)
    most = error * (critical + 40.0)
    effect = smallest_sufficient(
        lambda size: power(design, size, units) >= wanted, np.zeros_like(most), most
    )
    # A target at or below α needs no effect at all.
    return np.where(reachable, effect, np.nan)


@quiet
def relative_detectable_effect(design: Design, units: ArrayLike, target: ArrayLike = 0.8) -> Array:
    """The same as a share of |mean|; NaN for a mean of 0.

    >>> float(relative_detectable_effect(mean_design(10.0, 5.0), 1000)).__round__(4)
    0.0886
    """
    size = np.abs(np.asarray(design.mean, np.float64))
    return detectable_effect(design, units, target) / np.where(size > 0, size, np.nan)


@quiet
def units_needed(design: Design, effect: ArrayLike, target: ArrayLike = 0.8) -> Array:
    """Fewest units of both arms together that find an absolute effect; NaN where none do.

    Args:
        design: the comparison.
        effect: absolute.
        target: power.

    Examples:
        >>> float(units_needed(mean_design(10.0, 5.0), 0.5))
        3140.0
    """
    size, wanted, ceiling = floats(effect, target, MOST_UNITS)
    probe = power(design, size, ceiling)
    start = np.full(np.broadcast_shapes(probe.shape, wanted.shape), np.log(2.0))
    logarithm = smallest_sufficient(
        lambda log_n: power(design, size, np.exp(log_n)) >= wanted,
        start,
        np.full_like(start, np.log(MOST_UNITS)),
    )
    # Below 2^53 the bisection is closer than a thousandth of a unit; 1e-9 undoes its rounding up.
    units = np.ceil(np.exp(logarithm) * (1.0 - 1e-12))
    return np.where((probe >= wanted) & (wanted > 0), units, np.nan)
