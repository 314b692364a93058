"""``flow_report_app/report_trend``: how the newest result of each tag came about, day after day.

What belongs here: that asset. What does not: reports.
"""

import dagster as dg

from ab_assets.analysis.columns import report_table
from ab_assets.assets.dashboard_tables import DashboardTable, build_dashboard_table
from ab_assets.assets.describing import REPORT_TREND, REPORT_USER
from ab_assets.project import Project
from ab_assets.warehouse.interface import Provenance
from ab_assets.warehouse.schema import fixed_table
from ab_assets.warehouse.statements import Statement
from ab_assets.warehouse.tables import TableDefinition


def build_report_trend(project: Project) -> dg.AssetsDefinition:
    """The days of the phases in force, one partition a tag."""
    table = fixed_table("flow_report_app.tbl_report_trend")

    def statement(report: TableDefinition, newest: Provenance) -> Statement:
        return project.library.render(
            "testing_result/report_trend.sql",
            {"tag": newest.tag, "event_date": newest.event_date},
            report=report,
            columns=table.column_names,
        )

    return build_dashboard_table(
        project,
        DashboardTable(
            key=REPORT_TREND,
            table=table,
            description=(
                "What Metabase draws as lines: of every tag all days there are of the phases in "
                "force, for all users and the goals and guardrails."
            ),
            path="all days",
            upstream=REPORT_USER,
            source=lambda module, tag: report_table(module.module, tag),
            statement=statement,
        ),
    )
