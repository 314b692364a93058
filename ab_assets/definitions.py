"""Everything Dagster loads, wired together; nothing else wires.

What belongs here: reading the settings and the module files once, and handing them down. What does
not: assets, rules, schedules.
"""

from collections.abc import Mapping

import dagster as dg

from ab_assets.assets.dashboard import build_dashboard
from ab_assets.assets.dashboard_tables import build_dashboard_tables
from ab_assets.assets.experiment_data import build_experiment_data
from ab_assets.assets.growthbook import build_growthbook_experiments
from ab_assets.assets.health import build_health
from ab_assets.assets.plan import build_plan
from ab_assets.assets.reconciliation import build_reconciliation
from ab_assets.assets.report_page import build_report_page
from ab_assets.assets.report_user import REPORT_IO_MANAGER, build_report_user
from ab_assets.assets.sources import build_sources
from ab_assets.assets.wide_user import build_wide_user
from ab_assets.automation.alerts import build_alerts_sensor
from ab_assets.automation.broad_jobs import build_broad_jobs
from ab_assets.automation.health import (
    build_automation_check,
    build_automation_job,
    build_automation_schedule,
)
from ab_assets.automation.jobs import build_jobs
from ab_assets.automation.phase_sensor import build_phases_sensor
from ab_assets.automation.schedules import build_schedules
from ab_assets.project import Project, read_project
from ab_assets.resources.growthbook import GrowthBookResource
from ab_assets.resources.notifier import NotifierResource
from ab_assets.resources.report_io_manager import ReportIOManager
from ab_assets.resources.warehouse import WarehouseResource
from ab_assets.settings import read_settings


def build_defs(
    resources: Mapping[str, object] | None = None, project: Project | None = None
) -> dg.Definitions:
    """The code location.

    Args:
        resources: Replace the environment's own, by name (``warehouse``, ``growthbook``,
            ``notifier``, ``report_io_manager``).
        project: Settings and modules; the environment's by default.

    Raises:
        ConfigurationError: The environment or a module file is wrong.
    """
    project = project or read_project(read_settings())
    warehouse = WarehouseResource()
    defaults = {
        "warehouse": warehouse,
        "growthbook": GrowthBookResource(),
        "notifier": NotifierResource(),
        REPORT_IO_MANAGER: ReportIOManager(warehouse=warehouse),
    }
    definitions = dg.Definitions(
        assets=[
            build_sources(project),
            build_growthbook_experiments(project),
            build_experiment_data(project),
            *(
                build(project, module)
                for module in project.catalogue
                for build in (build_wide_user, build_health, build_report_user, build_plan)
            ),
            *build_dashboard_tables(project),
            build_report_page(project),
            build_dashboard(project),
        ],
        asset_checks=[
            build_automation_check(project),
            *(build_reconciliation(project, module) for module in project.catalogue),
        ],
        jobs=[
            *build_broad_jobs(project, lambda: definitions),
            *build_jobs(project),
            build_automation_job(),
        ],
        schedules=[*build_schedules(project), build_automation_schedule(project)],
        sensors=[build_alerts_sensor(project), build_phases_sensor(project)],
        resources={**defaults, **(resources or {})},
        # One process at a time may have the embedded warehouse open.
        executor=dg.in_process_executor,
    )
    return definitions


defs = build_defs()
