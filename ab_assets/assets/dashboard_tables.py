"""``flow_report_app/…``: the tables dashboards read, one partition a tag.

What belongs here: those assets; they only copy, so that a dashboard needs no right on anything
else. What does not: reports, health.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import dagster as dg

from ab_assets.analysis.columns import report_table
from ab_assets.analysis.lineage import Lineage, dashboard_lineage, shown_health_lineage
from ab_assets.assets.describing import (
    EXPERIMENT_HEALTH,
    PLATFORM_OWNERS,
    REPORT_TREND,
    RESULTS_GROUP,
    TESTING_RESULT,
    Layer,
    asset_tags,
    code_version,
    health_key,
    partition_metadata,
    pool_of,
    report_user_key,
    table_metadata,
)
from ab_assets.assets.descriptions import Description, asset_links
from ab_assets.assets.origin import asset_origin
from ab_assets.partitions import tag_partitions
from ab_assets.project import Project
from ab_assets.resources.warehouse import WarehouseResource
from ab_assets.warehouse.interface import Provenance, Warehouse
from ab_assets.warehouse.schema import HEALTH_TABLE, REPORT_TABLE, fixed_table
from ab_assets.warehouse.tables import TableDefinition


@dataclass(frozen=True, slots=True)
class _DashboardTable:
    """One table.

    Attributes:
        statement: The file under ``sql/``; it is given the tag and the newest day.
        reads: The assets it copies from, of each module one.
        what: What it holds, in a sentence.
    """

    key: dg.AssetKey
    table: TableDefinition
    statement: str
    reads: tuple[dg.AssetKey, ...]
    lineage: Lineage = field(hash=False)
    what: str
    grain: str
    look_at: tuple[str, ...]


def build_dashboard_tables(project: Project) -> list[dg.AssetsDefinition]:
    """The newest report of each tag, its health, and how it came about day by day."""
    return [_build(project, item) for item in _tables(project)]


def _tables(project: Project) -> tuple[_DashboardTable, ...]:
    modules = [module.module for module in project.catalogue]
    reports = tuple(report_user_key(name) for name in modules)
    trend = fixed_table("flow_report_app.tbl_report_trend")
    lineage = dashboard_lineage(project.catalogue)
    return (
        _DashboardTable(
            key=TESTING_RESULT,
            table=fixed_table(REPORT_TABLE),
            statement="testing_result/testing_result.sql",
            reads=reports,
            lineage=lineage,
            what="What dashboards read: of every tag the report of its newest day, nothing else.",
            grain="tag × experiment × metric × dimension value × variation",
            look_at=("`docs/architecture.md`", "`docs/statistics.md` for what the columns mean"),
        ),
        _DashboardTable(
            key=EXPERIMENT_HEALTH,
            table=fixed_table("flow_report_app.tbl_experiment_health"),
            statement="testing_result/experiment_health.sql",
            reads=tuple(health_key(name) for name in modules),
            lineage=shown_health_lineage(modules),
            what=(
                "What dashboards show of health: of every tag the findings of its newest day, also "
                "where they stopped that day's report."
            ),
            grain="tag × experiment × check × dimension value",
            look_at=("`docs/health.md` for what each check means",),
        ),
        _DashboardTable(
            key=REPORT_TREND,
            table=trend,
            statement="testing_result/report_trend.sql",
            reads=reports,
            lineage={name: lineage[name] for name in trend.column_names if name in lineage},
            what=(
                "What dashboards draw over time: of every tag the goals and guardrails on each day "
                "of the phases that its newest report shows."
            ),
            grain="tag × event_date × experiment × metric × variation, over all users",
            look_at=("`docs/architecture.md`",),
        ),
    )


def _build(project: Project, item: _DashboardTable) -> dg.AssetsDefinition:
    @dg.asset(
        key=item.key,
        description=_description(project, item).markdown,
        partitions_def=tag_partitions(project.catalogue.tags),
        deps=list(_deps(item.reads)),
        code_version=code_version(["testing_result"]),
        metadata=table_metadata(item.table, item.lineage),
        tags=asset_tags(Layer.DASHBOARD, project.catalogue.tags),
        pool=pool_of(project, f"dashboard_{item.key.path[-1]}"),
        group_name=RESULTS_GROUP,
        owners=PLATFORM_OWNERS,
        kinds={"sql", project.engine},
    )
    def dashboard_table(
        context: dg.AssetExecutionContext, warehouse: WarehouseResource
    ) -> dg.MaterializeResult:  # type: ignore[type-arg]  # Dagster reads the bare class
        engine = warehouse.open()
        with asset_origin(context), engine.session():
            newest = _newest(project, engine, item, context.partition_key)
            rows = _copy(project, engine, item, newest, context.run.run_id)
        return dg.MaterializeResult(
            metadata=partition_metadata(
                item.table, rows, reason=newest.reason, event_date=str(newest.event_date)
            )
        )

    return dashboard_table


def _newest(project: Project, warehouse: Warehouse, item: _DashboardTable, tag: str) -> Provenance:
    """What the newest partition of a tag was made from."""
    upstream = item.reads[0].path[-1]
    report = report_table(project.catalogue.module_of(tag).module, tag)
    source = HEALTH_TABLE if upstream == "health" else report.qualified
    made = warehouse.read_provenance(source, tag)
    if not made:
        what = upstream.partition("_")[0]
        description = f"no {what} of {tag!r} was ever made; materialise its {upstream} first"
        raise dg.Failure(description=description, allow_retries=False)
    return max(made, key=lambda record: str(record.event_date))


def _copy(
    project: Project, warehouse: Warehouse, item: _DashboardTable, newest: Provenance, run_id: str
) -> int:
    tag = newest.tag
    report = report_table(project.catalogue.module_of(tag).module, tag)
    for table in (item.table, report, fixed_table(HEALTH_TABLE)):
        warehouse.ensure(table)
    context: Mapping[str, object] = {"report": report, "columns": item.table.column_names}
    statement = project.library.render(
        item.statement, {"tag": tag, "event_date": newest.event_date}, **context
    )
    record = Provenance(
        tag=tag,
        event_date=None,
        config_hash=newest.config_hash,
        sql_hash=statement.sql_hash,
        run_id=run_id,
        path="newest",
        computed_at=datetime.now(UTC),
        reason=newest.reason,
    )
    return warehouse.overwrite(item.table, {"tag": tag}, statement, record)


def _description(project: Project, item: _DashboardTable) -> Description:
    reports = (report_user_key(module.module) for module in project.catalogue)
    return Description(
        f"{item.what} One partition a tag.",
        grain=item.grain,
        when_it_fails=(
            "it only copies: without a report of the tag there is nothing to copy, so make one of "
            f"{asset_links(project.settings, reports)} first. Until then dashboards go on showing "
            "what they showed. Making it again after an older day was run changes nothing."
        ),
        look_at=item.look_at,
    )


def _deps(keys: Iterable[dg.AssetKey]) -> Iterable[dg.AssetDep]:
    return (dg.AssetDep(key, partition_mapping=dg.AllPartitionMapping()) for key in keys)
