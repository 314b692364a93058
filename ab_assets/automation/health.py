"""The check that says whether the automation itself is in order.

What belongs here: that check, and the job that makes it every hour. What does not: how silence is
found (``heartbeats``, ``reporting.staleness``).
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import dagster as dg
from dagster import DagsterInstance
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from ab_assets.assets.describing import GROWTHBOOK_EXPERIMENTS, GROWTHBOOK_POOL, pool_of
from ab_assets.automation.phase_sensor import PHASES_SENSOR
from ab_assets.deferred import deferred
from ab_assets.errors import AbAssetsError
from ab_assets.project import Project
from ab_assets.reporting.staleness import expected_day
from ab_assets.resources.warehouse import WarehouseResource
from ab_assets.warehouse.interface import Warehouse

if TYPE_CHECKING:
    from ab_assets.automation.heartbeats import Heartbeat, growthbook_silence, heartbeats
    from ab_assets.reporting.staleness import stale_reports
else:
    growthbook_silence = deferred("ab_assets.automation.heartbeats:growthbook_silence")
    heartbeats = deferred("ab_assets.automation.heartbeats:heartbeats")
    stale_reports = deferred("ab_assets.reporting.staleness:stale_reports")

AUTOMATION_HEALTH = "automation_health"
_SENSORS = (PHASES_SENSOR, "alerts_sensor")
_SHARED_SCHEDULES = ("growthbook_daily", "sources_daily", "reconciliation_weekly")


class AutomationError(AbAssetsError):
    """Something that should run by itself does not."""


def automation_problems(
    project: Project, instance: DagsterInstance, warehouse: Warehouse, now: datetime
) -> list[str]:
    """What is amiss with what is switched on: silent sensors, a silent GrowthBook, late reports.

    What is switched off, and a tag whose schedule is, counts as meant so.
    """
    beats = heartbeats(instance, automation_names(project))
    names = {beat.name for beat in beats}
    tags = [
        tag
        for module in project.catalogue
        if f"{module.module}_daily" in names
        for tag in module.tags
    ]
    expected = expected_day(now.astimezone(project.settings.zone))
    # Before its first scheduled run a tag without any report is no news.
    stale = [
        item
        for item in stale_reports(warehouse, project.catalogue, tags, expected)
        if item.newest is not None
    ]
    ticking = ticking_problems(instance, beats, now, project.settings.zone)
    return [*ticking, *map(str, stale)]


def ticking_problems(
    instance: DagsterInstance, beats: "list[Heartbeat]", now: datetime, zone: ZoneInfo
) -> list[str]:
    """Silent sensors and schedules, and a silent GrowthBook."""
    late = [beat.silence(zone) for beat in beats if beat.is_late(now)]
    return [*late, *growthbook_silence(instance, beats, PHASES_SENSOR, now, zone)]


def automation_names(project: Project) -> list[str]:
    """The sensors and schedules there are."""
    daily = [f"{module.module}_daily" for module in project.catalogue]
    return [*_SENSORS, *_SHARED_SCHEDULES, *daily, f"{AUTOMATION_HEALTH}_hourly"]


def build_automation_check(project: Project) -> dg.AssetChecksDefinition:
    """Made with every pull of GrowthBook, and every hour by a job of its own."""

    @dg.asset_check(  # type: ignore[arg-type]  # it takes generators too
        asset=GROWTHBOOK_EXPERIMENTS,
        name=AUTOMATION_HEALTH,
        description=(
            "Sensors and schedules that are switched on have ticked, GrowthBook has answered, and "
            "each scheduled tag has the report it should have by now."
        ),
        pool=pool_of(project, GROWTHBOOK_POOL),
    )
    def automation_health(
        context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
    ) -> Iterator[dg.AssetCheckResult]:
        engine = warehouse.open()
        told = automation_problems(project, context.instance, engine, datetime.now(UTC))
        yield dg.AssetCheckResult(
            passed=not told,
            severity=dg.AssetCheckSeverity.ERROR,
            description="; ".join(told) or None,
            metadata={
                "problems": dg.MetadataValue.md("\n".join(f"- {text}" for text in told) or "none")
            },
        )
        # A check that fails leaves its run green, and alerts hear of runs that fail. A pull is no
        # worse for it: only the job of the check alone fails.
        if told and context.run.job_name == AUTOMATION_HEALTH:
            raise AutomationError("; ".join(told))

    return automation_health


def build_automation_job() -> UnresolvedAssetJobDefinition:
    """The check alone."""
    key = dg.AssetCheckKey(GROWTHBOOK_EXPERIMENTS, AUTOMATION_HEALTH)
    return dg.define_asset_job(
        AUTOMATION_HEALTH,
        selection=dg.AssetSelection.checks(key),
        description="Whether sensors, schedules, GrowthBook and reports are on time.",
    )


def build_automation_schedule(project: Project) -> dg.ScheduleDefinition:
    """Every hour."""
    return dg.ScheduleDefinition(
        name=f"{AUTOMATION_HEALTH}_hourly",
        job_name=AUTOMATION_HEALTH,
        cron_schedule="20 * * * *",
        execution_timezone=project.settings.timezone,
        description="Fails, and so alerts, when something that is switched on fell silent.",
    )
