"""All checks of all experiments of a tag on one day.

What belongs here: gathering the counts and asking each check. What does not: writing the findings.
"""

from collections.abc import Iterable

import polars as pl

from ab_assets.analysis.phase_parameters import phase_parameters
from ab_assets.analysis.tag_day import TagDay
from ab_assets.health.assignment import assignment_from_source, assignment_from_wide
from ab_assets.health.conservation import check_conservation
from ab_assets.health.crossovers import check_crossovers, check_unknown_variations
from ab_assets.health.design import check_design, check_full_day
from ab_assets.health.finding import Finding
from ab_assets.health.sample_ratio import check_sample_ratio
from ab_assets.warehouse.interface import Warehouse
from ab_assets.warehouse.statements import StatementLibrary
from ab_assets.warehouse.tables import TableDefinition


def check_experiments(
    warehouse: Warehouse, library: StatementLibrary, day: TagDay, wide: TableDefinition
) -> tuple[Finding, ...]:
    """Every finding of the day, in the order experiments and checks are shown."""
    if not day.experiments:
        return ()
    assigned = warehouse.fetch(
        library.render(
            "health/assigned.sql", {"tag": day.tag, "event_date": day.event_date}, table=wide
        )
    )
    parameters = phase_parameters(
        day.experiments,
        (item.phase.started_at for item in day.experiments),
        ("" for _ in day.experiments),
    )
    source = warehouse.fetch(
        library.render("health/source_assigned.sql", parameters.values, phases=parameters.phases)
    )
    return tuple(_findings(day, assigned, source))


def _findings(day: TagDay, assigned: pl.DataFrame, source: pl.DataFrame) -> Iterable[Finding]:
    for item in day.experiments:
        key = item.experiment.id
        weights = item.weights
        wide = assignment_from_wide(_rows(assigned, key))
        yield check_conservation(key, wide, assignment_from_source(_rows(source, key), weights))
        yield check_sample_ratio(key, wide, weights)
        yield check_crossovers(key, wide, weights)
        yield check_unknown_variations(key, wide)
        yield check_full_day(item)
        yield check_design(item)


def _rows(frame: pl.DataFrame, experiment_id: str) -> Iterable[dict[str, object]]:
    return frame.filter(pl.col("experiment_id") == experiment_id).iter_rows(named=True)
