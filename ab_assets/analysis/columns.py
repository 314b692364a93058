"""Columns every wide table has, and the dimensions and event columns the sources give.

What belongs here: the fixed part of the per-tag tables. What does not: measures, and the tables
that ``sql/schema`` declares.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ab_assets.modules.catalogue import table_suffix
from ab_assets.modules.measures import Measure
from ab_assets.warehouse.schema import fixed_table
from ab_assets.warehouse.tables import Column, TableDefinition

DIMENSIONS = ("country", "platform", "app_version", "channel")

_WIDE_COLUMNS = (
    Column("event_date", "DATE", "the day whose end the row describes", nullable=False),
    Column("experiment_id", "VARCHAR(128)", "the experiment's id in GrowthBook", nullable=False),
    Column("user_id", "VARCHAR", "the unit", nullable=False),
    Column("tag", "VARCHAR(64)", "the tag the table belongs to", nullable=False),
    Column("experiment_key", "VARCHAR", "the tracking key"),
    Column("phase_index", "INT", "the phase in force, counted from 0"),
    Column("variation_key", "VARCHAR", "the variation of the first exposure"),
    Column("variation_key_lowest", "VARCHAR", "the smallest key seen in the phase"),
    Column("variation_key_highest", "VARCHAR", "the largest key seen in the phase"),
    Column("variations_seen", "INT", "1, or 2 for a crossover (two or more keys)"),
    Column("is_known", "BOOLEAN", "whether variation_key is a variation of the experiment"),
    Column("first_exposed_at", "DATETIME", "first exposure in the phase, UTC"),
    Column("exposed_on", "DATE", "business day of the first exposure"),
    Column("exposures", "BIGINT", "exposure rows in the phase up to event_date"),
    *(Column(name, "VARCHAR", "as of the first exposure") for name in DIMENSIONS),
    Column("config_hash", "VARCHAR(64)", "hash of the configuration the row was made of"),
    Column("sql_hash", "VARCHAR(64)", "hash of the SQL the row was made of"),
    Column("day_closed", "BOOLEAN", "whether event_date was over when the row was made"),
)
FIXED_WIDE_COLUMNS = frozenset(column.name for column in _WIDE_COLUMNS)


def wide_table(module: str, tag: str, measures: Iterable[Measure]) -> TableDefinition:
    """The wide table of a tag."""
    return TableDefinition(
        schema="ab",
        name=f"tbl_wide_user_{module}_{table_suffix(tag)}",
        columns=(
            *_WIDE_COLUMNS,
            *(Column(item.name, "DOUBLE", item.description[:200]) for item in measures),
        ),
        partition_by=("event_date",),
        sort_key=("event_date", "experiment_id", "user_id"),
        bucket_by=("user_id",),
        buckets=4,
        comment="one exposed unit of one experiment as of the end of event_date",
    )


def with_retired_columns(table: TableDefinition, existing: Mapping[str, str]) -> TableDefinition:
    """The table with the columns it still has in the warehouse and no longer fills.

    A measure that a metric stopped asking for must not stop the pipeline: its column stays, NULL in
    new partitions, until its old partitions are dropped.
    """
    retired = tuple(
        Column(name, "DOUBLE", "retired: no metric asks for it any more")
        for name in sorted(existing)
        if name not in table.column_names
    )
    return replace(table, columns=(*table.columns, *retired))


def report_table(module: str, tag: str) -> TableDefinition:
    """The report table of a tag: the columns of the dashboard table."""
    dashboard = fixed_table("flow_report_app.tbl_report_ab_testing_result")
    return replace(
        dashboard,
        schema="ab",
        name=f"tbl_report_user_{module}_{table_suffix(tag)}",
        partition_by=("event_date",),
        comment=(
            "one comparison: experiment × metric × dimension value × variation, "
            "cumulative to event_date"
        ),
    )
