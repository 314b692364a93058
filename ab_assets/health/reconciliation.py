"""Incremental equals full: rows of the wide table against the source rows they stand for.

What belongs here: computing a sample of units of one partition in full and comparing. What does
not: mending (a run with ``--full`` does that).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from ab_assets.analysis.columns import FIXED_WIDE_COLUMNS
from ab_assets.analysis.tag_day import TagDay
from ab_assets.analysis.unit_sample import UnitSample
from ab_assets.analysis.wide_user import wide_user_statement
from ab_assets.warehouse.interface import Warehouse
from ab_assets.warehouse.statements import StatementLibrary
from ab_assets.warehouse.tables import TableDefinition

# Sums of fractions in another order differ in their last bits.
TOLERANCE = 1e-9
# They say how and when a row was made, not what it is.
_HOW_MADE = frozenset({"sql_hash", "day_closed", "config_hash"})
_KEYS = ("experiment_id", "user_id")


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is not what the source rows say.

    Attributes:
        column: Empty where one side has no such row.
        wide: The wide table's value; of a whole row, None where it is not there.
        full: What the full path gives, likewise.
    """

    experiment_key: str
    user_id: str
    column: str
    wide: object
    full: object

    def __str__(self) -> str:
        """As one reads it in a check."""
        where = f"{self.experiment_key}, unit {self.user_id}"
        if not self.column:
            there = "only in the wide table" if self.full is None else "not in the wide table"
            return f"{where}: {there}"
        return f"{where}: {self.column} is {_shown(self.wide)}, in full {_shown(self.full)}"


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What came of comparing a sample of a partition.

    Attributes:
        rows: Rows of either side: experiment × unit.
        differences: Every one, ordered by experiment, unit and column.
    """

    rows: int
    differences: tuple[Difference, ...]

    @property
    def units_that_differ(self) -> int:
        """Rows with any difference."""
        return len({(item.experiment_key, item.user_id) for item in self.differences})


def compared_columns(day: TagDay) -> tuple[str, ...]:
    """The columns of a wide row that are to be equal, however it was made; keys first."""
    fixed = FIXED_WIDE_COLUMNS - _HOW_MADE - set(_KEYS)
    return (*_KEYS, *sorted(fixed), *(measure.name for measure in day.measures))


def reconcile(
    warehouse: Warehouse,
    library: StatementLibrary,
    day: TagDay,
    table: TableDefinition,
    sample: UnitSample,
) -> Reconciliation:
    """Computes the sampled units from the source rows and compares them with the partition.

    Reads the exposures and events of the whole phases: it costs about what a full run does.

    Args:
        warehouse: Has the partition and the sources.
        library: The files of ``sql/``.
        day: The partition's tag and day; an experiment has to be in force.
        table: The tag's wide table.
        sample: Which units.
    """
    columns = compared_columns(day)
    full = warehouse.fetch(
        wide_user_statement(library, day, table, (), day.experiments, sample=sample)
    )
    wide = warehouse.fetch(
        library.render(
            "wide_user/sampled_rows.sql",
            {"tag": day.tag, "event_date": day.event_date, **sample.parameters},
            table=table,
            columns=columns,
        )
    )
    # An engine may type a computed column unlike a stored one.
    return compare(wide, full.select(pl.col(name).cast(wide.schema[name]) for name in columns))


def compare(wide: pl.DataFrame, full: pl.DataFrame) -> Reconciliation:
    """Compares two frames of the same columns, row by row by experiment and unit.

    Numbers that are no whole ones may differ by a billionth; everything else is equal or not.
    """
    columns = [name for name in wide.columns if name not in _KEYS]
    other = {name: f"full {name}" for name in columns}
    there = pl.lit(True).alias("is_there")  # noqa: FBT003 (a value)
    rows = wide.with_columns(there).join(
        full.rename(other).with_columns(there.alias("full is_there")),
        on=_KEYS,
        how="full",
        coalesce=True,
    )
    alone = pl.col("is_there").is_null() | pl.col("full is_there").is_null()
    found = [*_alone(rows.filter(alone))]
    both = rows.filter(~alone)
    for name in columns:
        differing = both.filter(_differs(name, other[name], is_double=wide[name].dtype.is_float()))
        found += _different(differing, name, other[name])
    found.sort(key=lambda item: (item.experiment_key, item.user_id, item.column))
    return Reconciliation(rows.height, tuple(found))


def _differs(one: str, other: str, *, is_double: bool) -> pl.Expr:
    left, right = pl.col(one), pl.col(other)
    if not is_double:
        return left.ne_missing(right)
    largest = pl.max_horizontal(left.abs(), right.abs(), 1.0)
    close = (left - right).abs() <= TOLERANCE * largest
    return (left.is_null() != right.is_null()) | ~close.fill_null(value=True)


def _alone(rows: pl.DataFrame) -> Iterator[Difference]:
    for row in rows.iter_rows(named=True):
        in_wide = row["is_there"] is not None
        key = row["experiment_key"] if in_wide else row["full experiment_key"]
        yield Difference(key, row["user_id"], "", in_wide or None, None if in_wide else True)


def _different(rows: pl.DataFrame, name: str, other: str) -> Iterator[Difference]:
    for row in rows.iter_rows(named=True):
        yield Difference(row["experiment_key"], row["user_id"], name, row[name], row[other])


def _shown(value: object) -> str:
    return "unknown" if value is None else str(value)
