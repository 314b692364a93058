"""``<module>/plan``: what the next experiment of a tag can find, by duration.

What belongs here: that asset. What does not: planning (:mod:`ab_assets.planning`).
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import dagster as dg

from ab_assets.analysis.lineage import plan_lineage
from ab_assets.assets.describing import (
    PLAN_POOL,
    Layer,
    asset_tags,
    code_version,
    module_group,
    partition_metadata,
    plan_key,
    pool_of,
    report_user_key,
    table_metadata,
)
from ab_assets.assets.descriptions import Description, asset_link
from ab_assets.assets.origin import asset_origin
from ab_assets.deferred import deferred
from ab_assets.modules.model import Module
from ab_assets.partitions import tag_partitions
from ab_assets.project import Project
from ab_assets.resources.warehouse import WarehouseResource
from ab_assets.warehouse.interface import Provenance, Warehouse
from ab_assets.warehouse.schema import PLAN_TABLE, fixed_table

if TYPE_CHECKING:
    import polars as pl

    from ab_assets.planning.history import read_history
    from ab_assets.planning.markdown import plans_markdown
    from ab_assets.planning.plan_table import plan_frame
    from ab_assets.planning.wishes import Wishes, plans_of_tag
    from ab_assets.reporting import reading
    from ab_assets.warehouse.frames import empty_frame
else:
    read_history = deferred("ab_assets.planning.history:read_history")
    plans_markdown = deferred("ab_assets.planning.markdown:plans_markdown")
    plan_frame = deferred("ab_assets.planning.plan_table:plan_frame")
    Wishes = deferred("ab_assets.planning.wishes:Wishes")
    plans_of_tag = deferred("ab_assets.planning.wishes:plans_of_tag")
    empty_frame = deferred("ab_assets.warehouse.frames:empty_frame")
    pl = deferred("polars")
    reading = deferred("ab_assets.reporting.reading")


def build_plan(project: Project, module: Module) -> dg.AssetsDefinition:
    """The plans of a module, one partition a tag."""
    table = fixed_table(PLAN_TABLE)

    @dg.asset(
        key=plan_key(module.module),
        description=_description(project, module).markdown,
        partitions_def=tag_partitions(module.tags),
        deps=[
            dg.AssetDep(report_user_key(module.module), partition_mapping=dg.AllPartitionMapping())
        ],
        code_version=code_version(["planning"], module),
        metadata=table_metadata(table, plan_lineage(module.module)),
        tags=asset_tags(Layer.PLAN, module.tags, module.module),
        pool=pool_of(project, PLAN_POOL),
        group_name=module_group(module.module),
        owners=list(module.owners),
        kinds={"sql", "python", project.engine},
    )
    def plan(
        context: dg.AssetExecutionContext, warehouse: WarehouseResource
    ) -> dg.MaterializeResult:  # type: ignore[type-arg]  # Dagster reads the bare class
        tag = context.partition_key
        engine = warehouse.open()
        with asset_origin(context), engine.session():
            frame, shown, reason = _planned(project, engine, tag, context.run.run_id)
            engine.ensure(table)
            provenance = Provenance(
                tag=tag,
                event_date=None,
                config_hash="",
                sql_hash="",
                run_id=context.run.run_id,
                path="newest",
                computed_at=datetime.now(UTC),
                reason=reason,
            )
            rows = engine.overwrite_rows(table, {"tag": tag}, frame, provenance)
        told = {"plan": dg.MetadataValue.md(shown)} if shown else {}
        return dg.MaterializeResult(metadata=partition_metadata(table, rows, reason=reason, **told))

    return plan


def _description(project: Project, module: Module) -> Description:
    report = asset_link(project.settings, report_user_key(module.module))
    return Description(
        f"{module.title or module.module}: for every metric of a tag, the smallest effect an "
        "experiment finds after so many weeks, and how many users and days its smallest effect "
        "worth finding takes. From the newest report; `ab-assets plan` answers more.",
        grain="tag × metric × weeks",
        when_it_fails=(
            f"it reads the newest {report} and its wide table. A tag without a report has an empty "
            "partition that says so."
        ),
        look_at=("`docs/planning.md`",),
    )


def _planned(
    project: Project, warehouse: Warehouse, tag: str, run_id: str
) -> "tuple[pl.DataFrame, str, str]":
    """The rows, how they read, and why there are none."""
    try:
        history = read_history(
            warehouse, project.library, project.catalogue, project.settings.zone, tag
        )
    except reading.NoReportError as error:
        return empty_frame(fixed_table(PLAN_TABLE)), "", str(error)
    plans = plans_of_tag(Wishes(), history)
    frame = plan_frame(history, plans, run_id, datetime.now(UTC))
    reason = "" if plans.pairs else f"no metric of {history.experiment_key} can be planned from"
    return frame, plans_markdown(history, plans), reason
