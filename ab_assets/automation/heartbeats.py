"""Whether what should run by itself does: read from the ticks that Dagster keeps.

What belongs here: sensors and schedules that fell silent, and GrowthBook that did. What does not:
what is done about it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dagster import DagsterInstance
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.scheduler.instigation import (
    InstigatorState,
    ScheduleInstigatorData,
    SensorInstigatorData,
    TickStatus,
)

from ab_assets.automation.phase_cursor import CursorError, read_phase_cursor
from ab_assets.automation.pulls import last_pull
from ab_assets.experiments import moment

_SENSOR_INTERVALS = 10
# Once a day or more often, and two hours for a clock change and a slow start.
_LONGEST_SCHEDULE = timedelta(hours=26)
_LONGEST_WEEKLY = timedelta(days=7, hours=2)
_SILENT_SENSOR = timedelta(hours=3)
_SILENT_PULLS = timedelta(hours=26)
_COMPLETED = [TickStatus.SUCCESS, TickStatus.SKIPPED]


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A sensor or schedule that is switched on.

    Attributes:
        name: Its name.
        kind: ``sensor`` or ``schedule``.
        last: When it last completed a tick, or was switched on; ``None`` where nothing says.
        longest: How long it may be silent.
        cursor: What a sensor remembers.
    """

    name: str
    kind: str
    last: datetime | None
    longest: timedelta
    cursor: str | None = None

    def is_late(self, now: datetime) -> bool:
        """Whether it has been silent for too long."""
        return self.last is not None and now - self.last > self.longest

    def silence(self, zone: ZoneInfo) -> str:
        """A sentence that says since when."""
        since = f"since {moment(self.last, zone)}" if self.last else "yet"
        return f"{self.kind} {self.name} has completed no tick {since}"


def heartbeats(instance: DagsterInstance, names: Iterable[str]) -> list[Heartbeat]:
    """Those of some sensors and schedules that are switched on; of a name the one last heard of.

    Args:
        instance: Where ticks are kept.
        names: Which are ours now: Dagster keeps those of removed ones too.
    """
    if instance.schedule_storage is None:
        return []
    wanted = frozenset(names)
    found: dict[str, Heartbeat] = {}
    for state in instance.all_instigator_state():
        if state.name not in wanted or not state.is_running:
            continue
        beat = _heartbeat(instance, state)
        known = found.get(beat.name)
        if known is None or _moment(known) < _moment(beat):
            found[beat.name] = beat
    return [found[name] for name in sorted(found)]


def growthbook_silence(
    instance: DagsterInstance,
    beats: Iterable[Heartbeat],
    sensor: str,
    now: datetime,
    zone: ZoneInfo,
) -> Iterator[str]:
    """A sentence where GrowthBook has not answered for too long.

    Args:
        instance: Where the last pull is told of.
        beats: What is switched on.
        sensor: The sensor that asks GrowthBook.
        now: Aware.
        zone: The business time zone.
    """
    on = [beat for beat in beats if beat.name == sensor]
    answers = [last_pull(instance), *(_answered_at(beat.cursor) for beat in on)]
    known = [answer for answer in answers if answer is not None]
    longest = _SILENT_SENSOR if on else _SILENT_PULLS
    if known and now - max(known) > longest:
        yield (
            f"GrowthBook has not answered since {moment(max(known), zone)}; "
            "its last snapshot stands"
        )


def _heartbeat(instance: DagsterInstance, state: InstigatorState) -> Heartbeat:
    ticks = instance.get_ticks(
        state.instigator_origin_id, state.selector_id, limit=1, statuses=_COMPLETED
    )
    moments = [tick.timestamp for tick in ticks]
    data = state.instigator_data
    longest, cursor = _LONGEST_SCHEDULE, None
    if isinstance(data, SensorInstigatorData):
        longest = timedelta(seconds=_SENSOR_INTERVALS * max(60, data.min_interval or 0))
        cursor = data.cursor
        moments.append(data.last_sensor_start_timestamp or 0.0)
    elif isinstance(data, ScheduleInstigatorData):
        moments.append(data.start_timestamp or 0.0)
        longest = _longest(data)
    newest = max(moments, default=0.0)
    return Heartbeat(
        name=state.name,
        kind="sensor" if state.instigator_type is InstigatorType.SENSOR else "schedule",
        last=datetime.fromtimestamp(newest, UTC) if newest else None,
        longest=longest,
        cursor=cursor,
    )


def _longest(data: ScheduleInstigatorData) -> timedelta:
    """A schedule that names days of the week comes once a week."""
    weekdays = str(data.cron_schedule).rpartition(" ")[2]
    return _LONGEST_SCHEDULE if weekdays == "*" else _LONGEST_WEEKLY


def _moment(beat: Heartbeat) -> datetime:
    return beat.last or datetime.fromtimestamp(0, UTC)


def _answered_at(cursor: str | None) -> datetime | None:
    try:
        known = read_phase_cursor(cursor)
    except CursorError:
        return None
    return known.answered_at if known else None
