"""Making a tag's partitions one after the other in this process, as ordinary runs.

What belongs here: the runs of one partition and of a tag's dashboard rows. What does not: which
partitions (:mod:`ab_assets.automation.broad_jobs`, :mod:`ab_assets.cli.run_command`), how a run is
executed (:mod:`ab_assets.running`).
"""

from collections.abc import Mapping

import dagster as dg

from ab_assets.assets.describing import RESULTS, wide_user_key
from ab_assets.automation.runs import SERIAL_TAG, partition_assets
from ab_assets.modules.model import Module
from ab_assets.partitions import TagDate
from ab_assets.running import RunOutcome, materialise


def make_partition(
    definitions: dg.Definitions,
    instance: dg.DagsterInstance,
    module: Module,
    partition: TagDate,
    *,
    full: bool = False,
    tags: Mapping[str, str] | None = None,
) -> RunOutcome:
    """One run of a (tag, event_date) partition, from who was exposed to the report.

    Args:
        definitions: Where the assets are.
        instance: Keeps the run.
        module: The module of the tag.
        partition: The partition.
        full: Whether the wide partition is made from the source rows whatever yesterday's offers.
        tags: More tags of the run.
    """
    wide = "__".join(wide_user_key(module.module).path)
    return materialise(
        definitions,
        instance,
        partition_assets(module),
        tags={**(tags or {}), **partition.run_tags, SERIAL_TAG: partition.tag},
        op_config={wide: {"full": full}},
    )


def make_dashboard_rows(
    definitions: dg.Definitions,
    instance: dg.DagsterInstance,
    tag: str,
    *,
    tags: Mapping[str, str] | None = None,
) -> RunOutcome:
    """One run that brings the tag's newest report into the dashboard table."""
    return materialise(
        definitions,
        instance,
        RESULTS,
        tags={**(tags or {}), "dagster/partition": tag, SERIAL_TAG: tag},
    )
