"""When GrowthBook was last read into the warehouse, as Dagster recorded it.

What belongs here: that instant. What does not: pulling, and what follows from it.
"""

from datetime import UTC, datetime

import dagster as dg

from ab_assets.assets.describing import GROWTHBOOK_EXPERIMENTS
from ab_assets.assets.growthbook import PULLED_AT


def last_pull(instance: dg.DagsterInstance) -> datetime | None:
    """When what stands was read; ``None`` where nothing says."""
    event = instance.get_latest_materialization_event(GROWTHBOOK_EXPERIMENTS)
    if event is None or event.asset_materialization is None:
        return None
    pulled_at = event.asset_materialization.metadata.get(PULLED_AT)
    if not isinstance(pulled_at, dg.TimestampMetadataValue):
        return None
    return datetime.fromtimestamp(pulled_at.value, UTC)
