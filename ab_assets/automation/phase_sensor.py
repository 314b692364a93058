"""The sensor that has partitions made again when GrowthBook changes.

What belongs here: when it looks, and what it asks for. What does not: what a change is
(``experiments.changes``), what it remembers (``phase_cursor``), what a run makes (``runs``).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
from dagster import DagsterInstance

from ab_assets.assets.describing import GROWTHBOOK_EXPERIMENTS
from ab_assets.automation.phase_cursor import (
    CursorError,
    PhaseCursor,
    after_snapshot,
    first_cursor,
    read_phase_cursor,
)
from ab_assets.automation.pulls import last_pull
from ab_assets.automation.runs import ALL_ASSETS_JOB, dashboard_request, phase_request
from ab_assets.errors import ConfigurationError, GrowthBookError
from ab_assets.experiments import moment
from ab_assets.growthbook.limits import Limits
from ab_assets.project import Project
from ab_assets.resources.growthbook import GrowthBookResource
from ab_assets.settings import Settings

PHASES_SENSOR = "phases_sensor"
EVERY_SECONDS = 60
BUDGET = 20
_LOOK_EVERY = timedelta(minutes=5)
_PULL_AGAIN_AFTER = timedelta(minutes=10)
# Dagster gives a tick sixty seconds. A GrowthBook that asks for patience is asked again later.
_LIMITS = Limits(
    total_seconds=40.0, attempts=2, rate_limit_attempts=1, read_seconds=20.0, readings=2
)


@dataclass(frozen=True, slots=True)
class _Tick:
    """What one tick has to do with.

    Attributes:
        told: Sentences for the log and the skip reason.
    """

    project: Project
    now: datetime
    told: list[str]

    @property
    def settings(self) -> Settings:
        return self.project.settings

    @property
    def newest(self) -> date:
        """The newest business day that has ended."""
        return self.now.astimezone(self.settings.zone).date() - timedelta(days=1)


def hint_file(settings: Settings) -> Path:
    """What the phase sensor looks at: GrowthBook is asked at once when it is touched."""
    return settings.home / "growthbook.hint"


def _now() -> datetime:
    return datetime.now(UTC)


def build_phases_sensor(
    project: Project, clock: Callable[[], datetime] = _now
) -> dg.SensorDefinition:
    """Asks GrowthBook what changed, and for the partitions that it touches."""

    @dg.sensor(
        name=PHASES_SENSOR,
        job_name=ALL_ASSETS_JOB,
        minimum_interval_seconds=EVERY_SECONDS,
        # Like the schedules: what starts runs is switched on by a person.
        default_status=dg.DefaultSensorStatus.STOPPED,
        description=(
            "Asks GrowthBook every five minutes what changed (new phases, weights, seeds, tags, "
            "stops) and has exactly the partitions made again that a change touches, in order."
        ),
    )
    def phases_sensor(
        context: dg.SensorEvaluationContext, growthbook: GrowthBookResource
    ) -> dg.SensorResult:
        tick = _Tick(project, clock(), [])
        cursor = _looked(tick, context.cursor, growthbook)
        if cursor is None:
            return dg.SensorResult(skip_reason="; ".join(tick.told), cursor=context.cursor)
        requests, cursor = _requests(tick, context.instance, cursor)
        for sentence in tick.told:
            context.log.info(sentence)
        reason = None if requests else "; ".join(tick.told) or "nothing changed in GrowthBook"
        return dg.SensorResult(run_requests=requests, skip_reason=reason, cursor=cursor.to_text())

    return phases_sensor


def _looked(tick: _Tick, text: str | None, growthbook: GrowthBookResource) -> PhaseCursor | None:
    """The state after GrowthBook was asked, where it is time; ``None`` without any state."""
    try:
        cursor = read_phase_cursor(text)
    except CursorError as error:
        tick.told.append(f"{error}: what GrowthBook has now is taken as known")
        cursor = None
    if cursor is not None and not _is_time(tick, cursor):
        return cursor
    try:
        snapshot = growthbook.pull(_LIMITS)
    except (GrowthBookError, ConfigurationError) as error:
        zone = tick.settings.zone
        since = f", last answer at {moment(cursor.answered_at, zone)}" if cursor else ""
        tick.told.append(f"GrowthBook did not answer, nothing counts as changed{since}: {error}")
        return cursor
    if cursor is None:
        tick.told.append(f"{len(snapshot.experiments)} experiments are known from now on")
        return first_cursor(snapshot, tick.now)
    seen = after_snapshot(
        cursor,
        snapshot,
        tick.project.catalogue.tags,
        now=tick.now,
        days=(tick.settings.start_date, tick.newest),
        zone=tick.settings.zone,
    )
    tick.told.extend(change.sentence for change in seen.changes)
    tick.told.extend(f"no module claims the tag {tag!r}" for tag in seen.unclaimed)
    return seen.cursor


def _is_time(tick: _Tick, cursor: PhaseCursor) -> bool:
    hint = hint_file(tick.settings)
    try:
        hinted = datetime.fromtimestamp(hint.stat().st_mtime, UTC) >= cursor.answered_at
    except FileNotFoundError:
        hinted = False
    return hinted or tick.now >= cursor.answered_at + _LOOK_EVERY


def _requests(
    tick: _Tick, instance: DagsterInstance, cursor: PhaseCursor
) -> tuple[list[dg.RunRequest], PhaseCursor]:
    """What to ask for now: a pull first, then the partitions, a budget at a time."""
    if not cursor.queue:
        return [], _pulled(cursor)
    if cursor.pull_after is not None:
        if not _was_pulled(instance, cursor.pull_after):
            return _pull_request(tick, cursor, cursor.pull_after)
        cursor = _pulled(cursor)
    taken, left = cursor.queue.take(BUDGET)
    catalogue = tick.project.catalogue
    requests = [
        dashboard_request(item.tag, item.cause)
        if item.day is None
        else phase_request(
            catalogue.module_of(item.tag), tick.settings, item.tag, item.day, item.cause
        )
        for item in taken
        # A tag that lost its module meanwhile has no partitions.
        if item.tag in catalogue.tags
    ]
    if left:
        tick.told.append(f"{len(left)} runs wait for the next ticks")
    return requests, replace(cursor, queue=left)


def _pulled(cursor: PhaseCursor) -> PhaseCursor:
    return replace(cursor, pull_after=None, pulls=0, pull_again_at=None)


def _was_pulled(instance: DagsterInstance, after: datetime) -> bool:
    """Whether a pull that took place after a moment is in the warehouse.

    Runs of a tag read what was pulled, not GrowthBook: before that they would see nothing new.
    """
    pulled_at = last_pull(instance)
    return pulled_at is not None and pulled_at >= _milliseconds(after)


def _milliseconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _pull_request(
    tick: _Tick, cursor: PhaseCursor, after: datetime
) -> tuple[list[dg.RunRequest], PhaseCursor]:
    tick.told.append(
        f"{len(cursor.queue)} runs of {', '.join(cursor.queue.tags)} wait until GrowthBook is "
        "pulled into the warehouse"
    )
    if cursor.pull_again_at is not None and tick.now < cursor.pull_again_at:
        return [], cursor
    request = dg.RunRequest(
        run_key=f"phase:pull:{after.isoformat()}:{cursor.pulls}",
        asset_selection=[GROWTHBOOK_EXPERIMENTS],
    )
    again_at = tick.now + _PULL_AGAIN_AFTER
    return [request], replace(cursor, pulls=cursor.pulls + 1, pull_again_at=again_at)
