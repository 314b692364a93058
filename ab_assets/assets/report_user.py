"""``<module>/report_user``: every comparison of a tag's experiments, cumulative to the day.

What belongs here: that asset. What does not: statistics, rows, how people read them.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import dagster as dg

from ab_assets.analysis.columns import report_table, wide_table
from ab_assets.analysis.lineage import report_lineage
from ab_assets.analysis.tag_day import TagDay
from ab_assets.assets.describing import (
    GROWTHBOOK_EXPERIMENTS,
    SAME_PARTITION,
    TESTING_RESULT,
    Layer,
    asset_tags,
    code_version,
    health_key,
    module_group,
    partition_check,
    partition_metadata,
    pool_of,
    report_user_key,
    table_metadata,
    wide_user_key,
)
from ab_assets.assets.descriptions import Description, asset_link
from ab_assets.assets.experiment_data import resolve_day, why_empty
from ab_assets.assets.health import (
    check_evaluations,
    health_entries,
    health_metadata,
    make_health,
)
from ab_assets.assets.origin import asset_origin
from ab_assets.assets.report_entries import report_entries
from ab_assets.assets.report_frame import report_output_type
from ab_assets.assets.upstream import announcer, serving_wide_partition
from ab_assets.deferred import deferred
from ab_assets.health.finding import Finding
from ab_assets.modules.model import Module
from ab_assets.partitions import read_tag_date, tag_date_partitions
from ab_assets.project import Project
from ab_assets.reporting.formatting import markdown_text
from ab_assets.resources.warehouse import WarehouseResource
from ab_assets.warehouse.interface import Provenance, Warehouse
from ab_assets.warehouse.schema import HEALTH_TABLE

if TYPE_CHECKING:
    import polars as pl

    from ab_assets.health.table import read_findings
    from ab_assets.reporting.conservation import conservation_problems
    from ab_assets.reporting.frame_type import to_pandas
    from ab_assets.reporting.report import report_hash, report_of
    from ab_assets.reporting.rows import Stamp
    from ab_assets.reporting.trust import trust_of
    from ab_assets.warehouse.frames import empty_frame
else:
    read_findings = deferred("ab_assets.health.table:read_findings")
    conservation_problems = deferred("ab_assets.reporting.conservation:conservation_problems")
    to_pandas = deferred("ab_assets.reporting.frame_type:to_pandas")
    report_hash = deferred("ab_assets.reporting.report:report_hash")
    report_of = deferred("ab_assets.reporting.report:report_of")
    Stamp = deferred("ab_assets.reporting.rows:Stamp")
    trust_of = deferred("ab_assets.reporting.trust:trust_of")
    empty_frame = deferred("ab_assets.warehouse.frames:empty_frame")
    pl = deferred("polars")

REPORT_IO_MANAGER = "report_io_manager"
CONSERVES_UNITS = "report_conserves_units"


def build_report_user(project: Project, module: Module) -> dg.AssetsDefinition:
    """The report of a module, one table a tag."""
    key = report_user_key(module.module)
    table = report_table(module.module, module.tags[0])
    partitions = tag_date_partitions(module.tags, project.settings)

    @dg.asset(
        key=key,
        description=_description(project, module).markdown,
        partitions_def=partitions,
        deps=[
            dg.AssetDep(wide_user_key(module.module), partition_mapping=SAME_PARTITION),
            dg.AssetDep(health_key(module.module), partition_mapping=SAME_PARTITION),
            GROWTHBOOK_EXPERIMENTS,
        ],
        dagster_type=report_output_type(),
        io_manager_key=REPORT_IO_MANAGER,
        code_version=code_version(["report_user"], module),
        pool=pool_of(project, f"report_user_{module.module}"),
        metadata=table_metadata(table, report_lineage(module)),
        tags=asset_tags(Layer.REPORT, module.tags, module.module),
        check_specs=[
            partition_check(
                CONSERVES_UNITS,
                key,
                partitions,
                "Every compared unit of the wide table is in the report, once.",
                blocking=True,
            )
        ],
        group_name=module_group(module.module),
        owners=list(module.owners),
        kinds={"sql", "pandas", project.engine},
    )
    def report_user(
        context: dg.AssetExecutionContext, warehouse: WarehouseResource
    ) -> Iterator[dg.AssetCheckResult | dg.Output[Any]]:
        engine = warehouse.open()
        with asset_origin(context), engine.session():
            day = resolve_day(project, engine, read_tag_date(context))
            frame, sql_hash, findings, problems = _report(project, engine, day, context)
        told = "; ".join(problems)
        yield dg.AssetCheckResult(
            check_name=CONSERVES_UNITS,
            passed=not problems,
            description=told or "every compared unit is in the report, once",
        )
        if problems:
            # Nothing is written: yesterday's right report is better than today's wrong one.
            raise dg.Failure(description=told, allow_retries=False)
        own = report_table(module.module, day.tag)
        yield dg.Output(
            to_pandas(frame),
            metadata=partition_metadata(
                own,
                frame.height,
                reason=why_empty(day),
                **report_entries(day, frame),
                **health_entries(day, findings),
                config_hash=day.config_hash,
                sql_hash=sql_hash,
            ),
        )

    return report_user


def _description(project: Project, module: Module) -> Description:
    settings = project.settings
    metrics = ", ".join(
        markdown_text(metric.title or name) for name, metric in module.metrics.items()
    )
    return Description(
        f"{module.title or module.module}: each variation against the control, metric by metric, "
        "for all users and by dimension, cumulative from the start of the phase to the end of the "
        f"day. Open a partition to read the verdicts.\n\n**Metrics:** {metrics}",
        grain="event_date × experiment × metric × dimension value × variation",
        when_it_fails=(
            f"`{CONSERVES_UNITS}` means that units were lost between the wide table and the "
            "report; the report of before stays. Otherwise look at "
            f"{asset_link(settings, health_key(module.module))}. Making one partition alone is "
            "right: what it needs and does not find is made on the way."
        ),
        look_at=(
            f"the newest of each tag: {asset_link(settings, TESTING_RESULT)}",
            "`docs/statistics.md`",
            f"`sql/modules/{module.module}/module.yaml`",
        ),
    )


def _report(
    project: Project, warehouse: Warehouse, day: TagDay, context: dg.AssetExecutionContext
) -> "tuple[pl.DataFrame, str, Sequence[Finding], list[str]]":
    table = report_table(day.module.module, day.tag)
    if not day.experiments:
        return empty_frame(table), "", (), []
    run_id = context.run.run_id
    wide = wide_table(day.module.module, day.tag, day.measures)
    made_from = serving_wide_partition(project, warehouse, day, wide, run_id, announcer(context))
    findings = _serving_findings(project, warehouse, day, made_from, context)
    sql_hash = report_hash(project.library, day, wide, made_from.sql_hash)
    stamp = Stamp(sql_hash, run_id, datetime.now(UTC))
    frame = report_of(warehouse, project.library, day, wide, table, trust_of(findings), stamp)
    return frame, sql_hash, findings, conservation_problems(frame, findings, day)


def _serving_findings(
    project: Project,
    warehouse: Warehouse,
    day: TagDay,
    made_from: Provenance,
    context: dg.AssetExecutionContext,
) -> Sequence[Finding]:
    """The findings about these wide rows, which are made first where health has not seen them."""
    checked = warehouse.read_provenance(HEALTH_TABLE, day.tag, day.event_date)
    if checked and checked[-1].computed_at >= made_from.computed_at:
        return read_findings(warehouse, project.library, day)
    findings, rows = make_health(project, warehouse, day, made_from, context.run.run_id)
    announcer(context)(
        health_key(day.module.module),
        "it has not looked at the newest wide rows",
        health_metadata(day, findings, rows),
    )
    for evaluation in check_evaluations(day, findings, context.partition_key):
        context.instance.report_runless_asset_event(evaluation)
    return findings
