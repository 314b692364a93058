"""``flow_report_app/ab_testing_result``: the dashboard table, the newest result of each tag.

What belongs here: that asset. What does not: reports.
"""

import dagster as dg

from ab_assets.analysis.columns import report_table
from ab_assets.assets.dashboard_tables import DashboardTable, build_dashboard_table
from ab_assets.assets.describing import REPORT_USER, TESTING_RESULT
from ab_assets.project import Project
from ab_assets.warehouse.interface import Provenance
from ab_assets.warehouse.schema import REPORT_TABLE, fixed_table
from ab_assets.warehouse.statements import Statement
from ab_assets.warehouse.tables import TableDefinition


def build_testing_result(project: Project) -> dg.AssetsDefinition:
    """The dashboard table, one partition a tag."""
    table = fixed_table(REPORT_TABLE)

    def statement(report: TableDefinition, newest: Provenance) -> Statement:
        return project.library.render(
            "testing_result/testing_result.sql",
            {"tag": newest.tag, "event_date": newest.event_date},
            report=report,
            columns=table.column_names,
        )

    return build_dashboard_table(
        project,
        DashboardTable(
            key=TESTING_RESULT,
            table=table,
            description=(
                "What Metabase reads: of every tag the report of the newest day, and nothing "
                "else. Making it again after an older day was run changes nothing."
            ),
            path="newest",
            upstream=REPORT_USER,
            source=lambda module, tag: report_table(module.module, tag),
            statement=statement,
        ),
    )
