"""What all our assets say about themselves in the same way.

What belongs here: kinds, column schemas, code versions, pools, links between partitions. What does
not: assets.
"""

import hashlib
import warnings
from collections.abc import Iterable
from typing import Any

import dagster as dg

from ab_assets.modules.model import Module
from ab_assets.partitions import EVENT_DATE, TAG
from ab_assets.project import Project
from ab_assets.settings import PROJECT_ROOT
from ab_assets.warehouse.tables import TableDefinition

EXPERIMENT_DATA = dg.AssetKey("experiment_data")
GROWTHBOOK_EXPERIMENTS = dg.AssetKey(["growthbook", "experiments"])
SOURCE_EXPOSURES = dg.AssetKey(["source", "exposures"])
SOURCE_EVENTS = dg.AssetKey(["source", "events"])
TESTING_RESULT = dg.AssetKey(["flow_report_app", "ab_testing_result"])
EXPERIMENT_HEALTH = dg.AssetKey(["flow_report_app", "experiment_health"])
REPORT_TREND = dg.AssetKey(["flow_report_app", "report_trend"])
# What dashboards read; one run makes all of a tag.
DASHBOARD_TABLES = (TESTING_RESULT, EXPERIMENT_HEALTH, REPORT_TREND)
HEALTH = "health"
REPORT_USER = "report_user"
WAREHOUSE_POOL = "warehouse"
EXPERIMENT_DATA_POOL = "experiment_data"
GROWTHBOOK_POOL = "growthbook"
HEALTH_POOL = "experiment_health"

with warnings.catch_warnings():
    # Beta in Dagster 1.13; the pinned version was tried with two different tag dimensions.
    warnings.simplefilter("ignore", dg.BetaWarning)
    SAME_PARTITION = dg.MultiPartitionMapping(
        {
            name: dg.DimensionPartitionMapping(
                dimension_name=name, partition_mapping=dg.IdentityPartitionMapping()
            )
            for name in (TAG, EVENT_DATE)
        }
    )


def wide_user_key(module: str) -> dg.AssetKey:
    """The key of a module's wide table."""
    return dg.AssetKey([module, "wide_user"])


def health_key(module: str) -> dg.AssetKey:
    """The key of a module's health."""
    return dg.AssetKey([module, HEALTH])


def report_user_key(module: str) -> dg.AssetKey:
    """The key of a module's report."""
    return dg.AssetKey([module, REPORT_USER])


def pool_of(project: Project, tables: str) -> str:
    """The pool an asset waits in before it writes.

    The embedded warehouse is one file, open in one process at a time, so everything waits in one
    pool. On StarRocks only those wait for each other that overwrite partitions of the same tables,
    which has to happen one after the other.

    Args:
        project: Its engine decides.
        tables: The family of tables that is written.
    """
    return tables if project.engine == "starrocks" else WAREHOUSE_POOL


def table_schema(table: TableDefinition) -> dg.TableSchema:
    """The columns as the UI shows them."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(column.name, column.type, column.comment or None)
            for column in table.columns
        ]
    )


def code_version(folders: Iterable[str], module: Module | None = None) -> str:
    """Changes when the SQL in these folders of ``sql/``, or the module's file, changes."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted((PROJECT_ROOT / "sql" / folder).glob("*.sql")):
            digest.update(path.read_bytes())
    if module is not None:
        digest.update(module.model_dump_json().encode())
    return digest.hexdigest()[:12]


def partition_check(
    name: str,
    asset: dg.AssetKey,
    partitions: dg.PartitionsDefinition,
    description: str,
    *,
    blocking: bool,
) -> dg.AssetCheckSpec:
    """A check whose evaluations belong to one partition."""
    with warnings.catch_warnings():
        # In preview in Dagster 1.13; without it an evaluation does not say its partition.
        warnings.simplefilter("ignore", dg.PreviewWarning)
        return dg.AssetCheckSpec(
            name,
            asset=asset,
            description=description,
            blocking=blocking,
            partitions_def=partitions,
        )


def partition_metadata(
    table: TableDefinition, rows: int, *, reason: str = "", **more: dg.MetadataValue | str | int
) -> dict[str, Any]:
    """What every materialisation of a table tells: rows, table, columns, and why there are none."""
    metadata: dict[str, Any] = {
        "dagster/row_count": rows,
        "dagster/column_schema": table_schema(table),
        "table": table.qualified,
        **more,
    }
    if reason:
        metadata["reason"] = reason
    return metadata
