"""The analysis rules, from rows to units and sums, in plain slow Python.

Written from the rules, one function a rule, and not from the SQL: it asks of every single event
and every single unit whether it counts. It shares with the code under test only the objects that
say what is wanted (Experiment, Phase, Metric).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from math import fsum
from zoneinfo import ZoneInfo

from ab_assets.experiments import Experiment, Phase
from ab_assets.modules.model import Metric
from tests.sql.rows import Event, Exposure

DIMENSIONS = ("country", "platform", "app_version", "channel")
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class ColumnRule:
    """A module column: its SQL, how days merge, and the same in Python over one day's events."""

    sql: str
    merge: str
    of_day: Callable[[Sequence[Event]], float | None]


def _values(events: Iterable[Event]) -> list[float]:
    return [event.value for event in events if event.value is not None]


def _last(events: Sequence[Event]) -> float | None:
    return max(events, key=lambda event: event.at).value


COLUMNS = {
    "visits": ColumnRule(
        "count_if(event_name = 'visit')",
        "sum",
        lambda events: sum(event.name == "visit" for event in events),
    ),
    "amount": ColumnRule(
        "sum(if(event_name = 'pay', value, 0))",
        "sum",
        lambda events: sum(_values(event for event in events if event.name == "pay")),
    ),
    "active_days": ColumnRule("max(1)", "sum", lambda _: 1),
    "paying_days": ColumnRule(
        "max(if(event_name = 'pay', 1, 0))",
        "sum",
        lambda events: int(any(event.name == "pay" for event in events)),
    ),
    "largest": ColumnRule("max(value)", "max", lambda events: max(_values(events), default=None)),
    "smallest": ColumnRule("min(value)", "min", lambda events: min(_values(events), default=None)),
    "sessions": ColumnRule(
        "count(DISTINCT session_id)",
        "sum",
        lambda events: len({event.session for event in events} - {None}),
    ),
    "quiet_days": ColumnRule(
        "if(count(*) < 3, 1, 0)", "sum", lambda events: 1 if len(events) < 3 else 0
    ),
    "fewest_a_day": ColumnRule("count(*)", "min", len),
    "last_value": ColumnRule(
        "max_by(coalesce(value, 0), event_time)", "max", lambda e: _last(e) or 0
    ),
}


@dataclass
class Unit:
    """One exposed unit of one phase as of the end of a day."""

    user: str
    first: datetime
    keys: frozenset[str]
    first_key: str
    exposures: int
    dimensions: Mapping[str, str | None]

    @property
    def is_crossover(self) -> bool:
        """Rule 2: two or more distinct keys, whether known or not."""
        return len(self.keys) > 1


@dataclass(frozen=True)
class Look:
    """One experiment's phase, looked at as of the end of a business day."""

    experiment: Experiment
    phase: Phase
    event_date: date
    zone: ZoneInfo

    def day_of(self, moment: datetime) -> date:
        """The business day an instant belongs to."""
        return moment.astimezone(self.zone).date()

    @property
    def day_end(self) -> datetime:
        """The last microsecond of event_date."""
        midnight = datetime.combine(self.event_date + timedelta(days=1), time.min, self.zone)
        return midnight.astimezone(self.phase.started_at.tzinfo) - _MICROSECOND

    @property
    def end(self) -> datetime:
        """Rule 1 and 3: the earlier of phase end and end of event_date."""
        return min(self.phase.ended_at or self.day_end, self.day_end)

    def units(self, exposures: Iterable[Exposure]) -> dict[str, Unit]:
        """Rule 1, 2 and 5: who was exposed, to what, and what was known of them first."""
        rows: dict[str, list[Exposure]] = {}
        for exposure in exposures:
            if (
                exposure.experiment == self.experiment.key
                and self.phase.started_at <= exposure.at <= self.end
            ):
                rows.setdefault(exposure.user, []).append(exposure)
        return {user: _unit(user, own) for user, own in rows.items()}

    def is_compared(self, unit: Unit) -> bool:
        """Rule 1 and 2: neither a crossover nor only ever seen with an unknown key."""
        known = {variation.key for variation in self.experiment.variations}
        return not unit.is_crossover and unit.first_key in known

    def value(self, unit: Unit, metric: Metric, column: str, events: Iterable[Event]) -> float:
        """Rule 3 and 4: the unit's number; without an event it is 0."""
        counted = [event for event in events if self._counts(unit, metric, event)]
        return self.merged(column, counted) or 0.0

    def _counts(self, unit: Unit, metric: Metric, event: Event) -> bool:
        if (
            event.user != unit.user
            or event.at < unit.first
            or self.day_of(event.at) > self.event_date
        ):
            return False
        if metric.type == "retention":
            return self.day_of(event.at) == self.day_of(unit.first) + timedelta(days=metric.day)
        start = unit.first + (metric.delay.length if metric.delay else timedelta())
        if event.at < start:
            return False
        if metric.window:
            return event.at <= start + metric.window.length
        if metric.lookback and event.at < self.end - metric.lookback.length:
            return False
        return event.at <= self.end

    def covariate(self, unit: Unit, metric: Metric, column: str, events: Iterable[Event]) -> float:
        """Rule 7: the same in [first exposure - days, first exposure)."""
        start = unit.first - timedelta(days=metric.cuped.days)
        counted = [
            event for event in events if event.user == unit.user and start <= event.at < unit.first
        ]
        return self.merged(column, counted) or 0.0

    def events_after(self, unit: Unit, events: Iterable[Event]) -> int:
        """Rule 3, of any event at all: from first exposure to the end."""
        return sum(
            event.user == unit.user and unit.first <= event.at <= self.end for event in events
        )

    def events_before(self, unit: Unit, days: int, events: Iterable[Event]) -> int:
        """Rule 7, of any event at all."""
        start = unit.first - timedelta(days=days)
        return sum(event.user == unit.user and start <= event.at < unit.first for event in events)

    def merged(self, column: str, events: Iterable[Event]) -> float | None:
        """A column over some events of one unit: day by day, then merged."""
        days: dict[date, list[Event]] = {}
        for event in events:
            days.setdefault(self.day_of(event.at), []).append(event)
        daily = [COLUMNS[column].of_day(own) for own in days.values()]
        known = [value for value in daily if value is not None]
        merge = {"sum": sum, "max": max, "min": min}[COLUMNS[column].merge]
        if not known:
            return 0.0 if COLUMNS[column].merge == "sum" else None
        return float(merge(known))

    def is_eligible(self, unit: Unit, metric: Metric) -> bool:
        """Rule 6: only units whose window, or day, has closed."""
        if metric.in_progress == "include":
            return True
        if metric.type == "retention":
            return self.day_of(unit.first) + timedelta(days=metric.day) <= self.event_date
        if metric.window:
            delay = metric.delay.length if metric.delay else timedelta()
            return unit.first + delay + metric.window.length <= self.day_end
        return True


def _unit(user: str, rows: Sequence[Exposure]) -> Unit:
    first = min(rows, key=lambda row: (row.at, row.key))
    same_instant = [row for row in rows if row.at == first.at]

    def known(dimension: str) -> str | None:
        values = {getattr(row, dimension) for row in same_instant} - {None}
        return min(values, default=None)

    return Unit(
        user,
        first.at,
        frozenset(row.key for row in rows),
        first.key,
        len(rows),
        {dimension: known(dimension) for dimension in DIMENSIONS},
    )


def percentile(values: Iterable[float], share: float) -> float | None:
    """The continuous percentile: linear between the two neighbours."""
    ordered = sorted(values)
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


@dataclass
class Sums:
    """What one metric counts in one variation of one segment.

    Attributes:
        numbers: For each unit its variables: outcome (numerator, denominator), then covariates.
        caps: The cap of each outcome, ``None`` where nothing is capped.
    """

    numbers: list[list[float]] = field(default_factory=list)
    caps: list[float | None] = field(default_factory=list)

    def total(self, place: int) -> float:
        """Sum of one variable."""
        return fsum(row[place] for row in self.numbers)

    def product(self, places: tuple[int, int], centres: tuple[float, float]) -> float:
        """Sum of the product of two variables, each less its centre."""
        (i, j), (a, b) = places, centres
        return fsum((row[i] - a) * (row[j] - b) for row in self.numbers)


@dataclass
class Answer:
    """Everything the rules say about one experiment on one day.

    Attributes:
        units: Compared units, and crossovers, by (dimension, value, variation of first exposure).
        sums: By (metric, dimension, value, variation); compared units only.
    """

    units: Counter[tuple[str, str, str]]
    crossovers: Counter[tuple[str, str]]
    unknown: int
    sums: dict[tuple[str, str, str, str], Sums]


def answer(
    look: Look,
    metrics: Mapping[str, Metric],
    dimensions: Sequence[str],
    exposures: Iterable[Exposure],
    events: Iterable[Event],
) -> Answer:
    """Rules 4, 8 and 9 over all units of one experiment."""
    units = look.units(exposures)
    own_events: dict[str, list[Event]] = {user: [] for user in units}
    for event in events:
        if event.user in own_events:
            own_events[event.user].append(event)
    compared = [unit for unit in units.values() if look.is_compared(unit)]
    segments = {unit.user: segments_of(unit, compared, dimensions) for unit in units.values()}
    found = Answer(Counter(), Counter(), 0, {})
    for unit in units.values():
        if not look.is_compared(unit) and not unit.is_crossover:
            found.unknown += 1
            continue
        for segment in segments[unit.user]:
            if unit.is_crossover:
                found.crossovers[segment] += 1
            else:
                found.units[*segment, unit.first_key] += 1
    for name, metric in metrics.items():
        for unit, numbers, caps in _numbers(look, metric, compared, own_events):
            for segment in segments[unit.user]:
                key = (name, *segment, unit.first_key)
                found.sums.setdefault(key, Sums(caps=caps)).numbers.append(numbers)
    return found


def segments_of(
    unit: Unit, compared: Sequence[Unit], dimensions: Sequence[str]
) -> list[tuple[str, str]]:
    """Rule 9: all users, then each dimension; beyond the 20 largest values it is ``(other)``."""
    found = [("", "")]
    for dimension in dimensions:
        sizes = Counter(_told(other.dimensions[dimension]) for other in compared)
        largest = sorted(sizes, key=lambda value: (-sizes[value], value))[:20]
        value = _told(unit.dimensions[dimension])
        found.append((dimension, value if value in largest else "(other)"))
    return found


def _told(value: str | None) -> str:
    return "(unknown)" if value is None else value


def _numbers(
    look: Look, metric: Metric, compared: Sequence[Unit], events: Mapping[str, Sequence[Event]]
) -> list[tuple[Unit, list[float], list[float | None]]]:
    """Each eligible unit's variables, capped, and the caps (rules 6, 7, 8)."""
    eligible = [unit for unit in compared if look.is_eligible(unit, metric)]
    columns = metric.columns
    raw = {
        unit.user: [look.value(unit, metric, name, events[unit.user]) for name in columns]
        for unit in eligible
    }
    caps = [
        _cap(metric, [values[place] for values in raw.values()]) for place in range(len(columns))
    ]
    rows = []
    for unit in eligible:
        numbers = [
            _shape(metric, _capped(x, cap)) for x, cap in zip(raw[unit.user], caps, strict=True)
        ]
        if metric.cuped:
            before = [look.covariate(unit, metric, name, events[unit.user]) for name in columns]
            numbers += [
                _shape(metric, _capped(x, cap)) for x, cap in zip(before, caps, strict=True)
            ]
        rows.append((unit, numbers, caps))
    return rows


def _cap(metric: Metric, values: Sequence[float]) -> float | None:
    if metric.cap is None:
        return None
    if metric.cap.absolute is not None:
        return metric.cap.absolute
    if metric.cap.ignore_zeros:
        values = [value for value in values if value != 0]
    # A percentile of 0 would make every unit's number 0: it caps nothing.
    return percentile(values, metric.cap.percentile) or None


def _capped(value: float, cap: float | None) -> float:
    return value if cap is None else min(value, cap)


def _shape(metric: Metric, value: float) -> float:
    if metric.type == "proportion":
        return float(value >= (1.0 if metric.threshold is None else metric.threshold))
    if metric.type == "retention":
        return float(value > 0 if metric.threshold is None else value >= metric.threshold)
    return value
