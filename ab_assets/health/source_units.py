"""The source's own count of exposed units, which the wide table's units are held against.

What belongs here: counting them, at a cost that does not grow with the age of a phase. What does
not: the comparison (:mod:`ab_assets.health.conservation`).

The count of a day is what was found conserved the day before, and the exposures of the day: where
yesterday's wide rows are still those that were checked, no older exposure is read. Any difference
is looked at again with a count of the whole phase before it is told: exposures that arrived late
are in the wide table and not in yesterday's count.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from ab_assets.analysis.phase_parameters import (
    exposure_bounds,
    phase_parameters,
    whole_phases,
)
from ab_assets.analysis.tag_day import ExperimentDay, TagDay
from ab_assets.analysis.wide_user import base_fingerprint
from ab_assets.health.assignment import Assignment, assignment_from_source
from ab_assets.health.conservation import conserved_counts
from ab_assets.health.finding import Check
from ab_assets.warehouse.interface import Warehouse
from ab_assets.warehouse.statements import StatementLibrary
from ab_assets.warehouse.tables import TableDefinition

_DAY = timedelta(days=1)
_HEALTH = "ab.experiment_health"

Row = Mapping[str, Any]


def source_units(
    warehouse: Warehouse,
    library: StatementLibrary,
    day: TagDay,
    wide: TableDefinition,
    assigned: Mapping[str, Assignment],
) -> dict[str, Assignment]:
    """What the source has of each experiment.

    Args:
        warehouse: Where the exposures and yesterday's rows are.
        library: The files of ``sql/``.
        day: The tag on its day.
        wide: The tag's wide table.
        assigned: What the wide table has, by experiment id.
    """
    counted = _by_the_day(warehouse, library, day, wide)
    unsure = [
        item
        for item in day.experiments
        if counted.get(item.experiment.id) is None
        or not counted[item.experiment.id].same_units(assigned[item.experiment.id])
    ]
    return counted | _of_the_phase(warehouse, library, day, unsure)


def _of_the_phase(
    warehouse: Warehouse,
    library: StatementLibrary,
    day: TagDay,
    experiments: Sequence[ExperimentDay],
) -> dict[str, Assignment]:
    if not experiments:
        return {}
    phases = whole_phases(experiments)
    values = phases.values | exposure_bounds(experiments, day.ends)
    statement = library.render("health/source_assigned.sql", values, phases=phases.phases)
    rows = _grouped(warehouse.fetch(statement).to_dicts())
    return {
        item.experiment.id: assignment_from_source(rows.get(item.experiment.id, []), item.weights)
        for item in experiments
    }


def _by_the_day(
    warehouse: Warehouse, library: StatementLibrary, day: TagDay, wide: TableDefinition
) -> dict[str, Assignment]:
    before = _found_before(warehouse, library, day, wide)
    experiments = [item for item in day.experiments if item.experiment.id in before]
    if not experiments:
        return {}
    phases = phase_parameters(
        experiments, (day.starts for _ in experiments), ("" for _ in experiments)
    )
    values = phases.values | {
        "tag": day.tag,
        "base_date": day.event_date - _DAY,
        "exposed_from": day.starts,
    }
    statement = library.render("health/source_added.sql", values, phases=phases.phases, table=wide)
    added = _grouped(warehouse.fetch(statement).to_dicts())
    return {
        item.experiment.id: _advanced(
            before[item.experiment.id], added.get(item.experiment.id, []), item.weights
        )
        for item in experiments
    }


def _found_before(
    warehouse: Warehouse, library: StatementLibrary, day: TagDay, wide: TableDefinition
) -> dict[str, Assignment]:
    """What yesterday's check found conserved, where yesterday's rows are still those it saw."""
    if not warehouse.columns(_HEALTH):
        return {}
    yesterday = day.event_date - _DAY
    values = {
        "tag": day.tag,
        "event_date": day.event_date,
        "since": yesterday,
        "check_name": Check.CONSERVATION.value,
    }
    findings = {
        row["experiment_id"]: row
        for row in warehouse.fetch(library.render("health/earlier.sql", values)).to_dicts()
    }
    statement = library.render(
        "wide_user/base.sql", {"tag": day.tag, "base_date": yesterday}, table=wide
    )
    rows = {row["experiment_id"]: row for row in warehouse.fetch(statement).to_dicts()}
    found = {}
    for item in day.experiments:
        key = item.experiment.id
        if key in findings and key in rows and item.phase.started_at < day.starts:
            counts = conserved_counts(json.loads(findings[key]["detail"]), item.weights)
            if counts is not None and _is_of(rows[key], counts, item, day):
                found[key] = counts
    return found


def _is_of(row: Row, counts: Assignment, item: ExperimentDay, day: TagDay) -> bool:
    """Whether yesterday's rows are of this phase, of a whole day, and as many as were counted."""
    made_of = base_fingerprint(item, day.event_date - _DAY, day)
    return (
        {row["config_hash_lowest"], row["config_hash_highest"]} == {made_of}
        and bool(row["day_closed"])
        and (row["units"], row["exposures"]) == (counts.units, counts.exposures)
    )


def _advanced(before: Assignment, rows: Iterable[Row], known: Iterable[str]) -> Assignment:
    """The counts of the day before, with those who were exposed on the day."""
    keys = set(known)
    units = {**before.compared, **before.unknown}
    crossovers = sum(before.crossovers.values())
    exposures = before.exposures
    for row in rows:
        exposures += row["exposures"]
        if row["was_there"] and row["key_before"] is None:
            continue  # a crossover stays one
        if row["was_there"]:
            units[row["key_before"]] -= row["units"]
        if row["key_now"] is None:
            crossovers += row["units"]
        else:
            units[row["key_now"]] = units.get(row["key_now"], 0) + row["units"]
    return Assignment(
        compared={key: count for key, count in units.items() if count and key in keys},
        crossovers={"": crossovers} if crossovers else {},
        unknown={key: count for key, count in units.items() if count and key not in keys},
        exposures=exposures,
    )


def _grouped(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["experiment_id"], []).append(row)
    return found
