"""The report of one tag on one day, from its wide partition.

What belongs here: the sequence query → sums → comparisons → rows. What does not: any of these steps.
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


def report_of(
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
        wide: The tag's wide table, whose partition of the day is there.
        table: The tag's report table.
        trust: What the day's findings mean.
    """
    query = statistics_query(library, day, wide)
    frame = fetch_sums(warehouse, query)
    sums = Sums.of(query, frame)
    arms = lay_out(day, query, frame)
    groups = infer(arms, sums, day.module.engine)
    return report_frame(day, arms, groups, sums, trust, stamp, table)


def report_hash(library: StatementLibrary, day: TagDay, wide: TableDefinition, wide_hash: str) -> str:
    """Hash of all SQL and metric definitions behind the numbers of a report."""
    metrics = [
        metric.model_dump_json() for item in day.experiments for metric in item.metrics.values()
    ]
    query = statistics_query(library, day, wide).statement.sql_hash
    joined = "|".join([query, wide_hash, day.module.engine.model_dump_json(), *metrics])
    return hashlib.sha256(joined.encode()).hexdigest()[:16]
