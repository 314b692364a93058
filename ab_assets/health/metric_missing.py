"""Metrics that are there in some arms only.

What belongs here: the check that no arm lacks what the others have. What does not: units without
any event at all (``event_join``).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from ab_assets.analysis.tag_day import ExperimentDay
from ab_assets.health.finding import Check, Finding, Status
from ab_assets.health.measure_sums import ArmSums, outcome_measures
from ab_assets.modules.health_limits import DEFAULT_LIMITS, MetricMissingLimits
from ab_assets.stats.fisher_exact import fisher_exact


@dataclass(frozen=True, slots=True)
class _Absence:
    """A measure that no unit of an arm has any of, though units of other arms do."""

    measure: str
    key: str
    units: int
    others_some: int
    others_units: int
    p_value: float


def measures_by_metric(item: ExperimentDay, ignore: Iterable[str]) -> dict[str, str]:
    """The first metric that is made of each measure, without the metrics to be ignored."""
    found: dict[str, str] = {}
    for name, metric in item.metrics.items():
        if name not in ignore:
            for measure in outcome_measures(metric):
                found.setdefault(measure, name)
    return found


def check_metric_missing(
    item: ExperimentDay,
    arms: Mapping[str, ArmSums],
    limits: MetricMissingLimits = DEFAULT_LIMITS.metric_missing,
) -> Finding:
    """Finds a measure that is nothing or 0 in every unit of an arm and not in the others.

    It must be improbable by chance: a rare event may well be seen in one arm alone.
    """
    measures = measures_by_metric(item, limits.ignore)
    tested = [name for name in measures if any(arm.some.get(name) for arm in arms.values())]
    tests = len(tested) * len(arms)
    absences = sorted(
        (found for name in tested for found in _absences(name, arms)),
        key=lambda found: found.p_value,
    )
    bad = [found for found in absences if found.p_value < limits.alpha / tests]
    detail = {
        "units": {key: arm.units for key, arm in arms.items()},
        "units_with_some": {
            name: {key: arm.some.get(name, 0) for key, arm in arms.items()} for name in measures
        },
        "tests": tests,
    }
    p_value = min(absences[0].p_value * tests, 1.0) if absences else None
    message = f"no arm lacks what the others have ({len(tested)} measures)"
    distrust = ""
    if bad:
        worst = bad[0]
        metric = measures[worst.measure]
        more = f"; also {', '.join(one.measure for one in bad[1:4])}" if len(bad) > 1 else ""
        message = (
            f"no unit of {worst.key!r} has any {worst.measure} (metric {metric}), while "
            f"{worst.others_some:,} of {worst.others_units:,} units of the other arms do{more}"
        )
        distrust = f"{metric} is missing or 0 in {worst.key!r}"
    return Finding(
        item.experiment.id,
        Check.METRIC_MISSING,
        Status.FAIL if bad else Status.PASS,
        message,
        value=float(len(bad)),
        threshold=limits.alpha,
        p_value=p_value,
        detail=detail,
        distrust=distrust,
    )


def _absences(measure: str, arms: Mapping[str, ArmSums]) -> Iterable[_Absence]:
    units = sum(arm.units for arm in arms.values())
    some = sum(arm.some.get(measure, 0) for arm in arms.values())
    for key, arm in arms.items():
        if arm.units and not arm.some.get(measure, 0):
            others = units - arm.units
            p_value = float(np.asarray(fisher_exact(0, arm.units, some, others)))
            yield _Absence(measure, key, arm.units, some, others, p_value)
