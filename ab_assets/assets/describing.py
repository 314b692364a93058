"""What all our assets say about themselves in the same way.

What belongs here: groups, tags, column schemas and lineage, code versions, pools, links between
partitions. What does not: assets, the layout of descriptions (``descriptions``).
"""

import hashlib
import warnings
from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import cache
from itertools import groupby
from typing import Any

import dagster as dg

from ab_assets.analysis.lineage import ColumnSource, Lineage
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
REPORT_PAGE = dg.AssetKey(["flow_report_app", "report_page"])
# What dashboards read.
DASHBOARD_TABLES = (TESTING_RESULT, EXPERIMENT_HEALTH, REPORT_TREND)
# What one run makes of a tag after its days.
RESULTS = (*DASHBOARD_TABLES, REPORT_PAGE)
# In the order of the alphabet, which is the UI's, as data flows: inputs, module_…, results.
INPUTS_GROUP = "inputs"
RESULTS_GROUP = "results"
PLATFORM_OWNERS = ["team:data-platform"]
WAREHOUSE_POOL = "warehouse"
EXPERIMENT_DATA_POOL = "experiment_data"
GROWTHBOOK_POOL = "growthbook"
_SOURCES_SHOWN = 4
HEALTH_POOL = "experiment_health"
PLAN_POOL = "experiment_plan"

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
    return dg.AssetKey([module, "health"])


def report_user_key(module: str) -> dg.AssetKey:
    """The key of a module's report."""
    return dg.AssetKey([module, "report_user"])


def plan_key(module: str) -> dg.AssetKey:
    """The key of a module's plans."""
    return dg.AssetKey([module, "plan"])


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


class Layer(StrEnum):
    """How far from the source an asset is, as the tag ``layer`` says in the catalog."""

    SOURCE = "source"
    CONFIGURATION = "configuration"
    EXPOSURE = "exposure"
    WIDE = "wide"
    HEALTH = "health"
    REPORT = "report"
    PLAN = "plan"
    DASHBOARD = "dashboard"


def module_group(module: str) -> str:
    """The group of a module's assets."""
    return f"module_{module}"


def asset_tags(layer: Layer, tags: Iterable[str] = (), module: str = "") -> dict[str, str]:
    """What the catalog filters by.

    Args:
        layer: How far from the source it is.
        tags: The GrowthBook tags it has partitions of.
        module: The module it belongs to; empty where it belongs to none.

    Examples:
        >>> asset_tags(Layer.WIDE, ["chat_entry"], "engagement")
        {'layer': 'wide', 'module': 'engagement', 'tag/chat_entry': ''}
    """
    own = {"module": module} if module else {}
    return {"layer": layer.value, **own, **{f"tag/{tag}": "" for tag in tags}}


def table_metadata(table: TableDefinition, lineage: Lineage | None = None) -> dict[str, Any]:
    """What the definition of an asset tells of its table: the columns, and what they are made of.

    The UI shows the columns' descriptions; lineage itself is there for programs (GraphQL), so the
    descriptions name the sources too.

    Args:
        table: The table.
        lineage: Sources of its columns, for those that have any.
    """
    sources = lineage or {}
    metadata: dict[str, Any] = {"dagster/column_schema": table_schema(table, sources)}
    if sources:
        metadata["dagster/column_lineage"] = dg.TableColumnLineage(
            {name: [_dependency(one) for one in made] for name, made in sources.items()}
        )
    return metadata


@cache
def _dependency(source: ColumnSource) -> dg.TableColumnDep:
    """One of a few hundred that thousands of columns name."""
    return dg.TableColumnDep(dg.AssetKey(list(source.asset)), source.column)


def table_schema(table: TableDefinition, lineage: Lineage | None = None) -> dg.TableSchema:
    """The columns as the UI shows them."""
    sources = lineage or {}
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                column.name,
                column.type,
                " · ".join(
                    text for text in (column.comment, _told(sources.get(column.name, ()))) if text
                )
                or None,
                constraints=dg.TableColumnConstraints(nullable=column.nullable),
            )
            for column in table.columns
        ]
    )


def _told(sources: Sequence[ColumnSource]) -> str:
    """The sources in words: by name, unless they are many."""
    if not sources:
        return ""
    parts = {
        "/".join(asset): [source.column for source in group]
        for asset, group in groupby(sources, key=lambda source: source.asset)
    }
    columns = {source.column for source in sources}
    if len(parts) > _SOURCES_SHOWN and len(columns) == 1:
        return f"from {columns.pop()} of {len(parts)} assets"
    shown = (
        f"{asset} ({', '.join(names) if len(names) <= _SOURCES_SHOWN else f'{len(names)} columns'})"
        for asset, names in parts.items()
    )
    return f"from {', '.join(shown)}"


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


def numbered(name: str, texts: Sequence[str]) -> dict[str, dg.MetadataValue]:
    """Markdown of one experiment each: ``name 1``, ``name 2``; of a single one just ``name``.

    The texts name the experiments: a long key in the first column of the UI's table would leave no
    room for the numbers in the second.
    """
    names = [name] if len(texts) == 1 else [f"{name} {place}" for place in range(1, len(texts) + 1)]
    return {key: dg.MetadataValue.md(text) for key, text in zip(names, texts, strict=True)}


def partition_metadata(
    table: TableDefinition,
    rows: int,
    *,
    reason: str = "",
    **more: dg.MetadataValue | str | int,
) -> dict[str, Any]:
    """What every materialisation of a table tells: what is to be read first, then rows and table.

    The columns are told once, by the asset: the event log keeps every materialisation for ever.
    """
    return {
        **({"reason": reason} if reason else {}),
        **more,
        "dagster/row_count": rows,
        "dagster/table_name": table.qualified,
    }
