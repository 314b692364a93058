"""Metrics whose mean in one arm changed on the day as it never changed before.

What belongs here: the day's change of each arm's mean, beside that of the other arms and of the
days before. What does not: whether the treatment works: an effect that stays is no jump.

The history is what this check itself kept of the days before in ``ab.experiment_health``: the
cumulative totals. Both are functions of the warehouse, so a day made again says the same again.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np

from ab_assets.analysis.tag_day import ExperimentDay
from ab_assets.health.finding import Check, Finding, Status
from ab_assets.health.measure_sums import ArmSums
from ab_assets.health.metric_missing import measures_by_metric
from ab_assets.modules.health_limits import DEFAULT_LIMITS, MetricJumpLimits
from ab_assets.stats.outlier import Outlier, outlier

_DAY = timedelta(days=1)
_TWO_ARMS = 2


@dataclass(frozen=True, slots=True)
class Totals:
    """Cumulative totals of one day.

    Attributes:
        units: By variation key.
        sums: By measure, then variation key.
    """

    units: Mapping[str, int] = field(hash=False)
    sums: Mapping[str, Mapping[str, float]] = field(hash=False)

    def mean(self, measure: str, keys: Iterable[str]) -> float | None:
        """The mean of some arms together."""
        keys = list(keys)
        units = sum(self.units.get(key, 0) for key in keys)
        sums = self.sums.get(measure)
        return sum(sums.get(key, 0.0) for key in keys) / units if units and sums else None


@dataclass(frozen=True, slots=True)
class _Jump:
    """One arm's change of a measure, less that of the other arms."""

    measure: str
    key: str
    change: float
    history: tuple[float, ...]
    found: Outlier


def earlier_totals(rows: Iterable[Mapping[str, Any]], item: ExperimentDay) -> dict[date, Totals]:
    """The totals of the days before in the same phase, from rows of ``health/earlier.sql``."""
    found = {}
    for row in rows:
        if row["phase_index"] == item.phase.index:
            kept = json.loads(row["detail"])
            found[row["event_date"]] = Totals(kept.get("units", {}), kept.get("totals", {}))
    return found


def totals_of(arms: Mapping[str, ArmSums], measures: Iterable[str]) -> Totals:
    """The totals of the day."""
    return Totals(
        {key: arm.units for key, arm in arms.items()},
        {name: {key: arm.sums.get(name, 0.0) for key, arm in arms.items()} for name in measures},
    )


def check_metric_jump(
    item: ExperimentDay,
    event_date: date,
    arms: Mapping[str, ArmSums],
    earlier: Mapping[date, Totals],
    limits: MetricJumpLimits = DEFAULT_LIMITS.metric_jump,
) -> Finding:
    """Holds the day's change of each arm's mean against its changes over the last weeks.

    The other arms' change is taken off first: what happens to everybody (a weekend, an outage, a
    campaign) is no fault of one arm.
    """
    measures = measures_by_metric(item, limits.ignore)
    today = totals_of(arms, measures)
    since = event_date - timedelta(days=limits.days)
    known = {day: totals for day, totals in earlier.items() if since <= day < event_date}
    known[event_date] = today
    jumps = [
        jump
        for measure in measures
        if _has_enough(arms, measure, limits.minimum_units)
        for jump in _jumps(measure, event_date, known, limits.fewest_days)
    ]
    detail: dict[str, object] = {"units": dict(today.units), "totals": dict(today.sums)}
    if not jumps:
        message = f"fewer than {limits.fewest_days} days before, or too few units, to judge by"
        return Finding(
            item.experiment.id,
            Check.METRIC_JUMP,
            Status.PASS,
            message,
            threshold=limits.alpha,
            detail=detail,
        )
    worst = min(jumps, key=lambda jump: jump.found.p_value)
    p_value = min(worst.found.p_value * len(jumps), 1.0)
    is_jump = p_value < limits.alpha
    quiet = f"no arm's mean changed unusually ({len(jumps)} tests)"
    message = _told(worst, measures[worst.measure], p_value) if is_jump else quiet
    return Finding(
        item.experiment.id,
        Check.METRIC_JUMP,
        Status.WARN if is_jump else Status.PASS,
        message,
        value=worst.found.z,
        threshold=limits.alpha,
        p_value=p_value,
        detail=detail
        | {
            "measure": worst.measure,
            "arm": worst.key,
            "changes": [*worst.history, worst.change],
            "tests": len(jumps),
        },
    )


def _told(worst: _Jump, metric: str, p_value: float) -> str:
    return (
        f"{worst.measure} (metric {metric}) changed by {worst.change:+.4g} more in {worst.key!r} "
        f"than in the other arms, where {worst.found.centre:+.4g} is usual "
        f"(robust z {worst.found.z:+.1f}, p = {p_value:.2g})"
    )


def _has_enough(arms: Mapping[str, ArmSums], measure: str, minimum_units: int) -> bool:
    """Whether in every arm enough units have some of a measure; one may have lost it today only."""
    return all(arm.some.get(measure, 0) >= minimum_units for arm in arms.values() if arm.units)


def _jumps(
    measure: str, event_date: date, known: Mapping[date, Totals], fewest_days: int
) -> Iterable[_Jump]:
    keys = [key for key, units in known[event_date].units.items() if units]
    # Of two arms each is the other's mirror: the second, which is the treatment, stands for both.
    tested = keys[-1:] if len(keys) == _TWO_ARMS else keys
    for key in tested:
        others = [other for other in keys if other != key]
        changes = _changes(measure, key, others, known)
        change = changes.pop(event_date, None)
        if not others or change is None or len(changes) < fewest_days:
            continue
        history = tuple(changes[day] for day in sorted(changes))
        found = outlier(change, history)
        if not np.isnan(found.p_value):
            yield _Jump(measure, key, change, history, found)


def _changes(
    measure: str, key: str, others: Sequence[str], known: Mapping[date, Totals]
) -> dict[date, float]:
    """The arm's change less the others', on the days on which the measure moved at all.

    A measure that cannot move yet (retention on day 7, on the third day) has no history of zeros:
    it has none.
    """
    found = {}
    for day, totals in known.items():
        before = known.get(day - _DAY)
        if before is None:
            continue
        own = _difference(totals.mean(measure, [key]), before.mean(measure, [key]))
        rest = _difference(totals.mean(measure, others), before.mean(measure, others))
        if own is not None and rest is not None and (own or rest):
            found[day] = own - rest
    return found


def _difference(now: float | None, before: float | None) -> float | None:
    return None if now is None or before is None else now - before
