"""Measures: the columns of a wide table, each a module column over the events a metric may count.

What belongs here: which (column, scope) pairs a set of metrics needs, and their names. What does
not: SQL statements; how a metric turns measures into a number (:mod:`ab_assets.modules.variables`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from ab_assets.errors import ConfigurationError
from ab_assets.modules.durations import Duration
from ab_assets.modules.expressions import Merge
from ab_assets.modules.model import Column, Metric, MetricType, Module

# Measures of every wide table, whatever its module asks for: whether ids of exposures and events
# match at all, and whether units have a past that covariates can be read from.
EVENTS_AFTER = "events_after_exposure"
EVENTS_BEFORE = "events_before_exposure"

RESERVED = frozenset(
    [
        # columns every wide table has
        "event_date",
        "experiment_id",
        "user_id",
        "tag",
        "experiment_key",
        "phase_index",
        "variation_key",
        "variation_key_lowest",
        "variation_key_highest",
        "variations_seen",
        "is_known",
        "first_exposed_at",
        "exposed_on",
        "exposures",
        "events_after_exposure",
        "events_before_exposure",
        "country",
        "platform",
        "app_version",
        "channel",
        "config_hash",
        "sql_hash",
        "day_closed",
        # what its statement calls things on the way
        "window_end",
        "is_new",
        "counted_day",
    ]
)


class ScopeKind(StrEnum):
    """Which events of a unit count."""

    SINCE_EXPOSURE = "since_exposure"
    WINDOW = "window"
    DAY = "day"
    LOOKBACK = "lookback"
    BEFORE_EXPOSURE = "before_exposure"


@dataclass(frozen=True, slots=True)
class Scope:
    """The events that count, relative to the unit's first exposure.

    Attributes:
        delay_hours: The clock starts this long after first exposure.
        hours: Length of the window, or of the lookback before the end.
        day: Calendar days after the day of first exposure.
        days: Length of the covariate's window before first exposure.
    """

    kind: ScopeKind = ScopeKind.SINCE_EXPOSURE
    delay_hours: int = 0
    hours: int = 0
    day: int = 0
    days: int = 0

    @property
    def suffix(self) -> str:
        """What the scope adds to a column's name.

        Examples:
            >>> Scope(ScopeKind.WINDOW, delay_hours=12, hours=72).suffix
            '_after_12h_within_3d'
        """
        after = f"_after_{_label(self.delay_hours)}" if self.delay_hours else ""
        ends = {
            ScopeKind.SINCE_EXPOSURE: "",
            ScopeKind.WINDOW: f"_within_{_label(self.hours)}",
            ScopeKind.DAY: f"_day_{self.day}",
            ScopeKind.LOOKBACK: f"_last_{_label(self.hours)}",
            ScopeKind.BEFORE_EXPOSURE: f"_before_{self.days}d",
        }
        return after + ends[self.kind]


@dataclass(frozen=True, slots=True)
class Measure:
    """One column of a wide table."""

    name: str
    column: str
    sql: str
    merge: Merge
    scope: Scope
    description: str

    @property
    def is_covariate(self) -> bool:
        """Whether it looks at the time before first exposure."""
        return self.scope.kind is ScopeKind.BEFORE_EXPOSURE


def scope_of(metric: Metric) -> Scope:
    """The events a metric counts."""
    delay = metric.delay.total_hours if metric.delay else 0
    if metric.type is MetricType.RETENTION:
        return Scope(ScopeKind.DAY, day=metric.day or 0)
    if metric.window:
        return Scope(ScopeKind.WINDOW, delay_hours=delay, hours=metric.window.total_hours)
    if metric.lookback:
        return Scope(ScopeKind.LOOKBACK, delay_hours=delay, hours=metric.lookback.total_hours)
    return Scope(ScopeKind.SINCE_EXPOSURE, delay_hours=delay)


def covariate_scope(metric: Metric) -> Scope | None:
    """The days before first exposure that a metric's CUPED covariate counts, if it has one."""
    return Scope(ScopeKind.BEFORE_EXPOSURE, days=metric.cuped.days) if metric.cuped else None


def measure_name(column: str, scope: Scope) -> str:
    """The wide table's column for a module column over a scope."""
    return column + scope.suffix


def measures_of(module: Module, metrics: Iterable[Metric]) -> tuple[Measure, ...]:
    """Every column a wide table of the module needs for these metrics.

    The count of all events comes first, then each module column since exposure (the standard
    measures), then the windows, days and covariates the metrics ask for; the order does not depend
    on the order of the metrics. All events before exposure are counted where a covariate reads
    them anyway.

    Raises:
        ConfigurationError: Two measures would share a name, or one has the name of a column that
            every wide table has.
    """
    wanted = {(name, Scope()) for name in module.columns}
    for metric in metrics:
        covariate = covariate_scope(metric)
        for name in metric.columns:
            wanted.add((name, scope_of(metric)))
            if covariate is not None:
                wanted.add((name, covariate))
    order = {name: position for position, name in enumerate(module.columns)}
    ranked = sorted(wanted, key=lambda pair: (pair[1] != Scope(), order[pair[0]], pair[1].suffix))
    measures = tuple(_measure(name, module.columns[name], scope) for name, scope in ranked)
    seen: dict[str, str] = {}
    for measure in measures:
        if measure.name in RESERVED:
            message = (
                f"columns.{measure.name}: every wide table already has a column of this name; "
                "rename the column"
            )
            raise ConfigurationError(message)
        if measure.name in seen:
            owners = sorted({measure.column, seen[measure.name]}, key=len)
            message = (
                f"columns.{owners[-1]}: {measure.name!r} is also the name of a window of "
                f"{owners[0]!r}; rename the column"
            )
            raise ConfigurationError(message)
        seen[measure.name] = measure.column
    return (*_event_counts(scope for _, scope in wanted), *measures)


def _event_counts(scopes: Iterable[Scope]) -> tuple[Measure, ...]:
    """All events since exposure and, over the longest covariate's days, before it."""
    after = Measure(
        EVENTS_AFTER, EVENTS_AFTER, "count(*)", Merge.SUM, Scope(), "events since exposure"
    )
    longest = max((scope.days for scope in scopes), default=0)
    if not longest:
        return (after,)
    before = Scope(ScopeKind.BEFORE_EXPOSURE, days=longest)
    told = f"events in the {longest} days before exposure"
    return after, Measure(EVENTS_BEFORE, EVENTS_BEFORE, "count(*)", Merge.SUM, before, told)


def _measure(name: str, column: Column, scope: Scope) -> Measure:
    description = column.description or column.sql
    return Measure(measure_name(name, scope), name, column.sql, column.merge, scope, description)


def _label(hours: int) -> str:
    return Duration(hours=hours).label if hours else "0h"
