"""The statement of ``wide_user``: one row an exposed unit as of the end of event_date.

What belongs here: laying out the branches and binds of that statement. What does not: choosing the
path (:mod:`ab_assets.analysis.wide_path`), running it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from ab_assets.analysis.branches import Branch, branches_of, cut_hours, measure_views
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
from ab_assets.modules.measures import Measure
from ab_assets.warehouse.statements import Statement, StatementLibrary
from ab_assets.warehouse.tables import TableDefinition

_TEMPLATE = "wide_user/wide_user.sql"


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
    return _render(library, day, table, sample, sample, "", is_timeless=True).sql_hash


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
    *,
    is_timeless: bool = False,
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
            len(paths),
            day,
            experiments,
            (phases, variations),
            is_incremental=is_incremental,
            is_timeless=is_timeless,
        )
        paths.append(path)
        values |= path_values
        phases += len(path.phases)
        variations += len(path.variations)
    earliest = min((path.reads_from for path in paths), default=day.starts)
    clock = LocalClock() if is_timeless else local_clock(day.zone, earliest, day.ends)
    values |= clock.parameters
    return library.render(
        _TEMPLATE,
        values,
        table=table,
        paths=paths,
        measures=measure_views(day.measures),
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
    is_timeless: bool,
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
    starts = day.starts if is_incremental else first_start(experiments)
    branches: list[Branch] = []
    values = dict(parameters.values)
    reads_from = [starts]
    for branch in branches_of(day.measures, is_incremental=is_incremental):
        reads_from.append(branch.starts(starts, experiments))
        # A day more on either side: where clocks go back at midnight, a day comes twice.
        first_day = reads_from[-1].astimezone(day.zone).date() - timedelta(days=1)
        days = (day.event_date - first_day).days + 2
        branches.append(branch if is_timeless else branch.over(days))
        values[f"{branch.name}_from_{number}"] = reads_from[-1]
        if branch.days_when:
            values[f"{branch.name}_first_day_{number}"] = first_day
    return (
        _Path(
            number,
            parameters.phases,
            parameters.variations,
            tuple(branches),
            is_incremental,
            cut_hours(day.measures),
            min(reads_from),
        ),
        values,
    )


def _retired(table: TableDefinition, measures: Sequence[Measure]) -> list[str]:
    known = FIXED_WIDE_COLUMNS | {measure.name for measure in measures}
    return [name for name in table.column_names if name not in known]
