"""The jobs over assets that people and schedules start by name.

What belongs here: their definitions. What does not: when they run, and the jobs that make several
partitions one after the other (``broad_jobs``).
"""

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from ab_assets.assets.describing import (
    EXPERIMENT_DATA,
    GROWTHBOOK_EXPERIMENTS,
    RESULTS,
    SOURCE_EVENTS,
    SOURCE_EXPOSURES,
    health_key,
    module_group,
    report_user_key,
    wide_user_key,
)
from ab_assets.assets.reconciliation import reconciliation_key
from ab_assets.project import Project

GROWTHBOOK_JOB = "growthbook"
SOURCES_JOB = "sources"
_SHARED = {
    "exposed_units": ([EXPERIMENT_DATA], "Who was exposed: one tag on one day."),
    "dashboard": (RESULTS, "The newest report of one tag, for dashboards and as HTML pages."),
    GROWTHBOOK_JOB: ([GROWTHBOOK_EXPERIMENTS], "A snapshot of every experiment in GrowthBook."),
    SOURCES_JOB: (
        [SOURCE_EXPOSURES, SOURCE_EVENTS],
        "Volume, freshness and late rows of the sources on one day, by default yesterday.",
    ),
}


def module_job(module: str) -> str:
    """The name of a module's job: that of its group of assets."""
    return module_group(module)


def build_jobs(project: Project) -> list[UnresolvedAssetJobDefinition]:
    """One job a module for a (tag, event_date) partition, and those that belong to no module."""
    modules = [
        dg.define_asset_job(
            module_job(module.module),
            selection=dg.AssetSelection.assets(
                wide_user_key(module.module),
                health_key(module.module),
                report_user_key(module.module),
            )
            - dg.AssetSelection.checks(reconciliation_key(module.module)),
            description=(
                f"{module.title or module.module}: wide table, health and report, one tag on one "
                "day a run. For many days choose partitions: the backfill shows how far it is."
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
