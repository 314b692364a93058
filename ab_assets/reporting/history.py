"""The days of a phase before a report, read back from the warehouse.

What belongs here: the numbers of earlier partitions that show how a result came about. What does
not: the report of the day itself (:mod:`ab_assets.reporting.reading`).
"""

from datetime import date

import polars as pl

from ab_assets.analysis.columns import report_table
from ab_assets.modules.catalogue import ModuleCatalogue
from ab_assets.warehouse.frames import frame_schema
from ab_assets.warehouse.interface import Warehouse
from ab_assets.warehouse.statements import StatementLibrary

HISTORY_COLUMNS = (
    "event_date",
    "experiment_id",
    "phase_index",
    "metric",
    "variation_key",
    "users",
    "control_users",
    "mean",
    "control_mean",
    "abs_diff",
    "abs_ci_low",
    "abs_ci_high",
    "rel_uplift",
    "rel_ci_low",
    "rel_ci_high",
    "seq_ci_low",
    "seq_ci_high",
    "seq_p_value",
    "p_value_adjusted",
    "significant",
    "trust",
)


def read_history(
    warehouse: Warehouse,
    library: StatementLibrary,
    catalogue: ModuleCatalogue,
    tag: str,
    event_date: date,
    *,
    every_role: bool = False,
) -> pl.DataFrame:
    """How the comparisons of a report stood on each day of the phase it shows.

    Args:
        warehouse: Where the reports are.
        library: The SQL.
        catalogue: The modules.
        tag: The tag.
        event_date: The day of the report; later days are not read.
        every_role: Secondary metrics too, not only goals and guardrails.

    Returns:
        ``HISTORY_COLUMNS``, one row a day, experiment, metric and variation over all users, the
        oldest day of each comparison first.

    Raises:
        UnknownTagError: No module claims the tag.
    """
    table = report_table(catalogue.module_of(tag).module, tag)
    statement = library.render(
        "report_user/history.sql",
        {"tag": tag, "event_date": event_date},
        table=table,
        columns=HISTORY_COLUMNS,
        every_role=every_role,
    )
    schema = frame_schema(table)
    return warehouse.fetch(statement).cast({name: schema[name] for name in HISTORY_COLUMNS})
