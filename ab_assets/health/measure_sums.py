"""Sums of a wide partition's measures, by experiment and variation.

What belongs here: the statement that makes them, and its answer under the measures' own names. What
does not: any check.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import nan

import polars as pl

from ab_assets.analysis.tag_day import ExperimentDay, TagDay
from ab_assets.modules.measures import covariate_scope, measure_name, scope_of
from ab_assets.modules.model import Metric
from ab_assets.stats.moments import Moments
from ab_assets.warehouse.statements import Statement, StatementLibrary
from ab_assets.warehouse.tables import TableDefinition


@dataclass(frozen=True, slots=True)
class CovariateSums:
    """One covariate over the compared units of one variation.

    Attributes:
        total: Its sum.
        some: Units with some of it.
        centred: Sum of its logarithm (of 1 + the covariate) less ``shift``.
        squares: Sum of the squares of that.
        shift: The logarithm's mean over the experiment.
    """

    total: float = 0.0
    some: int = 0
    centred: float = 0.0
    squares: float = 0.0
    shift: float = 0.0


@dataclass(frozen=True, slots=True)
class ArmSums:
    """The compared units of one variation.

    Attributes:
        silent: Units without any event since exposure.
        with_past: Units with any event in the days their covariates look at.
        counted: Whether the rows were made with the counts of all events.
        sums: Each measure's sum.
        some: Units with some of a measure: neither 0 nor nothing.
        covariates: Each covariate's sums.
    """

    units: int = 0
    silent: int = 0
    with_past: int = 0
    counted: bool = True
    sums: Mapping[str, float] = field(default_factory=dict, hash=False)
    some: Mapping[str, int] = field(default_factory=dict, hash=False)
    covariates: Mapping[str, CovariateSums] = field(default_factory=dict, hash=False)

    def covariate(self, name: str) -> CovariateSums:
        """The sums of a covariate."""
        return self.covariates.get(name, _NOTHING)

    def moments(self, covariate: str) -> Moments:
        """First two moments of a covariate's logarithm."""
        sums = self.covariate(covariate)
        return Moments.from_sums(self.units, [sums.centred], [sums.squares], sums.shift)


_NOTHING = CovariateSums()
NO_UNITS = ArmSums()


def outcome_measures(metric: Metric) -> tuple[str, ...]:
    """The measures a metric is made of, after exposure."""
    return tuple(measure_name(column, scope_of(metric)) for column in metric.columns)


def covariate_measures(item: ExperimentDay) -> tuple[str, ...]:
    """The covariates of an experiment's metrics, each once."""
    found = (
        measure_name(column, scope)
        for metric in item.metrics.values()
        if (scope := covariate_scope(metric)) is not None
        for column in metric.columns
    )
    return tuple(dict.fromkeys(found))


def day_measures(day: TagDay) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Outcome measures and covariates of all experiments of a day, each once."""
    outcomes = (
        name
        for item in day.experiments
        for metric in item.metrics.values()
        for name in outcome_measures(metric)
    )
    covariates = (name for item in day.experiments for name in covariate_measures(item))
    return tuple(dict.fromkeys(outcomes)), tuple(dict.fromkeys(covariates))


def measures_statement(library: StatementLibrary, day: TagDay, wide: TableDefinition) -> Statement:
    """The statement that makes them."""
    measures, covariates = day_measures(day)
    return library.render(
        "health/measures.sql",
        {"tag": day.tag, "event_date": day.event_date},
        table=wide,
        measures=measures,
        covariates=covariates,
    )


def arm_sums(day: TagDay, frame: pl.DataFrame) -> dict[str, dict[str, ArmSums]]:
    """By experiment and variation key; an arm without units is not there."""
    measures, covariates = day_measures(day)
    found: dict[str, dict[str, ArmSums]] = {}
    for row in frame.iter_rows(named=True):
        arms = found.setdefault(row["experiment_id"], {})
        arms[row["variation_key"]] = _arm(row, measures, covariates)
    return found


def _arm(row: Mapping[str, object], measures: Iterable[str], covariates: Iterable[str]) -> ArmSums:
    def number(name: str) -> float:
        value = row[name]
        return float(value) if isinstance(value, int | float) else nan

    def count(name: str) -> int:
        return int(number(name))

    return ArmSums(
        units=count("units"),
        silent=count("silent"),
        with_past=count("with_past") if "with_past" in row else 0,
        counted=count("counted") == count("units"),
        sums={name: number(f"sum_{place}") for place, name in enumerate(measures)},
        some={name: count(f"some_{place}") for place, name in enumerate(measures)},
        covariates={
            name: CovariateSums(
                number(f"past_sum_{place}"),
                count(f"past_some_{place}"),
                number(f"centred_{place}"),
                number(f"square_{place}"),
                number(f"shift_{place}"),
            )
            for place, name in enumerate(covariates)
        },
    )
