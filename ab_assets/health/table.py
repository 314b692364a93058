"""Findings as rows of ``ab.experiment_health``, and back.

What belongs here: that mapping. What does not: checks.
"""

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime

import polars as pl

from ab_assets.analysis.tag_day import TagDay
from ab_assets.health.finding import Check, Finding, Status
from ab_assets.warehouse.frames import frame_of
from ab_assets.warehouse.interface import Warehouse
from ab_assets.warehouse.schema import HEALTH_TABLE, fixed_table
from ab_assets.warehouse.statements import StatementLibrary


def findings_frame(day: TagDay, findings: Iterable[Finding], run_id: str) -> pl.DataFrame:
    """The rows of one partition."""
    computed_at = datetime.now(UTC).replace(tzinfo=None)
    of_experiment = {item.experiment.id: item for item in day.experiments}
    rows = [
        {
            "tag": day.tag,
            "event_date": day.event_date,
            "module": day.module.module,
            "experiment_id": finding.experiment_id,
            "experiment_key": of_experiment[finding.experiment_id].experiment.key,
            "experiment_name": of_experiment[finding.experiment_id].experiment.name,
            "phase_index": of_experiment[finding.experiment_id].phase.index,
            "check_name": finding.check.value,
            "dimension": finding.dimension,
            "dimension_value": finding.dimension_value,
            "status": finding.status.value,
            "value": finding.value,
            "threshold": finding.threshold,
            "p_value": finding.p_value,
            "detail": finding.detail_json,
            "message": finding.message,
            "distrust": finding.distrust,
            "run_id": run_id,
            "computed_at": computed_at,
        }
        for finding in findings
    ]
    return frame_of(fixed_table(HEALTH_TABLE), rows)


def read_findings(
    warehouse: Warehouse, library: StatementLibrary, day: TagDay
) -> tuple[Finding, ...]:
    """The findings of a partition, experiments in the order of the day."""
    shown = {item.experiment.id: place for place, item in enumerate(day.experiments)}
    return tuple(
        sorted(
            findings_of(warehouse, library, day.tag, day.event_date),
            key=lambda finding: shown.get(finding.experiment_id, len(shown)),
        )
    )


def findings_of(
    warehouse: Warehouse, library: StatementLibrary, tag: str, event_date: date
) -> tuple[Finding, ...]:
    """The findings of a partition, each experiment's in the order of the checks."""
    frame = warehouse.fetch(
        library.render("health/findings.sql", {"tag": tag, "event_date": event_date})
    )
    checks = list(Check)
    findings = (
        Finding(
            experiment_id=row["experiment_id"],
            check=Check(row["check_name"]),
            status=Status(row["status"]),
            message=row["message"],
            value=row["value"],
            threshold=row["threshold"],
            p_value=row["p_value"],
            detail=json.loads(row["detail"]),
            distrust=row["distrust"],
            dimension=row["dimension"],
            dimension_value=row["dimension_value"],
        )
        for row in frame.iter_rows(named=True)
    )
    return tuple(sorted(findings, key=lambda finding: checks.index(finding.check)))
