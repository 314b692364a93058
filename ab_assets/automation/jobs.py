"""The jobs people start by name in the UI.

What belongs here: job definitions. What does not: when they run.
"""

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from ab_assets.assets.describing import (
    DASHBOARD_TABLES,
    EXPERIMENT_DATA,
    GROWTHBOOK_EXPERIMENTS,
    SOURCE_EVENTS,
    SOURCE_EXPOSURES,
    health_key,
    report_user_key,
    wide_user_key,
)
from ab_assets.assets.reconciliation import reconciliation_key
from ab_assets.errors import ConfigurationError
from ab_assets.project import Project

GROWTHBOOK_JOB = "growthbook"
SOURCES_JOB = "sources"
_SHARED = {
    "exposed_units": ([EXPERIMENT_DATA], "Who was exposed: one tag on one day."),
    "dashboard": (DASHBOARD_TABLES, "The newest result of one tag, for dashboards."),
    GROWTHBOOK_JOB: ([GROWTHBOOK_EXPERIMENTS], "A snapshot of GrowthBook."),
    SOURCES_JOB: (
        [SOURCE_EXPOSURES, SOURCE_EVENTS],
        "Volume, freshness and late rows of the sources on one day, by default yesterday.",
    ),
}


def build_jobs(project: Project) -> list[UnresolvedAssetJobDefinition]:
    """One job a module for a (tag, event_date) partition, and those that belong to no module.

    Raises:
        ConfigurationError: A module has the name of a job that belongs to none.
    """
    for module in project.catalogue:
        if module.module in _SHARED:
            message = (
                f"module {module.module!r}: a job of that name belongs to no module; "
                f"give the module a name other than {', '.join(_SHARED)}"
            )
            raise ConfigurationError(message)
    modules = [
        dg.define_asset_job(
            module.module,
            selection=dg.AssetSelection.assets(
                wide_user_key(module.module),
                health_key(module.module),
                report_user_key(module.module),
            )
            - dg.AssetSelection.checks(reconciliation_key(module.module)),
            description=(
                f"{module.title or module.module}: wide table, health and report of one tag on "
                "one day."
            ),
        )
        for module in project.catalogue
    ]
    return [
        *modules,
        *(
            dg.define_asset_job(
                name, selection=dg.AssetSelection.assets(*keys), description=description
            )
            for name, (keys, description) in _SHARED.items()
        ),
    ]
