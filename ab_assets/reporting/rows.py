"""Report rows: one an experiment × metric × dimension value × variation.

What belongs here: bringing the contract's columns together, and those that describe a row. What
does not: numbers (:mod:`ab_assets.reporting.numbers`), trust's rules.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from ab_assets.analysis.tag_day import TagDay
from ab_assets.reporting.arms import Arm
from ab_assets.reporting.evidence import decisions
from ab_assets.reporting.inference import InferredGroup
from ab_assets.reporting.numbers import number_columns
from ab_assets.reporting.sums import Sums
from ab_assets.reporting.trust import TRUSTED, Trust
from ab_assets.warehouse.frames import frame_schema
from ab_assets.warehouse.tables import TableDefinition

Columns = dict[str, list[object]]


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a partition was made from, as its rows say it."""

    sql_hash: str
    run_id: str
    computed_at: datetime


def report_frame(  # noqa: PLR0917 (each is one of the things a row is made of)
    day: TagDay,
    arms: Sequence[Arm],
    groups: Sequence[InferredGroup],
    sums: Sums,
    trust: Trust,
    stamp: Stamp,
    table: TableDefinition,
) -> pl.DataFrame:
    """The report of a tag on a day, in the columns and types of its table."""
    engine = day.module.engine
    columns: Columns = _described(arms) | _stamped(day, stamp, len(arms))
    columns["unit"] = [day.module.unit_of(arm.metric) for arm in arms]
    as_growthbook = day.module.compat == "growthbook"
    columns |= number_columns(arms, groups, sums, engine, as_growthbook=as_growthbook)
    columns |= _trusted(arms, trust)
    columns["trust"] = [
        distrust or reason or TRUSTED
        for distrust, reason in zip(columns["distrust"], columns["reason"], strict=True)
    ]
    decided = decisions(arms, columns, trust.distrust, engine)
    columns["decision"] = [item.decision.value for item in decided]
    columns["decision_reason"] = [item.reason for item in decided]
    return _frame(columns, table)


def _frame(columns: Columns, table: TableDefinition) -> pl.DataFrame:
    schema = frame_schema(table)
    values = {
        name: _whole(columns[name]) if kind.is_integer() else columns[name]
        for name, kind in schema.items()
    }
    frame = pl.DataFrame(values, schema=schema)
    floats = pl.col(pl.Float64)
    return frame.with_columns(pl.when(floats.is_finite()).then(floats))


def _stamped(day: TagDay, stamp: Stamp, size: int) -> Columns:
    same: dict[str, object] = {
        "tag": day.tag,
        "module": day.module.module,
        "event_date": day.event_date,
        "sql_hash": stamp.sql_hash,
        "run_id": stamp.run_id,
        "computed_at": _naive(stamp.computed_at),
    }
    return {name: [value] * size for name, value in same.items()}


def _described(arms: Sequence[Arm]) -> Columns:
    rows = [_describe(arm) for arm in arms]
    return {name: [row[name] for row in rows] for name in rows[0]}


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
        "metric_title": metric.title or arm.metric_name,
    }


def _trusted(arms: Sequence[Arm], trust: Trust) -> Columns:
    ids = [arm.item.experiment.id for arm in arms]
    return {
        "distrust": [trust.distrust.get(key, "") for key in ids],
        "srm_p_value": [trust.sample_ratio_p_values.get(key) for key in ids],
        "srm_seq_p_value": [trust.sequential_sample_ratio_p_values.get(key) for key in ids],
    }


def _whole(values: Sequence[object]) -> list[object]:
    return [
        int(value) if isinstance(value, int | float) and math.isfinite(value) else None
        for value in values
    ]


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
