"""The schedules: GrowthBook and the sources first, then one a module; a weekly comparison.

What belongs here: their names and hours. What does not: which runs a day needs
(:mod:`ab_assets.automation.runs`).
"""

from collections.abc import Iterator
from datetime import timedelta

import dagster as dg

from ab_assets.automation.jobs import GROWTHBOOK_JOB, SOURCES_JOB
from ab_assets.automation.reconciliation import build_reconciliation_schedule
from ab_assets.automation.runs import ALL_ASSETS_JOB, daily_requests
from ab_assets.errors import ConfigurationError
from ab_assets.modules.model import Module
from ab_assets.project import Project

_GROWTHBOOK_CRON = "30 0 * * *"
_SOURCES_CRON = "45 0 * * *"
_MODULE_CRON = "0 1 * * *"


def build_schedules(project: Project) -> list[dg.ScheduleDefinition]:
    """One schedule a module; GrowthBook and the sources have theirs in the half hour before.

    Raises:
        ConfigurationError: A module's schedule would have the name of one that belongs to none.
    """
    for module in project.catalogue:
        if module.module in {GROWTHBOOK_JOB, SOURCES_JOB}:
            message = (
                f"module {module.module!r}: the schedule {module.module}_daily belongs to no "
                f"module; give the module a name other than {GROWTHBOOK_JOB} and {SOURCES_JOB}"
            )
            raise ConfigurationError(message)
    growthbook = dg.ScheduleDefinition(
        name="growthbook_daily",
        job_name=GROWTHBOOK_JOB,
        cron_schedule=_GROWTHBOOK_CRON,
        execution_timezone=project.settings.timezone,
        description="A snapshot of GrowthBook before the modules run.",
    )
    sources = dg.ScheduleDefinition(
        name="sources_daily",
        job_name=SOURCES_JOB,
        cron_schedule=_SOURCES_CRON,
        execution_timezone=project.settings.timezone,
        description="Yesterday's exposures and events: how many, how fresh, how late.",
    )
    return [
        growthbook,
        sources,
        *(_module_schedule(project, module) for module in project.catalogue),
        build_reconciliation_schedule(project),
    ]


def _module_schedule(project: Project, module: Module) -> dg.ScheduleDefinition:
    @dg.schedule(
        name=f"{module.module}_daily",
        job_name=ALL_ASSETS_JOB,
        cron_schedule=_MODULE_CRON,
        execution_timezone=project.settings.timezone,
        description=(
            f"{module.title or module.module}: every tag, yesterday and the look-back days in "
            "order, then the dashboard table and the plans."
        ),
    )
    def daily(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
        today = context.scheduled_execution_time.astimezone(project.settings.zone).date()
        yield from daily_requests(module, project.settings, today - timedelta(days=1))

    return daily
