"""Report rows: one an experiment × metric × dimension value × variation, with the contract's columns.

What belongs here: filling the columns of the report table. What does not: statistics, trust's rules.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ab_assets.analysis.tag_day import TagDay
from ab_assets.reporting.arms import Arm
from ab_assets.reporting.evidence import decisions
from ab_assets.reporting.guardrails import margin_p_values
from ab_assets.reporting.inference import InferredGroup
from ab_assets.reporting.multiplicity import adjusted_p_values
from ab_assets.reporting.planning import planning_numbers
from ab_assets.reporting.sums import Floats, Sums
from ab_assets.reporting.trust import TRUSTED, Trust
from ab_assets.stats.reasons import describe
from ab_assets.warehouse.frames import frame_schema
from ab_assets.warehouse.tables import TableDefinition

@dataclass(frozen=True, slots=True)
class Stamp:
    """What a partition was made from, as its rows say it."""

    sql_hash: str
    run_id: str
    computed_at: datetime


def report_frame(
    day: TagDay,
    arms: Sequence[Arm],
    groups: Sequence[InferredGroup],
    sums: Sums,
    trust: Trust,
    stamp: Stamp,
    table: TableDefinition,
) -> pl.DataFrame:
    """The report of a tag on a day, in the columns and types of its table."""
    size = len(arms)
    columns = _described(day, arms, stamp) | _numbers(day, arms, groups, sums)
    reasons = columns.pop("reason")
    columns["trust"] = [
        trust.distrust.get(arm.item.experiment.id) or reason or TRUSTED
        for arm, reason in zip(arms, reasons, strict=True)
    ]
    for name, values in (
        ("srm_p_value", trust.sample_ratio_p_values),
        ("srm_seq_p_value", trust.sequential_sample_ratio_p_values),
    ):
        columns[name] = [values.get(arm.item.experiment.id) for arm in arms]
    decided = decisions(arms, columns, trust.distrust, day.module.engine)
    columns["decision"] = [item.decision.value for item in decided]
    columns["decision_reason"] = [item.reason for item in decided]
    schema = frame_schema(table)
    values = {name: columns.get(name, [None] * size) for name in schema}
    for name, kind in schema.items():
        if kind.is_integer():
            values[name] = _whole(values[name])
    frame = pl.DataFrame(values, schema=schema)
    return frame.with_columns(pl.col(pl.Float64).fill_nan(None))


def _described(day: TagDay, arms: Sequence[Arm], stamp: Stamp) -> dict[str, list[object]]:
    computed_at = _naive(stamp.computed_at)
    rows = [_describe(arm) for arm in arms]
    names = list(_describe(arms[0])) if arms else []
    same: dict[str, object] = {
        "tag": day.tag,
        "module": day.module.module,
        "event_date": day.event_date,
        "sql_hash": stamp.sql_hash,
        "run_id": stamp.run_id,
        "computed_at": computed_at,
    }
    return {name: [row[name] for row in rows] for name in names} | {
        name: [value] * len(arms) for name, value in same.items()
    }


def _describe(arm: Arm) -> dict[str, object]:
    experiment, phase, metric = arm.item.experiment, arm.item.phase, arm.metric
    return {
        "experiment_id": experiment.id,
        "experiment_key": experiment.key,
        "experiment_name": experiment.name,
        "phase_index": phase.index,
        "phase_name": phase.name,
        "phase_start": _naive(phase.started_at),
        "metric": arm.metric_name,
        "metric_type": metric.type.value,
        "role": metric.role.value,
        "direction": metric.direction.value,
        "dimension": arm.dimension,
        "dimension_value": arm.dimension_value,
        "variation_key": arm.variation.key,
        "variation_name": arm.variation.name,
        "control_key": arm.item.control.key,
        "is_control": arm.is_control,
        "weight": arm.item.weights[arm.variation.key],
        "crossover_users": arm.crossovers,
        "config_hash": arm.item.config_hash,
    }


def _numbers(
    day: TagDay, arms: Sequence[Arm], groups: Sequence[InferredGroup], sums: Sums
) -> dict[str, list[object]]:
    size = len(arms)
    engine = day.module.engine
    control = np.asarray([arm.is_control for arm in arms], np.bool_)
    floats: dict[str, Floats] = {}
    texts = {name: np.full(size, None, object) for name in ("method", "cuped")}
    reasons = np.full(size, "", object)
    for group in groups:
        places = group.places
        values = _arm_numbers(group) | _comparison_numbers(group)
        values |= planning_numbers(arms, group, engine)
        values["margin_p_value"] = margin_p_values(arms, group)
        values["cap_value"] = _caps(arms, places, sums)
        for name, part in values.items():
            floats.setdefault(name, np.full(size, np.nan))[places] = part
        tested = ~control[places]
        texts["method"][places] = np.where(tested, _methods(group), None)
        texts["cuped"][places] = np.where(tested, group.adjusted, None)
        reasons[places] = _reasons(group, tested)
    for name in set(floats) - {"mean", "stddev", "users", "cap_value"}:
        floats[name] = np.where(control, np.nan, floats[name])
    for name, adjusted in (("p_value", "p_value_adjusted"), ("seq_p_value", "seq_p_value_adjusted")):
        p_values = floats.get(name, np.full(size, np.nan))
        floats[adjusted] = adjusted_p_values(arms, p_values, engine.correction)
    significant = np.where(
        np.isfinite(floats["p_value_adjusted"]),
        floats["p_value_adjusted"] < engine.alpha,
        None,  # type: ignore[arg-type]
    )
    return (
        {name: values.tolist() for name, values in floats.items()}
        | {name: list(values) for name, values in texts.items()}
        | {"significant": list(significant), "reason": list(reasons)}
    )


def _arm_numbers(group: InferredGroup) -> dict[str, Floats]:
    control, treatment = group.plain.control, group.plain.treatment
    return {
        "users": treatment.n,
        "control_users": control.n,
        "mean": treatment.value,
        "control_mean": control.value,
        "stddev": treatment.stddev,
        "control_stddev": control.stddev,
    }


def _comparison_numbers(group: InferredGroup) -> dict[str, Floats]:
    result = group.comparison
    test, uplift, posterior, total = (
        result.difference,
        result.uplift,
        result.posterior,
        result.total,
    )
    nothing = np.full(test.difference.shape, np.nan)
    always = result.sequential
    summable = not group.estimator.is_ratio
    return {
        "abs_diff": test.difference,
        "abs_ci_low": test.interval.low,
        "abs_ci_high": test.interval.high,
        "rel_uplift": uplift.uplift,
        "rel_ci_low": np.where(uplift.bounded, uplift.interval.low, np.nan),
        "rel_ci_high": np.where(uplift.bounded, uplift.interval.high, np.nan),
        "statistic": np.where(group.exact, np.nan, test.statistic),
        "df": np.where(group.exact | np.isinf(test.df), np.nan, test.df),
        "p_value": test.p_value,
        "posterior_mean": posterior.mean,
        "posterior_ci_low": posterior.interval.low,
        "posterior_ci_high": posterior.interval.high,
        "chance_to_win": posterior.chance_to_win,
        "expected_loss": posterior.loss_if_shipped,
        "incremental_total": total.total if summable else nothing,
        "incremental_ci_low": total.interval.low if summable else nothing,
        "incremental_ci_high": total.interval.high if summable else nothing,
        "seq_ci_low": always.interval.low if always else nothing,
        "seq_ci_high": always.interval.high if always else nothing,
        "seq_p_value": always.p_value if always else nothing,
        "variance_reduction": group.variance_reduction,
        "cuped_theta": group.theta,
    }


def _methods(group: InferredGroup) -> NDArray[np.object_]:
    usual = {True: "delta-method welch-t", False: "welch-t"}[group.estimator.is_ratio]
    if group.estimator.wants_adjustment:
        without = f"{usual}, not adjusted: the covariate does not vary"
        return np.where(group.adjusted, f"{usual} after CUPED", without).astype(object)
    return np.where(group.exact, "fisher-exact", usual).astype(object)


def _reasons(group: InferredGroup, tested: NDArray[np.bool_]) -> NDArray[np.object_]:
    """Why numbers are missing: of the comparison, or of the relative effect alone."""
    plain = np.asarray(describe(group.comparison.difference.reason), object)
    relative = np.asarray(describe(group.comparison.uplift.reason), object)
    unbounded = tested & ~group.comparison.uplift.bounded
    found = np.where(plain != "", plain, relative)
    found = np.where(
        (found == "") & unbounded, "the relative interval is unbounded", found
    )
    empty = group.plain.treatment.n == 0
    found = np.where(empty, "no unit is counted yet", found)
    return np.where(tested | empty, found, "")


def _caps(arms: Sequence[Arm], places: NDArray[np.intp], sums: Sums) -> Floats:
    rows = np.asarray([arms[place].segment_row for place in places], np.intp)
    outcomes = np.asarray([arms[place].variables.outcomes[0] for place in places], np.intp)
    caps = sums.caps[rows, outcomes]
    return np.where(caps > 0, caps, np.nan)


def _whole(values: Sequence[object]) -> list[object]:
    return [
        int(value) if isinstance(value, int | float) and math.isfinite(value) else None
        for value in values
    ]


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
