"""How many units each arm of each experiment has, as the page of a wide partition shows it.

What belongs here: counting them from the wide table. What does not: whether the counts are right
(``sample_ratio``, ``conservation``).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from ab_assets.analysis.tag_day import ExperimentDay, TagDay
from ab_assets.health.assignment import assignment_from_wide
from ab_assets.health.gathering import rows_of
from ab_assets.warehouse.interface import Warehouse
from ab_assets.warehouse.statements import StatementLibrary
from ab_assets.warehouse.tables import TableDefinition


@dataclass(frozen=True, slots=True)
class ArmUnits:
    """One arm.

    Attributes:
        units: Units that are compared: they saw this variation and no other.
        share: Of the compared units of the experiment; None where it has none.
        weight: The share the phase gives the variation; None for a key that is no variation.
        crossovers: Units that saw this variation first and another one later.
    """

    experiment_key: str
    variation_key: str
    variation_name: str
    units: int
    share: float | None
    weight: float | None
    crossovers: int


def units_by_arm(
    warehouse: Warehouse, library: StatementLibrary, day: TagDay, wide: TableDefinition
) -> tuple[ArmUnits, ...]:
    """Counts the rows of a wide partition, an arm without units included.

    Args:
        warehouse: Where the table is.
        library: The files of ``sql/``.
        day: The tag on its day.
        wide: The tag's wide table.
    """
    if not day.experiments:
        return ()
    counted = warehouse.fetch(
        library.render(
            "health/assigned.sql",
            {"tag": day.tag, "event_date": day.event_date},
            table=wide,
            finds_repeated=False,
        )
    )
    return tuple(arm for item in day.experiments for arm in _arms(item, counted))


def _arms(item: ExperimentDay, counted: pl.DataFrame) -> Iterator[ArmUnits]:
    assignment = assignment_from_wide(rows_of(counted, item.experiment.id))
    compared, crossovers = assignment.compared, assignment.crossovers
    total = sum(compared.values())
    names = {variation.key: variation.name for variation in item.experiment.variations}
    strangers = sorted({*crossovers, *assignment.unknown} - names.keys())
    for key in [*names, *strangers]:
        units = compared.get(key, 0)
        known = key in names
        yield ArmUnits(
            experiment_key=item.experiment.key,
            variation_key=key,
            variation_name=names.get(key, "no variation of the experiment"),
            units=units if known else assignment.unknown.get(key, 0),
            share=units / total if known and total else None,
            weight=item.weights[key] if known else None,
            crossovers=crossovers.get(key, 0),
        )
