"""The statement of ``wide_user``: one row an exposed unit as of the end of event_date.

What belongs here: laying out the branches and binds of that statement. What does not: choosing the
path (:mod:`ab_assets.analysis.wide_path`), running it.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache

from sqlglot import exp

from ab_assets.analysis.columns import DIMENSIONS, FIXED_WIDE_COLUMNS
from ab_assets.analysis.local_clock import LocalClock, local_clock
from ab_assets.analysis.phase_parameters import (
    exposure_bounds,
    first_start,
    phase_parameters,
    with_variations,
)
from ab_assets.analysis.tag_day import ExperimentDay, TagDay
from ab_assets.analysis.unit_part import UnitPart
from ab_assets.analysis.unit_sample import UnitSample
from ab_assets.experiments import window_end
from ab_assets.modules.expressions import Merge, day_value, inferred_merge, read_column
from ab_assets.modules.measures import Measure, Scope, ScopeKind
from ab_assets.warehouse.names import Fragment
from ab_assets.warehouse.statements import Statement, StatementLibrary
from ab_assets.warehouse.tables import TableDefinition

_TEMPLATE = "wide_user/wide_user.sql"
_SINCE = "since"
_KIND_OF = {
    _SINCE: ScopeKind.SINCE_EXPOSURE,
    "before": ScopeKind.BEFORE_EXPOSURE,
    "recent": ScopeKind.LOOKBACK,
}
_BRANCH_OF = {ScopeKind.BEFORE_EXPOSURE: "before", ScopeKind.LOOKBACK: "recent"}


@dataclass(frozen=True, slots=True)
class Branch:
    """Measures that read the same stretch of events.

    Attributes:
        restricted: Each measure's aggregate over only the events of its scope.
        longest: The widest reach back of its scopes: days before exposure, or hours before the end.
        is_single_day: Whether it reads the events of event_date only.
        by_day: Whether days have to be told apart: some measure's days merge otherwise than its
            events.
    """

    name: str
    kind: str
    measures: tuple["_MeasureView", ...]
    restricted: Mapping[str, Fragment] = field(hash=False)
    scopes: tuple[Scope, ...]
    event_columns: tuple[str, ...]
    longest: int
    is_single_day: bool
    by_day: bool

    @property
    def table(self) -> str:
        """What the statement calls its sums."""
        return f"added_{self.name}"


@dataclass(frozen=True, slots=True)
class _MeasureView:
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
class _Path:
    """What is made in one way.

    Attributes:
        reads_from: The earliest instant of which it reads anything.
    """

    number: int
    phases: tuple[int, ...]
    variations: tuple[int, ...]
    branches: tuple[Branch, ...]
    is_incremental: bool
    cut_hours: tuple[int, ...]
    reads_from: datetime

    @property
    def is_alone(self) -> bool:
        """Whether it is about one experiment, so that each user is one unit."""
        return len(self.phases) == 1


def base_fingerprint(item: ExperimentDay, event_date: date, day: TagDay) -> str:
    """Hash of the configuration a wide row of one experiment depends on, as of a day.

    Narrower than the configuration hash of reports: an experiment that ends, or changes a metric's
    role, keeps the rows of the days before.
    """
    parts = (
        item.experiment.id,
        item.experiment.key,
        str(item.phase.index),
        item.phase.started_at.isoformat(),
        window_end(item.phase, event_date, day.zone).isoformat(),
        day.zone.key,
    )
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


def measures_hash(library: StatementLibrary, day: TagDay, table: TableDefinition) -> str:
    """Hash of the SQL that makes the wide rows, on both paths: the same for any experiments."""
    sample = [
        replace(
            item, experiment=replace(item.experiment, variations=item.experiment.variations[:1])
        )
        for item in day.experiments[:1]
    ]
    return _render(library, day, table, sample, sample, "", clock=LocalClock()).sql_hash


def wide_user_statement(
    library: StatementLibrary,
    day: TagDay,
    table: TableDefinition,
    incremental: Sequence[ExperimentDay],
    full: Sequence[ExperimentDay],
    *,
    made_of: str = "",
    sample: UnitSample | None = None,
) -> Statement:
    """The SELECT of one partition: some experiments on the incremental path, the others in full.

    What is made in full can be had in parts, each of some units.

    Args:
        library: The files of ``sql/``.
        day: The tag on its day.
        table: The tag's wide table.
        incremental: Experiments whose rows build on yesterday's.
        full: Experiments whose rows are made from the source rows.
        made_of: The answer of :func:`measures_hash`, where it is known already.
        sample: Only these units, of experiments in full; every unit without it.
    """
    made_of = made_of or measures_hash(library, day, table)

    def in_parts(count: int) -> list[Statement]:
        return [
            _render(
                library,
                day,
                table,
                incremental if part == 0 else (),
                full,
                made_of,
                sample,
                UnitPart(part, count),
            )
            for part in range(count)
        ]

    whole = _render(library, day, table, incremental, full, made_of, sample)
    return replace(whole, in_parts=in_parts) if full else whole


def _render(  # noqa: PLR0917
    library: StatementLibrary,
    day: TagDay,
    table: TableDefinition,
    incremental: Sequence[ExperimentDay],
    full: Sequence[ExperimentDay],
    made_of: str,
    sample: UnitSample | None = None,
    part: UnitPart | None = None,
    clock: LocalClock | None = None,
) -> Statement:
    values: dict[str, object] = {
        "tag": day.tag,
        "event_date": day.event_date,
        "events_to": day.ends,
        "measures_hash": made_of,
        "day_closed": day.has_ended(),
    }
    if incremental:
        values["base_date"] = day.event_date - timedelta(days=1)
        values["day_starts"] = day.starts
    if full:
        values |= exposure_bounds(full, day.ends)
    if sample is not None:
        values |= sample.parameters
    if part is not None:
        values |= part.parameters
    paths: list[_Path] = []
    phases = variations = 0
    for experiments, is_incremental in ((incremental, True), (full, False)):
        if not experiments:
            continue
        path, path_values = _path(
            len(paths), day, experiments, (phases, variations), is_incremental=is_incremental
        )
        paths.append(path)
        values |= path_values
        phases += len(path.phases)
        variations += len(path.variations)
    if clock is None:
        earliest = min((path.reads_from for path in paths), default=day.starts)
        clock = local_clock(day.zone, earliest, day.ends)
    values |= clock.parameters
    return library.render(
        _TEMPLATE,
        values,
        table=table,
        paths=paths,
        measures=_views(day.measures),
        retired=_retired(table, day.measures),
        dimensions=DIMENSIONS,
        clock_changes=clock.numbers,
        is_sampled=sample is not None,
        is_part=part is not None,
    )


def _path(
    number: int,
    day: TagDay,
    experiments: Sequence[ExperimentDay],
    first_numbers: tuple[int, int],
    *,
    is_incremental: bool,
) -> tuple[_Path, dict[str, object]]:
    parameters = with_variations(
        phase_parameters(
            experiments,
            (item.phase.started_at for item in experiments),
            (base_fingerprint(item, day.event_date, day) for item in experiments),
            first_number=first_numbers[0],
        ),
        experiments,
        first_number=first_numbers[1],
    )
    branches = _branches(day.measures, is_incremental=is_incremental)
    starts = day.starts if is_incremental else first_start(experiments)
    reads_from = {
        f"{branch.name}_from_{number}": _branch_start(branch, starts, experiments)
        for branch in branches
    }
    return (
        _Path(
            number,
            parameters.phases,
            parameters.variations,
            branches,
            is_incremental,
            _cut_hours(day.measures),
            min(starts, *reads_from.values()),
        ),
        parameters.values | reads_from,
    )


def _branch_start(
    branch: Branch, starts: datetime, experiments: Sequence[ExperimentDay]
) -> datetime:
    if branch.kind == ScopeKind.BEFORE_EXPOSURE:
        return starts - timedelta(days=branch.longest)
    if branch.kind == ScopeKind.LOOKBACK:
        return min(item.window_end for item in experiments) - timedelta(hours=branch.longest)
    return starts


def _cut_hours(measures: Sequence[Measure]) -> tuple[int, ...]:
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


def _branches(measures: Sequence[Measure], *, is_incremental: bool) -> tuple[Branch, ...]:
    chosen = {name: [item for item in measures if _branch_name(item) == name] for name in _KIND_OF}
    return tuple(
        _branch(name, own, is_single_day=is_incremental and name == _SINCE)
        for name, own in chosen.items()
        if own
    )


def _branch(name: str, measures: Sequence[Measure], *, is_single_day: bool) -> Branch:
    scopes = tuple(dict.fromkeys(measure.scope for measure in measures))
    restricted = {
        measure.name: _day_value(
            measure.sql, f"in_scope_{scopes.index(measure.scope)}", measure.merge
        )
        for measure in measures
    }
    names = {
        column.name
        for measure in measures
        for column in read_column(measure.sql).find_all(exp.Column)
    }
    return Branch(
        name=name,
        kind=_KIND_OF[name].value,
        measures=tuple(_views(measures)),
        restricted=restricted,
        scopes=scopes,
        event_columns=tuple(sorted(names - {"event_time", "user_id"})),
        longest=max(scope.days or scope.hours for scope in scopes),
        is_single_day=is_single_day,
        by_day=not is_single_day
        and any(
            inferred_merge(read_column(measure.sql)) is not measure.merge for measure in measures
        ),
    )


@cache
def _day_value(sql: str, condition: str, merge: Merge) -> Fragment:
    return Fragment(day_value(read_column(sql), condition, merge).sql(dialect="starrocks"))


def _views(measures: Sequence[Measure]) -> list[_MeasureView]:
    return [
        _MeasureView(
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


def _retired(table: TableDefinition, measures: Sequence[Measure]) -> list[str]:
    known = FIXED_WIDE_COLUMNS | {measure.name for measure in measures}
    return [name for name in table.column_names if name not in known]
