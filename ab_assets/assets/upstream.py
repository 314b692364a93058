"""Upstream partitions that an asset needs and does not find.

What belongs here: whether the wide partition an asset is about to read serves, and making it where
it does not, so that any one partition can be materialised alone and is right. What does not: how it
is made (:mod:`ab_assets.assets.wide_user`).
"""

from collections.abc import Callable, Mapping
from typing import Any

import dagster as dg

from ab_assets.analysis.tag_day import TagDay
from ab_assets.assets.describing import wide_user_key
from ab_assets.assets.wide_user import WideMade, make_wide, wide_metadata
from ab_assets.project import Project
from ab_assets.warehouse.interface import Provenance, Warehouse
from ab_assets.warehouse.tables import TableDefinition

Announce = Callable[[dg.AssetKey, str, Mapping[str, Any]], None]


def announcer(context: dg.AssetExecutionContext) -> Announce:
    """Tells Dagster of an upstream partition that this step made on its way."""

    def announce(key: dg.AssetKey, reason: str, metadata: Mapping[str, Any]) -> None:
        context.log.info("%s is made on the way: %s", key.to_user_string(), reason)
        event = dg.AssetMaterialization(key, partition=context.partition_key, metadata=metadata)
        context.log_event(event)

    return announce


def serving_wide_partition(  # noqa: PLR0917 (each is one of the things it is made of)
    project: Project,
    warehouse: Warehouse,
    day: TagDay,
    table: TableDefinition,
    run_id: str,
    announce: Announce,
) -> Provenance:
    """The provenance of the wide partition, which is made first where it does not serve."""
    reason = why_wide_does_not_serve(project, warehouse, day, table)
    if reason:
        made: WideMade = make_wide(project, warehouse, day, run_id, force_full=False)
        announce(wide_user_key(day.module.module), reason, wide_metadata(day, made))
    return warehouse.read_provenance(table.qualified, day.tag, day.event_date)[-1]


def why_wide_does_not_serve(
    project: Project, warehouse: Warehouse, day: TagDay, table: TableDefinition
) -> str:
    """What is wrong with the wide partition of a day; empty when it can be read."""
    made = warehouse.read_provenance(table.qualified, day.tag, day.event_date)
    if not made:
        return "it was never made, or was dropped after AB_WIDE_KEEP_DAYS"
    statement = project.library.render(
        "wide_user/rows.sql", {"tag": day.tag, "event_date": day.event_date}, table=table
    )
    counted = warehouse.fetch(statement).item()
    if counted != made[-1].row_count:
        return f"it has {counted:,} rows of the {made[-1].row_count:,} it was made with"
    if made[-1].config_hash != day.config_hash:
        return "it was made of another configuration than GrowthBook's newest"
    return ""
