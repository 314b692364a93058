"""The sensor that tells people what is wrong.

What belongs here: when it looks and what it looks at. What does not: what is told
(``ab_assets.alerts``).
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import dagster as dg

from ab_assets.deferred import deferred
from ab_assets.errors import WarehouseLockedError
from ab_assets.project import Project
from ab_assets.resources.notifier import NotifierResource
from ab_assets.resources.warehouse import WarehouseResource
from ab_assets.warehouse.interface import Warehouse
from ab_assets.warehouse.origin import origin

if TYPE_CHECKING:
    from ab_assets.alerts.channels.channel import Channel
    from ab_assets.alerts.delivery import DeliveryReport
    from ab_assets.alerts.failed_runs import FailedRuns, read_failed_runs
    from ab_assets.alerts.ledger import Ledger
    from ab_assets.alerts.telling import tell
    from ab_assets.automation.finished_runs import finished_runs
    from ab_assets.automation.observing import observe
else:
    read_failed_runs = deferred("ab_assets.alerts.failed_runs:read_failed_runs")
    Ledger = deferred("ab_assets.alerts.ledger:Ledger")
    tell = deferred("ab_assets.alerts.telling:tell")
    finished_runs = deferred("ab_assets.automation.finished_runs:finished_runs")
    observe = deferred("ab_assets.automation.observing:observe")

_NAME = "alerts_sensor"
_EVERY_SECONDS = 60
# Dagster gives a tick sixty seconds; a warehouse that is busy is looked at again at the next.
_WAIT_SECONDS = 5.0


def build_alerts_sensor(project: Project) -> dg.SensorDefinition:
    """Looks at the newest health of every tag and at runs that ended, and tells what is new."""

    @dg.sensor(
        name=_NAME,
        minimum_interval_seconds=_EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=(
            "Tells people of failed checks and failed runs: once when a problem opens, again when "
            "it worsens, once when it ends, and a daily digest of what is open."
        ),
    )
    def alerts_sensor(
        context: dg.SensorEvaluationContext,
        warehouse: WarehouseResource,
        notifier: NotifierResource,
    ) -> dg.SkipReason:
        channel = notifier.open()
        if channel is None:
            return dg.SkipReason("no channel is configured: set AB_ALERT_KIND (docs/alerts.md)")
        runs = _runs_now(context, project, datetime.now(UTC))
        try:
            with warehouse.opened(_WAIT_SECONDS) as engine:
                report = _look_and_tell(project, engine, channel, runs, context.instance)
        except WarehouseLockedError as error:
            return dg.SkipReason(f"the warehouse is busy: {error}")
        context.update_cursor(runs.to_text())
        return dg.SkipReason(str(report))

    return alerts_sensor


def _runs_now(context: dg.SensorEvaluationContext, project: Project, now: datetime) -> "FailedRuns":
    state = read_failed_runs(context.cursor, now)
    location = context.code_location_origin
    ended = finished_runs(
        context.instance,
        state,
        project.catalogue,
        location.location_name if location else None,
    )
    return state.after(ended, now)


def _look_and_tell(
    project: Project,
    warehouse: Warehouse,
    channel: "Channel",
    runs: "FailedRuns",
    instance: dg.DagsterInstance,
) -> "DeliveryReport":
    settings, ledger = project.settings, Ledger(warehouse, project.library)
    with origin(_NAME):
        ledger.prepare()
        seen = observe(project, warehouse, instance, runs, project.catalogue.tags)
        return tell(
            ledger,
            channel,
            seen,
            lambda: datetime.now(settings.zone),
            digest_hour=settings.alert_digest_hour,
        )
