"""``flow_report_app/ab_testing_result``: the dashboard table, the newest result of each tag.

What belongs here: that asset. What does not: reports.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

import dagster as dg

from ab_assets.analysis.columns import report_table
from ab_assets.assets.describing import (
    TESTING_RESULT,
    TESTING_RESULT_POOL,
    code_version,
    partition_metadata,
    pool_of,
    report_user_key,
    table_schema,
)
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
        description=(
            "What Metabase reads: of every tag the report of the newest day, and nothing else. "
            "Making it again after an older day was run changes nothing."
        ),
        partitions_def=tag_partitions(project.catalogue.tags),
        deps=list(_reports(project.catalogue.modules)),
        code_version=code_version(["testing_result"]),
        metadata={"dagster/column_schema": table_schema(table)},
        pool=pool_of(project, TESTING_RESULT_POOL),
        group_name="dashboard",
        owners=["team:data-platform"],
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


def _reports(modules: Iterable[Module]) -> Iterable[dg.AssetDep]:
    for module in modules:
        yield dg.AssetDep(
            report_user_key(module.module),
            partition_mapping=dg.AllPartitionMapping(),
        )
