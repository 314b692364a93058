"""``flow_report_app/ab_testing_result``: the dashboard table, the newest result of each tag.

What belongs here: that asset. What does not: reports.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

import dagster as dg

from ab_assets.analysis.columns import report_table
from ab_assets.analysis.lineage import dashboard_lineage
from ab_assets.assets.describing import (
    PLATFORM_OWNERS,
    RESULTS_GROUP,
    TESTING_RESULT,
    TESTING_RESULT_POOL,
    Layer,
    asset_tags,
    code_version,
    partition_metadata,
    pool_of,
    report_user_key,
    table_metadata,
)
from ab_assets.assets.descriptions import Description, asset_links
from ab_assets.assets.origin import asset_origin
from ab_assets.modules.model import Module
from ab_assets.partitions import tag_partitions
from ab_assets.project import Project
from ab_assets.resources.warehouse import WarehouseResource
from ab_assets.warehouse.interface import Provenance
from ab_assets.warehouse.schema import fixed_table

DASHBOARD_TABLE = "flow_report_app.tbl_report_ab_testing_result"


def build_testing_result(project: Project) -> dg.AssetsDefinition:
    """The dashboard table, one partition a tag."""
    table = fixed_table(DASHBOARD_TABLE)

    @dg.asset(
        key=TESTING_RESULT,
        description=_description(project).markdown,
        partitions_def=tag_partitions(project.catalogue.tags),
        deps=list(_reports(project.catalogue.modules)),
        code_version=code_version(["testing_result"]),
        metadata=table_metadata(table, dashboard_lineage(project.catalogue)),
        tags=asset_tags(Layer.DASHBOARD, project.catalogue.tags),
        pool=pool_of(project, TESTING_RESULT_POOL),
        group_name=RESULTS_GROUP,
        owners=PLATFORM_OWNERS,
        kinds={"sql", project.engine},
    )
    def ab_testing_result(
        context: dg.AssetExecutionContext, warehouse: WarehouseResource
    ) -> dg.MaterializeResult:  # type: ignore[type-arg]  # Dagster reads the bare class
        tag = context.partition_key
        report = report_table(project.catalogue.module_of(tag).module, tag)
        engine = warehouse.open()
        with asset_origin(context), engine.session():
            made = engine.read_provenance(report.qualified, tag)
            if not made:
                description = (
                    f"no report of {tag!r} was ever made; materialise its report_user first"
                )
                raise dg.Failure(description=description, allow_retries=False)
            newest = max(made, key=lambda record: str(record.event_date))
            engine.ensure(table)
            engine.ensure(report)
            statement = project.library.render(
                "testing_result/testing_result.sql",
                {"tag": tag, "event_date": newest.event_date},
                report=report,
                columns=table.column_names,
            )
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
                    path="newest",
                    computed_at=datetime.now(UTC),
                    reason=newest.reason,
                ),
            )
        return dg.MaterializeResult(
            metadata=partition_metadata(
                table, rows, reason=newest.reason, event_date=str(newest.event_date)
            )
        )

    return ab_testing_result


def _description(project: Project) -> Description:
    reports = (report_user_key(module.module) for module in project.catalogue)
    return Description(
        "What dashboards read: of every tag the report of its newest day, and nothing else. One "
        "partition a tag.",
        grain="tag × experiment × metric × dimension value × variation",
        when_it_fails=(
            "it only copies: without a report of the tag there is nothing to copy, so make one of "
            f"{asset_links(project.settings, reports)} first. Until then dashboards go on showing "
            "what they showed. Making it again after an older day was run changes nothing."
        ),
        look_at=("`docs/architecture.md`", "`docs/statistics.md` for what the columns mean"),
    )


def _reports(modules: Iterable[Module]) -> Iterable[dg.AssetDep]:
    for module in modules:
        yield dg.AssetDep(
            report_user_key(module.module),
            partition_mapping=dg.AllPartitionMapping(),
        )
