"""``<module>/wide_user``: one row an exposed unit as of the end of the day.

What belongs here: that asset of every module. What does not: its SQL, the choice of path.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

import dagster as dg

from ab_assets.analysis.columns import wide_table, with_retired_columns
from ab_assets.analysis.lineage import wide_lineage
from ab_assets.analysis.tag_day import TagDay
from ab_assets.assets.describing import (
    EXPERIMENT_DATA,
    SAME_PARTITION,
    SOURCE_EVENTS,
    SOURCE_EXPOSURES,
    Layer,
    asset_tags,
    code_version,
    health_key,
    module_group,
    numbered,
    partition_metadata,
    pool_of,
    table_metadata,
    wide_user_key,
)
from ab_assets.assets.descriptions import Description, asset_link
from ab_assets.assets.experiment_data import resolve_day, why_empty
from ab_assets.assets.origin import asset_origin
from ab_assets.deferred import deferred
from ab_assets.modules.measures import measures_of
from ab_assets.modules.model import Module
from ab_assets.partitions import read_tag_date, tag_date_partitions
from ab_assets.project import Project
from ab_assets.reporting.formatting import markdown_table
from ab_assets.resources.warehouse import WarehouseResource
from ab_assets.warehouse.interface import Provenance, Warehouse
from ab_assets.warehouse.schema import fixed_table
from ab_assets.warehouse.tables import TableDefinition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ab_assets.analysis.wide_path import PathChoice, choose_paths
    from ab_assets.analysis.wide_user import measures_hash, wide_user_statement
    from ab_assets.health.units_by_arm import ArmUnits, units_by_arm
    from ab_assets.reporting.units_table import units_markdown
    from ab_assets.warehouse.frames import empty_frame
else:
    choose_paths = deferred("ab_assets.analysis.wide_path:choose_paths")
    measures_hash = deferred("ab_assets.analysis.wide_user:measures_hash")
    wide_user_statement = deferred("ab_assets.analysis.wide_user:wide_user_statement")
    units_by_arm = deferred("ab_assets.health.units_by_arm:units_by_arm")
    units_markdown = deferred("ab_assets.reporting.units_table:units_markdown")
    empty_frame = deferred("ab_assets.warehouse.frames:empty_frame")


class WideUserConfig(dg.Config):
    """How to make the partition.

    Attributes:
        full: From the source rows of the whole phase, whatever yesterday's partition offers.
    """

    full: bool = False


@dataclass(frozen=True, slots=True)
class WideMade:
    """What making a partition did."""

    table: TableDefinition
    choices: "tuple[PathChoice, ...]"
    rows: int
    old_rows_dropped: int
    arms: "tuple[ArmUnits, ...]"


def build_wide_user(project: Project, module: Module) -> dg.AssetsDefinition:
    """The wide table of a module, one table a tag."""
    measures = measures_of(module, module.metrics.values())
    example = wide_table(module.module, module.tags[0], measures)

    @dg.asset(
        key=wide_user_key(module.module),
        description=_description(project, module).markdown,
        partitions_def=tag_date_partitions(module.tags, project.settings),
        deps=[
            dg.AssetDep(EXPERIMENT_DATA, partition_mapping=SAME_PARTITION),
            SOURCE_EXPOSURES,
            SOURCE_EVENTS,
        ],
        code_version=code_version(["wide_user", "pieces"], module),
        metadata=table_metadata(example, wide_lineage(measures)),
        tags=asset_tags(Layer.WIDE, module.tags, module.module),
        pool=pool_of(project, f"wide_user_{module.module}"),
        group_name=module_group(module.module),
        owners=list(module.owners),
        kinds={"sql", project.engine},
    )
    def wide_user(
        context: dg.AssetExecutionContext, config: WideUserConfig, warehouse: WarehouseResource
    ) -> dg.MaterializeResult:  # type: ignore[type-arg]  # Dagster reads the bare class
        engine = warehouse.open()
        with asset_origin(context), engine.session():
            day = resolve_day(project, engine, read_tag_date(context))
            made = make_wide(project, engine, day, context.run.run_id, force_full=config.full)
        return dg.MaterializeResult(metadata=wide_metadata(day, made))

    return wide_user


def _description(project: Project, module: Module) -> Description:
    settings = project.settings
    return Description(
        f"{module.title or module.module}: every exposed unit as of the end of the day, with its "
        "variation, its dimensions at first exposure and one column for every measure since then.",
        grain="event_date × experiment × exposed unit",
        when_it_fails=(
            "it is made of yesterday's partition and today's events where that is right, else of "
            "the source rows; `paths` says which and why. So one partition made again alone is "
            "right, and `full: true` in the launchpad reads everything anew. Whether rows are lost "
            f"or doubled, {asset_link(settings, health_key(module.module))} says."
        ),
        look_at=(
            f"the measures are declared in `sql/modules/{module.module}/module.yaml`",
            "`docs/modules.md`",
        ),
    )


def make_wide(
    project: Project, warehouse: Warehouse, day: TagDay, run_id: str, *, force_full: bool
) -> WideMade:
    """Makes the wide partition of a tag on a day and drops those too far behind the newest."""
    table = _table(warehouse, day)
    choices, rows = _write(project, warehouse, day, table, run_id, force_full=force_full)
    dropped = _drop_old(project, warehouse, day, table)
    arms = units_by_arm(warehouse, project.library, day, table)
    return WideMade(table, tuple(choices), rows, dropped, arms)


def wide_metadata(day: TagDay, made: WideMade) -> dict[str, Any]:
    """What a materialisation of the partition tells."""
    return partition_metadata(
        made.table,
        made.rows,
        reason=why_empty(day),
        **_of_arms(made.arms),
        paths=dg.MetadataValue.md(_told(made.choices)),
        old_rows_dropped=made.old_rows_dropped,
        config_hash=day.config_hash,
    )


def _of_arms(arms: "Sequence[ArmUnits]") -> dict[str, Any]:
    """Units by arm, a table an experiment, and the whole numbers the UI plots over the days."""
    if not arms:
        return {}
    by_experiment = groupby(arms, key=lambda arm: arm.experiment_key)
    return {
        **numbered("arms", [units_markdown(list(own)) for _, own in by_experiment]),
        "units": sum(arm.units for arm in arms),
        "crossovers": sum(arm.crossovers for arm in arms),
    }


def _table(warehouse: Warehouse, day: TagDay) -> TableDefinition:
    table = wide_table(day.module.module, day.tag, day.measures)
    table = with_retired_columns(table, warehouse.columns(table.qualified))
    warehouse.ensure(table)
    for source in ("ab_source.exposures", "ab_source.events"):
        warehouse.ensure(fixed_table(source))
    warehouse.ensure(fixed_table("ab.experiment_data"))
    return table


def _write(
    project: Project,
    warehouse: Warehouse,
    day: TagDay,
    table: TableDefinition,
    run_id: str,
    *,
    force_full: bool,
) -> "tuple[Sequence[PathChoice], int]":
    partition = {"event_date": day.event_date}

    def provenance(sql_hash: str, path: str, reason: str) -> Provenance:
        return Provenance(
            tag=day.tag,
            event_date=day.event_date,
            config_hash=day.config_hash,
            sql_hash=sql_hash,
            run_id=run_id,
            path=path,
            computed_at=datetime.now(UTC),
            reason=reason,
        )

    if not day.experiments:
        nothing = provenance("", "empty", why_empty(day))
        return (), warehouse.overwrite_rows(table, partition, empty_frame(table), nothing)
    made_of = measures_hash(project.library, day, table)
    choices = choose_paths(warehouse, project.library, day, table, made_of, force_full=force_full)
    statement = wide_user_statement(
        project.library,
        day,
        table,
        [choice.experiment for choice in choices if choice.is_incremental],
        [choice.experiment for choice in choices if not choice.is_incremental],
    )
    paths = {choice.path for choice in choices}
    record = provenance(
        made_of,
        paths.pop() if len(paths) == 1 else "mixed",
        "; ".join(
            f"{choice.experiment.experiment.key}: {choice.reason}"
            for choice in choices
            if choice.reason
        ),
    )
    return choices, warehouse.overwrite(table, partition, statement, record)


def _drop_old(project: Project, warehouse: Warehouse, day: TagDay, table: TableDefinition) -> int:
    """Drops wide partitions too far behind the newest, never the one just made."""
    made = warehouse.read_provenance(table.qualified, day.tag)
    newest = max((item.event_date for item in made if item.event_date), default=day.event_date)
    oldest_kept = newest - timedelta(days=project.settings.wide_keep_days)
    return warehouse.drop_partitions(table, day.tag, min(oldest_kept, day.event_date))


def _told(choices: "Sequence[PathChoice]") -> str:
    if not choices:
        return "nothing to make"
    rows = [
        [choice.experiment.experiment.key, choice.path, choice.reason or "yesterday's rows fit"]
        for choice in choices
    ]
    return markdown_table(["experiment", "path", "why"], rows)
