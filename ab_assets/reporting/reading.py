"""Reports read back from the warehouse.

What belongs here: finding the newest day and reading one partition. What does not: showing it.
"""

from datetime import date

import polars as pl

from ab_assets.analysis.columns import report_table
from ab_assets.errors import AbAssetsError
from ab_assets.modules.catalogue import ModuleCatalogue
from ab_assets.warehouse.frames import frame_schema
from ab_assets.warehouse.interface import Provenance, Warehouse
from ab_assets.warehouse.statements import StatementLibrary


class NoReportError(AbAssetsError):
    """The report that was asked for was never made."""


def report_provenance(
    warehouse: Warehouse, catalogue: ModuleCatalogue, tag: str, event_date: date | None
) -> Provenance:
    """What the report of a day, or of the newest day, was made from.

    Raises:
        UnknownTagError: No module claims the tag.
        NoReportError: There is no such report.
    """
    table = report_table(catalogue.module_of(tag).module, tag)
    made = warehouse.read_provenance(table.qualified, tag, event_date)
    if made:
        return max(made, key=lambda record: str(record.event_date))
    when = f" of {event_date}" if event_date else ""
    option = f" --date {event_date}" if event_date else ""
    message = f"there is no report of {tag!r}{when} yet; run `ab-assets run --tag {tag}{option}`"
    raise NoReportError(message)


def read_report(
    warehouse: Warehouse,
    library: StatementLibrary,
    catalogue: ModuleCatalogue,
    tag: str,
    event_date: date,
) -> pl.DataFrame:
    """The rows of one report, in a stable order and in the types they were written in.

    StarRocks answers a BOOLEAN with 0 and 1, DuckDB every whole number in 64 bits. Rows that were
    made before a column existed have NULL in it; their metrics are called by their names.
    """
    table = report_table(catalogue.module_of(tag).module, tag)
    existing = warehouse.columns(table.qualified)
    statement = library.render(
        "report_user/rows.sql",
        {"tag": tag, "event_date": event_date},
        table=table,
        columns=[name for name in table.column_names if name in existing],
    )
    schema = pl.Schema(frame_schema(table))
    found = warehouse.fetch(statement)
    added = [
        pl.lit(None, kind).alias(name) for name, kind in schema.items() if name not in existing
    ]
    return (
        found.with_columns(added)
        .select(table.column_names)
        .cast(schema)
        .with_columns(
            pl.col("metric_title").fill_null(pl.col("metric")), pl.col("unit").fill_null("")
        )
    )
