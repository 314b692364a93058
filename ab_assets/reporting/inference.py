"""Every comparison of a report, by kind of estimator, each kind in one vectorised call.

What belongs here: choosing the estimator of a metric and gathering its results. What does not: the
estimators (:mod:`ab_assets.stats`) and the columns of the report (:mod:`ab_assets.reporting.rows`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from ab_assets.modules.engine import Engine
from ab_assets.modules.model import Direction, Metric, MetricType
from ab_assets.reporting.arms import Arm
from ab_assets.reporting.sums import Floats, Places, Sums
from ab_assets.stats.always_valid import SequentialPlan, SequentialTest, always_valid_test
from ab_assets.stats.beta_difference import beta_difference_posterior
from ab_assets.stats.comparison import Comparison, compare
from ab_assets.stats.contrast import Contrast
from ab_assets.stats.cuped import (
    Adjusted,
    adjusted_or_plain,
    cuped_mean_contrast,
    cuped_ratio_contrast,
)
from ab_assets.stats.mean import mean_contrast
from ab_assets.stats.moments import Moments
from ab_assets.stats.posterior import FLAT, NormalPrior
from ab_assets.stats.ratio import ratio_contrast
from ab_assets.stats.small_counts import SmallCounts, with_small_counts

Flags = NDArray[np.bool_]
Codes = NDArray[np.int8]


class Estimator(Enum):
    """How two arms are compared."""

    MEAN = "mean"
    ADJUSTED_MEAN = "adjusted mean"
    SHARE = "share"
    ADJUSTED_SHARE = "adjusted share"
    RATIO = "ratio"
    ADJUSTED_RATIO = "adjusted ratio"

    @property
    def wants_adjustment(self) -> bool:
        """Whether the metric asks for CUPED."""
        return self.value.startswith("adjusted")

    @property
    def is_ratio(self) -> bool:
        """Whether it is one sum over another."""
        return self in {Estimator.RATIO, Estimator.ADJUSTED_RATIO}


@dataclass(frozen=True, slots=True)
class InferredGroup:
    """Results of all comparisons of one estimator, in the order of ``places``.

    Attributes:
        places: Position of each in the list of arms.
        control: Moments of each control: outcomes, then covariates.
        treatment: Moments of each arm itself.
        plain: The unadjusted contrast: what mean and stddev are shown from.
        comparison: The result.
        sequential: What may be read every day.
        adjusted: Where CUPED was used.
        adjustment_reason: Why it was not, where the metric asks for it.
        theta: CUPED's coefficient, NaN without.
        exact: Where small counts called for exact methods.
    """

    estimator: Estimator
    places: Places
    control: Moments
    treatment: Moments
    plain: Contrast
    comparison: Comparison
    sequential: SequentialTest
    adjusted: Flags
    adjustment_reason: Codes
    theta: Floats
    variance_reduction: Floats
    exact: Flags


def estimator_of(metric: Metric) -> Estimator:
    """The estimator of a metric."""
    adjusted = metric.cuped is not None
    if metric.type is MetricType.RATIO:
        return Estimator.ADJUSTED_RATIO if adjusted else Estimator.RATIO
    if metric.type in {MetricType.PROPORTION, MetricType.RETENTION}:
        return Estimator.ADJUSTED_SHARE if adjusted else Estimator.SHARE
    return Estimator.ADJUSTED_MEAN if adjusted else Estimator.MEAN


def infer(arms: Sequence[Arm], sums: Sums, engine: Engine) -> list[InferredGroup]:
    """Compares every arm with its control.

    The control is compared with itself, for its own mean and stddev.
    """
    groups: dict[Estimator, list[int]] = {}
    for place, arm in enumerate(arms):
        groups.setdefault(estimator_of(arm.metric), []).append(place)
    return [
        _infer_group(estimator, np.asarray(places, np.intp), arms, sums, engine)
        for estimator, places in groups.items()
    ]


def with_exact_answers(comparison: Comparison, control: Moments, treatment: Moments) -> SmallCounts:
    """A comparison of shares with exact answers where counts are small."""
    return with_small_counts(
        comparison, _successes(control), control.n, _successes(treatment), treatment.n
    )


def _successes(moments: Moments) -> Floats:
    """Units with a 1, exactly: their share was computed around a shift."""
    return np.asarray(np.round(np.nan_to_num(moments.mean[:, 0]) * moments.n))


def _infer_group(
    estimator: Estimator, places: Places, arms: Sequence[Arm], sums: Sums, engine: Engine
) -> InferredGroup:
    chosen = [arms[place] for place in places]
    control, treatment = _moments(chosen, sums)
    plain = (ratio_contrast if estimator.is_ratio else mean_contrast)(control, treatment)
    adjusted = _adjusted(estimator, control, treatment, plain)
    planned = [engine.planned_units or arm.item.planned_units for arm in chosen]
    higher_is_better = np.asarray([arm.metric.direction is Direction.UP for arm in chosen])
    comparison = compare(
        adjusted.contrast,
        engine.alpha,
        prior=_prior(engine),
        higher_is_better=higher_is_better,
    )
    plan = SequentialPlan(np.asarray(planned, np.float64))
    exact = np.zeros(len(chosen), np.bool_)
    if estimator is Estimator.SHARE:
        small = with_exact_answers(comparison, control, treatment)
        comparison, exact = small.comparison, small.exact
        compared = np.asarray([not arm.is_control for arm in chosen])
        if engine.prior.deviation is None:
            posterior = beta_difference_posterior(
                _successes(control),
                _somebody(control.n),
                _successes(treatment),
                np.where(compared, _somebody(treatment.n), np.nan),
                alpha=engine.alpha,
                higher_is_better=higher_is_better,
            )
            comparison = replace(comparison, posterior=posterior)
    return InferredGroup(
        estimator=estimator,
        places=places,
        control=control,
        treatment=treatment,
        plain=plain,
        comparison=comparison,
        sequential=always_valid_test(adjusted.contrast, plan, engine.alpha),
        adjusted=adjusted.used,
        adjustment_reason=adjusted.reason,
        theta=adjusted.theta,
        variance_reduction=adjusted.variance_reduction,
        exact=exact,
    )


def _somebody(units: Floats) -> Floats:
    """The units of an arm, NaN where it has nobody: a posterior would be the prior alone."""
    return np.where(units > 0, units, np.nan)


def _moments(arms: Sequence[Arm], sums: Sums) -> tuple[Moments, Moments]:
    """Of each arm's control and of the arm itself."""
    eligibility = np.asarray([arm.variables.eligibility for arm in arms], np.intp)
    variables = np.asarray([arm.variables.positions for arm in arms], np.intp)
    control = np.asarray([arm.control_row for arm in arms], np.intp)
    treatment = np.asarray([arm.row for arm in arms], np.intp)
    return (
        sums.moments(control, eligibility, variables),
        sums.moments(treatment, eligibility, variables),
    )


def _prior(engine: Engine) -> NormalPrior:
    if engine.prior.deviation is None:
        return FLAT
    return NormalPrior(engine.prior.mean, engine.prior.deviation, engine.prior.scale)


@dataclass(frozen=True, slots=True)
class _Adjustment:
    contrast: Contrast
    used: Flags
    reason: Codes
    theta: Floats
    variance_reduction: Floats


def _adjusted(
    estimator: Estimator, control: Moments, treatment: Moments, plain: Contrast
) -> _Adjustment:
    if not estimator.wants_adjustment:
        shape = plain.variance.shape
        nothing = np.full(shape, np.nan)
        reason = np.zeros(shape, np.int8)
        return _Adjustment(plain, np.zeros(shape, np.bool_), reason, nothing, nothing)
    adjust = cuped_ratio_contrast if estimator.is_ratio else cuped_mean_contrast
    adjustment: Adjusted = adjust(control, treatment)
    contrast, used = adjusted_or_plain(adjustment, plain)
    return _Adjustment(
        contrast,
        used,
        np.asarray(adjustment.contrast.reason, np.int8),
        np.where(used, adjustment.theta, np.nan),
        np.where(used, adjustment.variance_reduction, np.nan),
    )
