"""The report of one tag on one day, from its wide partition.

What belongs here: the sequence query → sums → comparisons → rows. What does not: any of these
steps.
"""

import hashlib

import polars as pl

from ab_assets.analysis.statistics_query import fetch_sums, statistics_query
from ab_assets.analysis.tag_day import TagDay
from ab_assets.reporting.arms import lay_out
from ab_assets.reporting.inference import infer
from ab_assets.reporting.rows import Stamp, report_frame
from ab_assets.reporting.sums import Sums
from ab_assets.reporting.trust import Trust
from ab_assets.warehouse.interface import Warehouse
from ab_assets.warehouse.statements import StatementLibrary
from ab_assets.warehouse.tables import TableDefinition


def report_of(  # noqa: PLR0917 (each is one of the things a report is made of)
    warehouse: Warehouse,
    library: StatementLibrary,
    day: TagDay,
    wide: TableDefinition,
    table: TableDefinition,
    trust: Trust,
    stamp: Stamp,
) -> pl.DataFrame:
    """Report rows of a day that has an experiment in force.

    Args:
        warehouse: Where the wide table is.
        library: The SQL.
        day: The tag and day, with its experiments in force.
        wide: The tag's wide table, whose partition of the day is there.
        table: The tag's report table.
        trust: What the day's findings mean.
        stamp: What the rows say they were made from.
    """
    query = statistics_query(library, day, wide)
    frame = fetch_sums(warehouse, query)
    sums = Sums.of(query, frame)
    arms = lay_out(day, query, frame)
    groups = infer(arms, sums, day.module.engine)
    return report_frame(day, arms, groups, sums, trust, stamp, table)


def report_hash(
    library: StatementLibrary, day: TagDay, wide: TableDefinition, wide_hash: str
) -> str:
    """Hash of all SQL, metric definitions and choices behind the numbers of a report."""
    metrics = [
        f"{item.control.key}:{name}:{metric.model_dump_json()}"
        for item in day.experiments
        for name, metric in item.metrics.items()
    ]
    query = statistics_query(library, day, wide).statement.sql_hash
    joined = "|".join([query, wide_hash, day.module.engine.model_dump_json(), *metrics])
    return hashlib.sha256(joined.encode()).hexdigest()[:16]
