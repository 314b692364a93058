"""What the checks of a day look at, fetched once.

What belongs here: the statements of ``sql/health`` and their answers. What does not: checks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import polars as pl

from ab_assets.analysis.phase_parameters import PhaseParameters, whole_phases
from ab_assets.analysis.tag_day import TagDay
from ab_assets.health.assignment import Assignment, assignment_from_wide
from ab_assets.health.finding import Check
from ab_assets.health.measure_sums import ArmSums, arm_sums, measures_statement
from ab_assets.health.replay import SAMPLE_SALT, UNITS_WANTED
from ab_assets.health.source_units import source_units
from ab_assets.warehouse.interface import Warehouse
from ab_assets.warehouse.statements import Statement, StatementLibrary
from ab_assets.warehouse.tables import TableDefinition

_HEALTH = "ab.experiment_health"
_CONFIGURATIONS = "ab.growthbook_experiments"
_NOTHING = pl.DataFrame(schema={"experiment_id": pl.String})


@dataclass(frozen=True, slots=True)
class Gathered:
    """Counts, sums and history of all experiments of a tag on a day.

    Attributes:
        assigned: Units of the wide table, by variation and what they saw; by experiment.
        source: The same of the source, counted in another way.
        segments: Compared units by variation and dimension value.
        enrolment: Units by the day of their first exposure.
        configurations: What GrowthBook said of the phases in force over time.
        earlier: What the check of jumps kept of the days before.
        exposed: A sample of the units exposed on the day, with what they saw.
        arms: Sums of measures, by experiment and variation key.
    """

    assigned: Mapping[str, Assignment] = field(hash=False)
    source: Mapping[str, Assignment] = field(hash=False)
    segments: pl.DataFrame
    enrolment: pl.DataFrame
    configurations: pl.DataFrame
    earlier: pl.DataFrame
    exposed: pl.DataFrame
    arms: dict[str, dict[str, ArmSums]] = field(hash=False)


def gather(
    warehouse: Warehouse, library: StatementLibrary, day: TagDay, wide: TableDefinition
) -> Gathered:
    """Fetches everything; the day must have an experiment in force."""
    phases = whole_phases(day.experiments)
    partition: dict[str, object] = {"tag": day.tag, "event_date": day.event_date}
    dimensions = day.module.dimensions
    segments = _NOTHING
    if dimensions:
        segments = warehouse.fetch(
            library.render(
                "health/assigned_by_dimension.sql", partition, table=wide, dimensions=dimensions
            )
        )
    units = warehouse.fetch(
        library.render("health/assigned.sql", partition, table=wide, finds_repeated=True)
    )
    assigned = {
        item.experiment.id: assignment_from_wide(rows_of(units, item.experiment.id))
        for item in day.experiments
    }
    return Gathered(
        assigned=assigned,
        source=source_units(warehouse, library, day, wide, assigned),
        segments=segments,
        enrolment=warehouse.fetch(library.render("health/enrolment.sql", partition, table=wide)),
        configurations=_fetch_if_there(
            warehouse,
            _CONFIGURATIONS,
            _of_phases(library, "health/configurations.sql", phases),
        ),
        earlier=_fetch_if_there(warehouse, _HEALTH, _earlier(library, day)),
        exposed=warehouse.fetch(
            library.render(
                "health/replay_sample.sql",
                partition | {"salt": SAMPLE_SALT, "units_wanted": UNITS_WANTED},
            )
        ),
        arms=arm_sums(day, warehouse.fetch(measures_statement(library, day, wide))),
    )


def rows_of(frame: pl.DataFrame, experiment_id: str) -> Sequence[dict[str, Any]]:
    """The rows of one experiment."""
    return frame.filter(pl.col("experiment_id") == experiment_id).to_dicts()


def _of_phases(library: StatementLibrary, path: str, phases: PhaseParameters) -> Statement:
    return library.render(path, phases.values, phases=phases.phases)


def _earlier(library: StatementLibrary, day: TagDay) -> Statement:
    return library.render(
        "health/earlier.sql",
        {
            "tag": day.tag,
            "event_date": day.event_date,
            "since": day.event_date - timedelta(days=day.module.health.metric_jump.days),
            "check_name": Check.METRIC_JUMP.value,
        },
    )


def _fetch_if_there(warehouse: Warehouse, table: str, statement: Statement) -> pl.DataFrame:
    """The answer, or no rows where the table was never made: there is no history yet."""
    return warehouse.fetch(statement) if warehouse.columns(table) else _NOTHING
