"""Before exposure: arms that differed already, and covariates of units without a past.

What belongs here: both checks. What does not: adjusting by covariates.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan

from ab_assets.analysis.tag_day import ExperimentDay
from ab_assets.health.finding import Check, Finding, Status
from ab_assets.health.measure_sums import NO_UNITS, ArmSums, covariate_measures
from ab_assets.modules.health_limits import (
    DEFAULT_LIMITS,
    CovariateCoverageLimits,
    PreExposureLimits,
)
from ab_assets.stats.contrast import student
from ab_assets.stats.difference import difference_test
from ab_assets.stats.mean import mean_arm
from ab_assets.stats.pre_exposure import pre_exposure_bias

_NO_COVARIATE = "no metric of the experiment has a covariate"


@dataclass(frozen=True, slots=True)
class _Comparison:
    """One covariate of one arm beside the control's."""

    covariate: str
    key: str
    control: float
    mean: float
    p_value: float

    @property
    def told(self) -> str:
        return (
            f"{self.covariate} differed before exposure: {self.mean:.4g} in {self.key!r}, "
            f"{self.control:.4g} in the control (p = {self.p_value:.2g}"
        )


def check_pre_exposure_bias(
    item: ExperimentDay,
    arms: Mapping[str, ArmSums],
    limits: PreExposureLimits = DEFAULT_LIMITS.pre_exposure_bias,
) -> Finding:
    """Compares every covariate of every arm with the control's: before exposure none may differ.

    What is compared is the covariate's logarithm: in a small arm one heavy user would otherwise be
    taken for a difference of all.
    """
    check, key = Check.PRE_EXPOSURE_BIAS, item.experiment.id
    if not covariate_measures(item):
        return Finding(key, check, Status.PASS, _NO_COVARIATE)
    compared = _comparisons(item, arms, limits.minimum_units)
    if not compared:
        message = "too few units to compare covariates"
        return Finding(key, check, Status.PASS, message, threshold=limits.alpha)
    biased = pre_exposure_bias([one.p_value for one in compared], limits.alpha).tolist()
    bad = [one for one, is_biased in zip(compared, biased, strict=True) if is_biased]
    tests = len(compared)
    worst = min(compared, key=lambda one: one.p_value)
    means: dict[str, dict[str, float]] = {}
    for one in compared:
        means.setdefault(one.covariate, {item.control.key: one.control})[one.key] = one.mean
    more = f"; {len(bad) - 1} more do too" if len(bad) > 1 else ""
    return Finding(
        key,
        check,
        Status.FAIL if bad else Status.PASS,
        f"{worst.told}, {tests} tests){more}"
        if bad
        else f"no covariate differs between the arms ({tests} tests)",
        value=float(len(bad)),
        threshold=limits.alpha,
        p_value=min(worst.p_value * tests, 1.0),
        detail={
            "covariates": means,
            "p_values": {f"{one.covariate} of {one.key}": one.p_value for one in compared},
            "tests": tests,
        },
        distrust=f"pre-exposure bias in {worst.covariate}" if bad else "",
    )


def _comparisons(
    item: ExperimentDay, arms: Mapping[str, ArmSums], minimum_units: int
) -> list[_Comparison]:
    """Every comparison that has a p-value: units enough, and covariates that vary."""
    control = arms.get(item.control.key, NO_UNITS)
    found = []
    for covariate in covariate_measures(item):
        for key in item.weights:
            arm = arms.get(key, NO_UNITS)
            if key == item.control.key or _expected(control, arm, covariate) < minimum_units:
                continue
            # One variance for both: had the arms been drawn from the same units, they would share
            # it. An arm of few units must not be judged by the few it happens to have.
            pair = student(*(mean_arm(one.moments(covariate)) for one in (control, arm)))
            p_value = float(difference_test(pair).p_value)
            if not isnan(p_value):
                means = [one.covariate(covariate).total / one.units for one in (control, arm)]
                found.append(_Comparison(covariate, key, means[0], means[1], p_value))
    return found


def _expected(control: ArmSums, arm: ArmSums, covariate: str) -> float:
    """Units with some of a covariate that the smaller of two arms expects."""
    some = sum(one.covariate(covariate).some for one in (control, arm))
    units = control.units + arm.units
    return some * min(control.units, arm.units) / units if units else 0.0


def check_covariate_coverage(
    item: ExperimentDay,
    arms: Mapping[str, ArmSums],
    limits: CovariateCoverageLimits = DEFAULT_LIMITS.covariate_coverage,
) -> Finding:
    """Holds the share of units with any event before exposure to its limit.

    Covariates of units without a past are 0: adjusting by them adjusts by nothing, and where the
    events of those days are missing it is not known what would have been seen.
    """
    check, key = Check.COVARIATE_COVERAGE, item.experiment.id
    if not covariate_measures(item):
        return Finding(key, check, Status.PASS, _NO_COVARIATE)
    units = sum(arm.units for arm in arms.values())
    covered = sum(arm.with_past for arm in arms.values())
    share = covered / units if units else 0.0
    told = f"{covered:,} of {units:,} units ({share:.1%}) have an event before exposure"
    is_enough = units < max(limits.minimum_units, 1) or share >= limits.share
    if not all(arm.counted for arm in arms.values()):
        told, is_enough = "these rows were made before all events were counted", True
    return Finding(
        key,
        check,
        Status.PASS if is_enough else Status.WARN,
        told if is_enough else f"{told}: covariates say nothing about the others",
        value=share,
        threshold=limits.share,
        detail={
            "units": {name: arm.units for name, arm in arms.items()},
            "with_past": {name: arm.with_past for name, arm in arms.items()},
        },
        distrust="" if is_enough else "covariate coverage low",
    )
