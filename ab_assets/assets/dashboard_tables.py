"""What the tables of ``flow_report_app`` have in common: of each tag, rows of its newest day.

What belongs here: finding that day, and overwriting the partition of the tag. What does not: which
rows (``testing_result``, ``experiment_health``, ``report_trend``).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import dagster as dg

from ab_assets.assets.describing import (
    code_version,
    partition_metadata,
    pool_of,
    table_schema,
)
from ab_assets.assets.origin import asset_origin
from ab_assets.modules.model import Module
from ab_assets.partitions import tag_partitions
from ab_assets.project import Project
from ab_assets.resources.warehouse import WarehouseResource
from ab_assets.warehouse.interface import Provenance, Warehouse
from ab_assets.warehouse.statements import Statement
from ab_assets.warehouse.tables import TableDefinition


@dataclass(frozen=True, slots=True)
class DashboardTable:
    """One of the tables.

    Attributes:
        key: Its asset, whose last part names the pool.
        table: What is written.
        description: What people read of it.
        path: How provenance calls the way it is made.
        upstream: The asset of a module that it is made of, as the last part of its key.
        source: The table of a tag that is read.
        statement: The query, of the source and what its newest partition was made from.
    """

    key: dg.AssetKey
    table: TableDefinition
    description: str
    path: str
    upstream: str
    source: Callable[[Module, str], TableDefinition]
    statement: Callable[[TableDefinition, Provenance], Statement]


def build_dashboard_table(project: Project, made_of: DashboardTable) -> dg.AssetsDefinition:
    """The asset of a table, one partition a tag."""
    table = made_of.table

    @dg.asset(
        key=made_of.key,
        description=made_of.description,
        partitions_def=tag_partitions(project.catalogue.tags),
        deps=list(_upstream(project.catalogue.modules, made_of.upstream)),
        code_version=code_version(["testing_result"]),
        metadata={"dagster/column_schema": table_schema(table)},
        pool=pool_of(project, f"dashboard_{made_of.key.path[-1]}"),
        group_name="dashboard",
        owners=["team:data-platform"],
        kinds={"sql", project.engine},
    )
    def dashboard_table(
        context: dg.AssetExecutionContext, warehouse: WarehouseResource
    ) -> dg.MaterializeResult:  # type: ignore[type-arg]  # Dagster reads the bare class
        tag = context.partition_key
        source = made_of.source(project.catalogue.module_of(tag), tag)
        engine = warehouse.open()
        with asset_origin(context), engine.session():
            newest = _newest(engine, source, tag, made_of.upstream)
            engine.ensure(table)
            engine.ensure(source)
            statement = made_of.statement(source, newest)
            rows = engine.overwrite(
                table,
                {"tag": tag},
                statement,
                Provenance(
                    tag=tag,
                    event_date=None,
                    config_hash=newest.config_hash,
                    sql_hash=statement.sql_hash,
                    run_id=context.run.run_id,
                    path=made_of.path,
                    computed_at=datetime.now(UTC),
                    reason=newest.reason,
                ),
            )
        return dg.MaterializeResult(
            metadata=partition_metadata(
                table, rows, reason=newest.reason, event_date=str(newest.event_date)
            )
        )

    return dashboard_table


def _newest(engine: Warehouse, source: TableDefinition, tag: str, upstream: str) -> Provenance:
    made = engine.read_provenance(source.qualified, tag)
    if not made:
        what = upstream.partition("_")[0]
        description = f"no {what} of {tag!r} was ever made; materialise its {upstream} first"
        raise dg.Failure(description=description, allow_retries=False)
    return max(made, key=lambda record: str(record.event_date))


def _upstream(modules: Iterable[Module], asset: str) -> Iterable[dg.AssetDep]:
    for module in modules:
        yield dg.AssetDep(
            dg.AssetKey([module.module, asset]), partition_mapping=dg.AllPartitionMapping()
        )
