"""``experiment_data``: the configuration in force and who was exposed, by tag and day.

What belongs here: that asset. What does not: its SQL.
"""

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import dagster as dg

from ab_assets.analysis.lineage import experiment_data_lineage
from ab_assets.analysis.tag_day import TagDay, tag_day
from ab_assets.assets.describing import (
    EXPERIMENT_DATA,
    EXPERIMENT_DATA_POOL,
    GROWTHBOOK_EXPERIMENTS,
    INPUTS_GROUP,
    PLATFORM_OWNERS,
    SOURCE_EXPOSURES,
    Layer,
    asset_tags,
    code_version,
    partition_metadata,
    pool_of,
    table_metadata,
)
from ab_assets.assets.descriptions import Description, asset_link, growthbook_link
from ab_assets.assets.origin import asset_origin
from ab_assets.deferred import deferred
from ab_assets.partitions import TagDate, read_tag_date, tag_date_partitions
from ab_assets.project import Project
from ab_assets.resources.warehouse import WarehouseResource
from ab_assets.warehouse.interface import Provenance, Warehouse
from ab_assets.warehouse.schema import fixed_table

if TYPE_CHECKING:
    from ab_assets.analysis.configurations import required_snapshot
    from ab_assets.analysis.experiment_data import experiment_data_statement
    from ab_assets.warehouse.frames import empty_frame
else:
    required_snapshot = deferred("ab_assets.analysis.configurations:required_snapshot")
    experiment_data_statement = deferred(
        "ab_assets.analysis.experiment_data:experiment_data_statement"
    )
    empty_frame = deferred("ab_assets.warehouse.frames:empty_frame")


def build_experiment_data(project: Project) -> dg.AssetsDefinition:
    """The asset over every module's tags."""
    table = fixed_table("ab.experiment_data")

    @dg.asset(
        key=EXPERIMENT_DATA,
        description=_description(project).markdown,
        partitions_def=tag_date_partitions(project.catalogue.tags, project.settings),
        deps=[GROWTHBOOK_EXPERIMENTS, SOURCE_EXPOSURES],
        code_version=code_version(["experiment_data", "pieces"]),
        metadata=table_metadata(table, experiment_data_lineage()),
        tags=asset_tags(Layer.EXPOSURE, project.catalogue.tags),
        pool=pool_of(project, EXPERIMENT_DATA_POOL),
        group_name=INPUTS_GROUP,
        owners=PLATFORM_OWNERS,
        kinds={"sql", project.engine},
    )
    def experiment_data(
        context: dg.AssetExecutionContext, warehouse: WarehouseResource
    ) -> dg.MaterializeResult:  # type: ignore[type-arg]  # Dagster reads the bare class
        engine = warehouse.open()
        with asset_origin(context), engine.session():
            day = resolve_day(project, engine, read_tag_date(context))
            engine.ensure(table)
            engine.ensure(fixed_table("ab_source.exposures"))
            rows = _write(project, engine, day, context.run.run_id)
        return dg.MaterializeResult(
            metadata=partition_metadata(
                table,
                rows,
                reason=why_empty(day),
                experiments=", ".join(item.experiment.key for item in day.experiments) or "none",
                config_hash=day.config_hash,
            )
        )

    return experiment_data


def _description(project: Project) -> Description:
    settings = project.settings
    asked = growthbook_link(settings)
    return Description(
        "Who was exposed to which variation on a day, with the configuration of the phase in force "
        "then. One partition a tag and day.",
        grain="tag × event_date × experiment × unit × variation seen that day",
        when_it_fails=(
            f"look at {asset_link(settings, GROWTHBOOK_EXPERIMENTS)} first: without a snapshot no "
            f"phase is known; then at {asset_link(settings, SOURCE_EXPOSURES)}. A partition of no "
            "rows says in its metadata why. Making it again is always safe."
        ),
        look_at=("`docs/architecture.md`", *([f"experiments: {asked}"] if asked else [])),
    )


def resolve_day(project: Project, warehouse: Warehouse, partition: TagDate) -> TagDay:
    """The partition's tag on its day, by the newest configuration."""
    snapshot = required_snapshot(warehouse, project.library)
    return tag_day(
        project.catalogue,
        snapshot.experiments,
        partition.tag,
        partition.event_date,
        project.settings.zone,
    )


def why_empty(day: TagDay) -> str:
    """Why a partition has nothing to do; empty where it has."""
    if day.experiments:
        return ""
    return f"no experiment with the tag {day.tag!r} was in force on {day.event_date}"


def _write(project: Project, warehouse: Warehouse, day: TagDay, run_id: str) -> int:
    table = fixed_table("ab.experiment_data")
    partition: dict[str, str | date] = {"tag": day.tag, "event_date": day.event_date}

    def provenance(sql_hash: str) -> Provenance:
        return Provenance(
            tag=day.tag,
            event_date=day.event_date,
            config_hash=day.config_hash,
            sql_hash=sql_hash,
            run_id=run_id,
            path="day",
            computed_at=datetime.now(UTC),
            reason=why_empty(day),
        )

    if not day.experiments:
        return warehouse.overwrite_rows(table, partition, empty_frame(table), provenance(""))
    statement = experiment_data_statement(project.library, day)
    return warehouse.overwrite(table, partition, statement, provenance(statement.sql_hash))
