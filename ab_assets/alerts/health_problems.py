"""What the health tables say is wrong now.

What belongs here: the newest day of each tag as problems. What does not: the checks.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ab_assets.alerts.links import DagsterLinks
from ab_assets.alerts.planning import Observation
from ab_assets.alerts.problem import NO_PHASE, Identity, Problem, Severity
from ab_assets.alerts.wording import shown_numbers
from ab_assets.health.finding import Check, Status
from ab_assets.warehouse.interface import Warehouse
from ab_assets.warehouse.schema import HEALTH_TABLE, fixed_table
from ab_assets.warehouse.statements import StatementLibrary

# Every phase begins with it and leaves it after a day: a state to show, not a fault to tell.
UNTOLD_CHECKS = frozenset({Check.FULL_DAY.value})
_PROVENANCE_TABLE = "ab.partition_provenance"
_SEVERITIES = {Status.WARN.value: Severity.WARN, Status.FAIL.value: Severity.FAIL}


def read_health(
    warehouse: Warehouse, library: StatementLibrary, tags: Iterable[str], links: DagsterLinks
) -> Observation:
    """Every problem of the newest computed day of each tag.

    Args:
        warehouse: Where health is.
        library: The statements.
        tags: What the modules declare; others are left out.
        links: Addresses of partitions.
    """
    declared = frozenset(tags)
    for name in (HEALTH_TABLE, _PROVENANCE_TABLE):
        warehouse.ensure(fixed_table(name))
    rows = [
        row
        for row in warehouse.fetch(library.render("alerts/newest_health.sql", {})).to_dicts()
        if row["tag"] in declared
    ]
    checked = [row for row in rows if row["check_name"] and row["check_name"] not in UNTOLD_CHECKS]
    wrong = [row for row in checked if row["status"] in _SEVERITIES]
    return Observation(
        problems=fold_problems(_problem(row, links) for row in sorted(wrong, key=_dimension)),
        newest_days={row["tag"]: row["event_date"] for row in rows},
        passing=frozenset(_identity(row) for row in checked if row["status"] == Status.PASS),
        tags=declared,
    )


def fold_problems(problems: Iterable[Problem]) -> dict[Identity, Problem]:
    """One problem an identity: the worst, and of equals the first."""
    folded: dict[Identity, Problem] = {}
    for problem in problems:
        known = folded.get(problem.identity)
        if known is None or problem.severity.rank > known.severity.rank:
            folded[problem.identity] = problem
    return folded


def _dimension(row: Mapping[str, Any]) -> tuple[str, str, str]:
    """All users come before any dimension value."""
    return row["dimension"] or "", row["dimension_value"] or "", row["tag"]


def _identity(row: Mapping[str, Any]) -> Identity:
    phase = row["phase_index"]
    subject = row["experiment_id"] or f"tag:{row['tag']}"
    return Identity(subject, row["check_name"], NO_PHASE if phase is None else phase)


def _problem(row: Mapping[str, Any], links: DagsterLinks) -> Problem:
    asset = [row["module"] or "", "health"]
    # The text of Dagster's key: the dimensions in the order of their names.
    partition = f"{row['event_date'].isoformat()}|{row['tag']}"
    where = f"{row['dimension']} {row['dimension_value']}: " if row["dimension"] else ""
    return Problem(
        identity=_identity(row),
        severity=_SEVERITIES[row["status"]],
        tag=row["tag"],
        module=row["module"] or "",
        experiment_key=row["experiment_key"] or "",
        experiment_name=row["experiment_name"] or "",
        event_date=row["event_date"],
        sentence=f"{where}{row['message'] or 'the check did not pass'}",
        numbers=shown_numbers(row["value"], row["threshold"], row["p_value"], _detail(row)),
        place=f"{'/'.join(asset)}, partition {partition}",
        link=links.partition(asset, partition),
    )


def _detail(row: Mapping[str, Any]) -> dict[str, object]:
    try:
        detail = json.loads(row["detail"] or "{}")
    except ValueError:
        return {"detail": row["detail"]}
    return detail if isinstance(detail, dict) else {"detail": detail}
