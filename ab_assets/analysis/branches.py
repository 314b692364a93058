"""What a wide table's measures read: branches, each of one stretch of events.

What belongs here: sorting measures into branches, and each measure's aggregate there. What does
not: the statement (:mod:`ab_assets.analysis.wide_user`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Self

from sqlglot import exp

from ab_assets.analysis.tag_day import ExperimentDay
from ab_assets.modules.counted_days import day_condition
from ab_assets.modules.expressions import Merge, day_value, inferred_merge, read_column
from ab_assets.modules.measures import Measure, Scope, ScopeKind
from ab_assets.warehouse.names import Fragment

# Days that are counted as bits of one whole number.
_DAYS_A_NUMBER = 63
_SINCE = "since"
_KIND_OF = {
    _SINCE: ScopeKind.SINCE_EXPOSURE,
    "before": ScopeKind.BEFORE_EXPOSURE,
    "recent": ScopeKind.LOOKBACK,
}
_BRANCH_OF = {ScopeKind.BEFORE_EXPOSURE: "before", ScopeKind.LOOKBACK: "recent"}


@dataclass(frozen=True, slots=True)
class MeasureView:
    """A measure as the statement's text needs it.

    Attributes:
        branch: The sums it is read from.
        is_of_day: Whether yesterday's value and the events of event_date make today's.
        is_carried: Whether yesterday's value has a part in today's.
    """

    name: str
    merge: str
    scope: Scope
    branch: str
    is_of_day: bool
    is_carried: bool
    is_covariate: bool


@dataclass(frozen=True, slots=True)
class Branch:
    """Measures that read the same stretch of events.

    Attributes:
        restricted: Each measure's aggregate over only the events of its scope.
        days_when: For measures that count days, when an event makes its day count.
        longest: The widest reach back of its scopes: days before exposure, or hours before the end.
        is_single_day: Whether it reads the events of event_date only.
        by_day: Whether days have to be summed up by themselves: some measure's days merge otherwise
            than its events, and it does not just count days.
        days_from: The first of each stretch of days that are counted together, from the first day
            that is read.
    """

    name: str
    kind: str
    measures: tuple[MeasureView, ...]
    restricted: Mapping[str, Fragment] = field(hash=False)
    days_when: Mapping[str, Fragment] = field(hash=False)
    scopes: tuple[Scope, ...]
    event_columns: tuple[str, ...]
    longest: int
    is_single_day: bool
    by_day: bool
    days_from: tuple[int, ...] = (0,)

    @property
    def table(self) -> str:
        """What the statement calls its sums."""
        return f"added_{self.name}"

    def starts(self, starts: datetime, experiments: Sequence[ExperimentDay]) -> datetime:
        """The first instant it reads, where what is made begins at ``starts``."""
        if self.kind == ScopeKind.BEFORE_EXPOSURE:
            return starts - timedelta(days=self.longest)
        if self.kind == ScopeKind.LOOKBACK:
            return min(item.window_end for item in experiments) - timedelta(hours=self.longest)
        return starts

    def over(self, days: int) -> Self:
        """The same where so many days are read."""
        return replace(self, days_from=tuple(range(0, days, _DAYS_A_NUMBER)))


def cut_hours(measures: Sequence[Measure]) -> tuple[int, ...]:
    """Hours after first exposure at which the window of some measure begins or ends."""
    found = {
        hours
        for measure in measures
        if _branch_name(measure) == _SINCE
        for hours in (measure.scope.delay_hours, measure.scope.delay_hours + measure.scope.hours)
    }
    return tuple(sorted(found - {0}))


def _branch_name(measure: Measure) -> str:
    return _BRANCH_OF.get(measure.scope.kind, _SINCE)


def branches_of(measures: Sequence[Measure], *, is_incremental: bool) -> tuple[Branch, ...]:
    """The branches of some measures; incremental ones read no day twice.

    Args:
        measures: What is measured.
        is_incremental: Whether yesterday's values are known.
    """
    chosen = {name: [item for item in measures if _branch_name(item) == name] for name in _KIND_OF}
    return tuple(
        _branch(name, own, is_single_day=is_incremental and name == _SINCE)
        for name, own in chosen.items()
        if own
    )


def _branch(name: str, measures: Sequence[Measure], *, is_single_day: bool) -> Branch:
    scopes = tuple(dict.fromkeys(measure.scope for measure in measures))
    guards = {measure.name: f"in_scope_{scopes.index(measure.scope)}" for measure in measures}
    days_when = {
        measure.name: when
        for measure in measures
        if not is_single_day
        and (when := _days_when(measure.sql, guards[measure.name], measure.merge))
    }
    by_day = not is_single_day and any(
        inferred_merge(read_column(measure.sql)) is not measure.merge
        for measure in measures
        if measure.name not in days_when
    )
    columns = {
        column.name
        for measure in measures
        for column in read_column(measure.sql).find_all(exp.Column)
    }
    return Branch(
        name=name,
        kind=_KIND_OF[name].value,
        measures=tuple(measure_views(measures)),
        restricted={
            measure.name: _day_value(measure.sql, guards[measure.name], measure.merge)
            for measure in measures
        },
        days_when={} if by_day else days_when,
        scopes=scopes,
        event_columns=tuple(sorted(columns - {"event_time", "user_id"})),
        longest=max(scope.days or scope.hours for scope in scopes),
        is_single_day=is_single_day,
        by_day=by_day,
    )


@cache
def _days_when(sql: str, guard: str, merge: Merge) -> Fragment | None:
    condition = day_condition(read_column(sql), merge)
    if condition is None:
        return None
    in_scope: exp.Expr = exp.column(guard)
    when = in_scope if condition == exp.true() else exp.and_(in_scope, condition)
    return Fragment(when.sql(dialect="starrocks"))


@cache
def _day_value(sql: str, condition: str, merge: Merge) -> Fragment:
    return Fragment(day_value(read_column(sql), condition, merge).sql(dialect="starrocks"))


def measure_views(measures: Sequence[Measure]) -> list[MeasureView]:
    """The measures as the statement's text needs them, in order."""
    return [
        MeasureView(
            measure.name,
            measure.merge.value,
            measure.scope,
            f"added_{_branch_name(measure)}",
            is_of_day=_branch_name(measure) == _SINCE,
            is_carried=measure.scope.kind is not ScopeKind.LOOKBACK,
            is_covariate=measure.is_covariate,
        )
        for measure in measures
    ]
