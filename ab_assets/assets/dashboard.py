"""``metabase/dashboard``: what people look at, at the end of the lineage.

What belongs here: that it is there, and where. What does not: making it
(:mod:`ab_assets.metabase`).
"""

import dagster as dg

from ab_assets.assets.describing import (
    DASHBOARD_TABLES,
    PLATFORM_OWNERS,
    RESULTS_GROUP,
    Layer,
    asset_tags,
)
from ab_assets.project import Project

METABASE_DASHBOARD = dg.AssetKey(["metabase", "dashboard"])


def build_dashboard(project: Project) -> dg.AssetSpec:
    """The dashboard, which Dagster shows and does not make."""
    url = project.settings.metabase_url
    where = f"[Open Metabase]({url})." if url else "`METABASE_URL` says where Metabase is."
    return dg.AssetSpec(
        METABASE_DASHBOARD,
        deps=DASHBOARD_TABLES,
        description=(
            "Overview of all tags, one experiment, health and trends, over the tables of "
            "`flow_report_app`. `ab-assets metabase apply` makes it from the files of "
            f"`metabase/`; it shows new results without being made again. {where}"
        ),
        metadata={"url": dg.MetadataValue.url(url)} if url else {},
        group_name=RESULTS_GROUP,
        owners=PLATFORM_OWNERS,
        tags=asset_tags(Layer.DASHBOARD, project.catalogue.tags),
        kinds={"metabase"},
    )
