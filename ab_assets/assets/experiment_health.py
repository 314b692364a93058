"""``flow_report_app/experiment_health``: the newest findings of each tag, for dashboards.

What belongs here: that asset. What does not: checks.
"""

import dagster as dg

from ab_assets.assets.dashboard_tables import DashboardTable, build_dashboard_table
from ab_assets.assets.describing import EXPERIMENT_HEALTH, HEALTH
from ab_assets.health.table import HEALTH_TABLE
from ab_assets.project import Project
from ab_assets.warehouse.interface import Provenance
from ab_assets.warehouse.schema import fixed_table
from ab_assets.warehouse.statements import Statement
from ab_assets.warehouse.tables import TableDefinition


def build_experiment_health(project: Project) -> dg.AssetsDefinition:
    """The newest findings, one partition a tag."""
    table = fixed_table("flow_report_app.tbl_experiment_health")

    def statement(_findings: TableDefinition, newest: Provenance) -> Statement:
        return project.library.render(
            "testing_result/experiment_health.sql",
            {"tag": newest.tag, "event_date": newest.event_date},
            columns=table.column_names,
        )

    return build_dashboard_table(
        project,
        DashboardTable(
            key=EXPERIMENT_HEALTH,
            table=table,
            description=(
                "What Metabase shows of the health checks: of every tag the findings of the "
                "newest day, also where they stopped the report of that day."
            ),
            path="newest",
            upstream=HEALTH,
            source=lambda _module, _tag: fixed_table(HEALTH_TABLE),
            statement=statement,
        ),
    )
