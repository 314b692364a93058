"""Which path makes an experiment's wide rows: build on yesterday's, or from the sources.

What belongs here: the rule and its reasons. What does not: the statement either path runs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ab_assets.analysis.phase_parameters import exposure_bounds, whole_phases
from ab_assets.analysis.tag_day import ExperimentDay, TagDay
from ab_assets.analysis.wide_user import base_fingerprint
from ab_assets.warehouse.interface import Warehouse
from ab_assets.warehouse.statements import StatementLibrary
from ab_assets.warehouse.tables import TableDefinition

Rows = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class PathChoice:
    """The path of one experiment, and why.

    Attributes:
        reason: Empty on the incremental path; otherwise what yesterday's rows lack.
    """

    experiment: ExperimentDay
    reason: str

    @property
    def is_incremental(self) -> bool:
        """Whether yesterday's rows serve."""
        return not self.reason

    @property
    def path(self) -> str:
        """Its name in provenance."""
        return "incremental" if self.is_incremental else "full"


def choose_paths(
    warehouse: Warehouse,
    library: StatementLibrary,
    day: TagDay,
    table: TableDefinition,
    made_of: str,
    *,
    force_full: bool,
) -> tuple[PathChoice, ...]:
    """Decides for each experiment in force.

    Yesterday's rows serve when they were made by the same SQL, of the same phase and configuration,
    after their day had ended, and when they and today's ``experiment_data`` account for every
    exposure row the source has by now: an exposure that arrived late sends the experiment down the
    full path.

    Args:
        warehouse: Where yesterday's rows and today's ``experiment_data`` are.
        library: The files of ``sql/``.
        day: The tag on its day.
        table: The tag's wide table.
        made_of: Hash of the SQL that makes wide rows now.
        force_full: Asked for by the user.
    """
    if force_full:
        return tuple(PathChoice(item, "asked for") for item in day.experiments)
    base_date = day.event_date - timedelta(days=1)
    base = _by_experiment(
        warehouse, library, "wide_user/base.sql", {"tag": day.tag, "base_date": base_date}, table
    )
    today = _by_experiment(
        warehouse,
        library,
        "wide_user/exposed_today.sql",
        {"tag": day.tag, "event_date": day.event_date},
    )
    source = _source_exposures(
        warehouse, library, day, [i for i in day.experiments if i.experiment.id in base]
    )
    return tuple(
        PathChoice(item, _why_full(item, day, made_of, base, today, source))
        for item in day.experiments
    )


def _why_full(  # noqa: PLR0917
    item: ExperimentDay, day: TagDay, made_of: str, base: Rows, today: Rows, source: Rows
) -> str:
    key = item.experiment.id
    if item.phase.started_at >= day.starts:
        return "the phase begins on this day"
    if key not in base:
        return "yesterday's partition has no row of it"
    rows = base[key]
    exposed = today.get(key)
    expected = base_fingerprint(item, day.event_date - timedelta(days=1), day)
    accounted = rows["exposures"] + (exposed["exposures"] if exposed else 0)
    reasons = (
        (
            _hashes(rows, "config_hash") != {expected},
            "its configuration has changed since yesterday's partition",
        ),
        (
            _hashes(rows, "sql_hash") != {made_of},
            "the SQL has changed since yesterday's partition",
        ),
        (
            not rows["day_closed"],
            "yesterday's partition was made before its day had ended",
        ),
        (
            exposed is not None and _hashes(exposed, "config_hash") != {item.config_hash},
            "experiment_data of this day was made of another configuration",
        ),
        (
            accounted != source.get(key, {"exposures": 0})["exposures"],
            "exposures arrived late",
        ),
    )
    return next((reason for holds, reason in reasons if holds), "")


def _hashes(row: Mapping[str, Any], name: str) -> set[str]:
    return {row[f"{name}_lowest"], row[f"{name}_highest"]}


def _by_experiment(
    warehouse: Warehouse,
    library: StatementLibrary,
    path: str,
    parameters: dict[str, object],
    table: TableDefinition | None = None,
) -> Rows:
    context = {"table": table} if table else {}
    frame = warehouse.fetch(library.render(path, parameters, **context))
    return {row["experiment_id"]: row for row in frame.iter_rows(named=True)}


def _source_exposures(
    warehouse: Warehouse,
    library: StatementLibrary,
    day: TagDay,
    experiments: Sequence[ExperimentDay],
) -> Rows:
    if not experiments:
        return {}
    parameters = whole_phases(experiments)
    values = parameters.values | exposure_bounds(experiments, day.ends)
    statement = library.render(
        "wide_user/source_exposures.sql", values, phases=parameters.phases, dimensions=()
    )
    frame = warehouse.fetch(statement)
    return {row["experiment_id"]: row for row in frame.iter_rows(named=True)}
