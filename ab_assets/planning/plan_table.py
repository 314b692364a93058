"""``ab.experiment_plan``: what an experiment of a tag can find, by weeks.

What belongs here: its rows. What does not: writing them (:mod:`ab_assets.assets.plan`).
"""

from collections.abc import Iterator
from datetime import datetime
from math import isfinite

import polars as pl

from ab_assets.planning.history import History, PastMetric
from ab_assets.planning.outlook import Duration, durations
from ab_assets.planning.solving import Plan
from ab_assets.planning.wishes import TagPlans
from ab_assets.warehouse.frames import frame_of
from ab_assets.warehouse.schema import PLAN_TABLE, fixed_table


def plan_frame(
    history: History, plans: TagPlans, run_id: str, computed_at: datetime
) -> pl.DataFrame:
    """The rows of a tag."""
    stamp = {"run_id": run_id, "computed_at": computed_at.replace(tzinfo=None)}
    rows = (
        _described(history, past, plan) | row | stamp
        for past, plan in plans.pairs
        for row in _rows(plan, durations(plan.request, plan.effect))
    )
    return frame_of(fixed_table(PLAN_TABLE), rows)


def _described(history: History, past: PastMetric, plan: Plan) -> dict[str, object]:
    metric = plan.request.metric
    return {
        "tag": history.tag,
        "module": history.module.module,
        "metric": past.name,
        "metric_title": past.title,
        "metric_type": past.type,
        "unit": metric.shown_unit,
        "role": past.role,
        "experiment_key": history.experiment_key,
        "event_date": history.event_date,
        "users_a_day": history.traffic.pace,
        "baseline": metric.baseline,
        "stddev": metric.spread,
        "variance_reduction": metric.variance_reduction,
        "closing_days": metric.closing_days,
        "alpha": plan.request.alpha_each,
        "target_power": plan.request.power,
        "minimum_effect": plan.relative_effect,
        "users_needed": plan.users,
        "days_needed": plan.days,
    }


def _rows(plan: Plan, found: Iterator[Duration]) -> Iterator[dict[str, object]]:
    size = abs(plan.request.metric.baseline)
    for row in found:
        yield {
            "weeks": row.weeks,
            "users": row.users,
            "mde": _known(row.plain / size),
            "mde_cuped": _known(row.adjusted / size),
            "mde_always_valid": _known(row.always_valid / size),
            "mde_group_sequential": _known(row.group_sequential / size),
            "power": _known(row.power),
        }


def _known(value: float) -> float | None:
    return value if isfinite(value) else None
