"""The inputs: exposures and events, observed, never written.

What belongs here: their external assets and the observation of daily row counts. What does not:
their checks (``source_checks``), loading files into them (``ab-assets load``).
"""

import warnings
from datetime import timedelta
from typing import Any

import dagster as dg

from ab_assets.assets.describing import (
    INPUTS_GROUP,
    PLATFORM_OWNERS,
    SOURCE_EVENTS,
    SOURCE_EXPOSURES,
    Layer,
    asset_tags,
    table_metadata,
)
from ab_assets.assets.descriptions import Description
from ab_assets.assets.origin import asset_origin
from ab_assets.assets.source_checks import (
    SourceChecksConfig,
    check_results,
    check_specs,
    source_history,
)
from ab_assets.experiments import day_bounds
from ab_assets.project import Project
from ab_assets.resources.warehouse import WarehouseResource
from ab_assets.warehouse.schema import fixed_table

_DAYS_OBSERVED = 14
_INGEST = "loading: `docs/ingest.md`"
_DESCRIPTIONS = {
    SOURCE_EXPOSURES: Description(
        "Who saw which variation of which experiment, and when: `ab_source.exposures`.",
        grain="unit × experiment × time",
        when_it_fails="`volume` and `freshness` say which day lacks rows. Nothing here writes the "
        "table: the loading job behind it has to be put right, and the days made again.",
        look_at=("a company's own table is connected in `sql/source/exposures.sql`", _INGEST),
    ),
    SOURCE_EVENTS: Description(
        "What units did: `ab_source.events`.",
        grain="event",
        when_it_fails="`freshness` says how far its rows reach, `late_rows` what came too late to "
        "be counted: `ab-assets run --full` picks that up.",
        look_at=("a company's own table is connected in `sql/source/events.sql`", _INGEST),
    ),
}


def build_sources(project: Project) -> dg.AssetsDefinition:
    """The two source assets; observing them counts the rows of the newest days and checks one."""
    specs = [
        dg.AssetSpec(
            key=key,
            description=description.markdown,
            group_name=INPUTS_GROUP,
            owners=PLATFORM_OWNERS,
            tags=asset_tags(Layer.SOURCE),
            kinds={"table", project.engine},
            metadata=table_metadata(fixed_table(_table(key))),
        )
        for key, description in _DESCRIPTIONS.items()
    ]

    def observe_sources(  # Dagster wants a tuple's annotation here, or none
        context: dg.AssetExecutionContext, config: SourceChecksConfig, warehouse: WarehouseResource
    ) -> Any:  # noqa: ANN401
        for key in sorted(context.selected_asset_keys):
            with asset_origin(context, key):
                observed = _observation(project, key, warehouse)
                history = source_history(project, key, warehouse, config.checked_day(project))
            yield observed
            yield from check_results(key, history, config.limits)

    # Called, not written above the function: Dagster does not type this decorator.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)  # beta in Dagster 1.13
        decorate = dg.multi_observable_source_asset(
            name="observe_sources", specs=specs, can_subset=True, check_specs=check_specs()
        )
        definition: dg.AssetsDefinition = decorate(observe_sources)
    return definition


def _observation(
    project: Project, key: dg.AssetKey, warehouse: WarehouseResource
) -> dg.ObserveResult:
    newest = project.settings.today()
    oldest = newest - timedelta(days=_DAYS_OBSERVED - 1)
    engine = warehouse.open()
    with engine.session():
        engine.ensure(fixed_table(_table(key)))
        counts = engine.fetch(
            project.library.render(
                f"source/daily_{key.path[-1]}.sql",
                {
                    "counted_from": day_bounds(oldest, project.settings.zone)[0],
                    "time_zone": project.settings.timezone,
                },
            )
        )
    rows = dict(counts.iter_rows())
    days = [oldest + timedelta(days=place) for place in range(_DAYS_OBSERVED)]
    lines = "\n".join(f"| {day} | {rows.get(day, 0):,} |" for day in days)
    total = sum(rows.values())
    return dg.ObserveResult(
        asset_key=key,
        metadata={
            "rows_of_newest_days": total,
            "newest_day": str(max(rows, default="none")),
            "daily_rows": dg.MetadataValue.md(f"| day | rows |\n|---|---|\n{lines}"),
        },
        data_version=dg.DataVersion(f"{max(rows, default='none')}:{total}"),
    )


def _table(key: dg.AssetKey) -> str:
    return f"ab_source.{key.path[-1]}"
