"""The weekly comparison of wide tables with the source rows.

What belongs here: its schedule and its run requests. What does not: the check
(:mod:`ab_assets.assets.reconciliation`).
"""

from collections.abc import Iterator
from datetime import date, timedelta

import dagster as dg

from ab_assets.assets.reconciliation import reconciliation_key
from ab_assets.automation.runs import ALL_ASSETS_JOB, SERIAL_TAG
from ab_assets.partitions import TagDate
from ab_assets.project import Project

_CRON = "0 4 * * 0"
# Behind everything else that waits: it reads whole phases and nobody waits for its answer.
_PRIORITY = "-1"


def build_reconciliation_schedule(project: Project) -> dg.ScheduleDefinition:
    """The schedule: every tag's yesterday, once a week."""

    @dg.schedule(
        name="reconciliation_weekly",
        job_name=ALL_ASSETS_JOB,
        cron_schedule=_CRON,
        execution_timezone=project.settings.timezone,
        description=(
            "On a sample of units, whether the wide tables of yesterday are what the source rows "
            "give. Reads the rows of whole phases."
        ),
    )
    def weekly(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
        today = context.scheduled_execution_time.astimezone(project.settings.zone).date()
        yield from reconciliation_requests(project, today - timedelta(days=1))

    return weekly


def reconciliation_requests(project: Project, newest: date) -> Iterator[dg.RunRequest]:
    """One run a tag, of the check alone."""
    for module in project.catalogue:
        for tag in module.tags:
            yield dg.RunRequest(
                run_key=f"{tag}:reconciliation:{newest}",
                # Empty, not left out: without a selection Dagster runs every asset.
                asset_selection=[],
                asset_check_keys=[reconciliation_key(module.module)],
                tags={
                    **TagDate(tag, newest).run_tags,
                    SERIAL_TAG: tag,
                    "dagster/priority": _PRIORITY,
                },
            )
