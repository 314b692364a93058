"""On whose behalf an asset's statements are sent.

What belongs here: reading asset, partition and run from Dagster. What does not: what a warehouse
does with it.
"""

from contextlib import AbstractContextManager

import dagster as dg

from ab_assets.warehouse.origin import origin


def asset_origin(
    context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext,
    key: dg.AssetKey | None = None,
) -> AbstractContextManager[None]:
    """Statements inside the block are sent for this asset, its partition and its run.

    A generator must not yield inside the block: whoever reads it would send in its name.

    Args:
        context: Of the step.
        key: The asset, where the step is about several or checks one.
    """
    partition = context.partition_key if context.has_partition_key else ""
    if key is None and isinstance(context, dg.AssetExecutionContext):
        key = context.asset_key
    asset = "" if key is None else key.to_user_string()
    return origin(asset, partition, context.run.run_id)
