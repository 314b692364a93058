"""Enrolment: units keep coming after the first day.

What belongs here: the units newly exposed on the day against the days before. What does not: how
they fell (``sample_ratio``).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np

from ab_assets.analysis.tag_day import ExperimentDay, TagDay
from ab_assets.health.finding import Check, Finding, Status
from ab_assets.modules.health_limits import DEFAULT_LIMITS, EnrolmentLimits

_SHOWN = 28


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Units of one experiment by the business day of their first exposure.

    Attributes:
        day_closed: Whether the last day was over when it was counted.
    """

    by_day: Mapping[date, int] = field(default_factory=dict, hash=False)
    day_closed: bool = True


def enrolment_of(rows: Iterable[Mapping[str, Any]]) -> Enrolment:
    """From the rows of ``health/enrolment.sql`` of one experiment."""
    rows = list(rows)
    return Enrolment(
        {row["exposed_on"]: row["units"] for row in rows}, all(row["day_closed"] for row in rows)
    )


def check_enrolment(
    item: ExperimentDay,
    day: TagDay,
    enrolment: Enrolment,
    limits: EnrolmentLimits = DEFAULT_LIMITS.enrolment,
) -> Finding:
    """Holds the day's newly exposed units against the median of the days before that had any.

    Days without any are left out of what is usual: otherwise an enrolment that stopped would soon
    be usual itself.
    """
    began = item.phase.started_at.astimezone(day.zone).date()
    new = enrolment.by_day.get(day.event_date, 0)
    before = sorted(when for when in enrolment.by_day if when < day.event_date)
    counts = [enrolment.by_day[when] for when in before[-limits.days :]]
    usual = float(np.median(counts)) if counts else 0.0
    least = limits.low * usual
    detail = {
        "units_by_day": {
            str(when): enrolment.by_day.get(when, 0) for when in _days(began, day.event_date)
        },
        "usual": usual,
    }

    def finding(status: Status, message: str) -> Finding:
        return Finding(
            item.experiment.id,
            Check.ENROLMENT,
            status,
            message,
            value=float(new),
            threshold=least,
            detail=detail,
        )

    told = f"{new:,} units were newly exposed, {usual:,.0f} are usual"
    if exempt := _exempt(item, day, enrolment, began, new):
        return finding(Status.PASS, exempt)
    if not enrolment.by_day:
        return finding(Status.WARN, f"nobody has been exposed since the phase began on {began}")
    if usual < limits.fewest or new >= least:
        return finding(Status.PASS, told)
    if new:
        return finding(Status.WARN, told)
    return finding(
        Status.FAIL,
        f"nobody has been newly exposed since {before[-1]}; {usual:,.0f} units a day are usual",
    )


def _exempt(item: ExperimentDay, day: TagDay, enrolment: Enrolment, began: date, new: int) -> str:
    """Why the day cannot be held against the days before; empty where it can."""
    if item.has_ended:
        return "the phase has ended: nobody is to be newly exposed"
    if began >= day.event_date:
        return f"{new:,} units on the phase's first day"
    return "" if enrolment.day_closed else f"{new:,} units so far on a day that was not over"


def _days(began: date, last: date) -> Iterable[date]:
    first = max(began, last - timedelta(days=_SHOWN - 1))
    return (first + timedelta(days=place) for place in range((last - first).days + 1))
