"""One tag on one business day: its experiments in force, their metrics, and the bounds of the day.

What belongs here: everything a partition's statements are made from, in one frozen object. What
does not: the statements (:mod:`ab_assets.analysis.exposure_statements` and its neighbours).
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from ab_assets.analysis.resolution import resolve_metrics
from ab_assets.experiments import (
    Experiment,
    Phase,
    Variation,
    config_hash,
    day_bounds,
    experiments_in_force,
    window_end,
)
from ab_assets.modules.catalogue import ModuleCatalogue
from ab_assets.modules.measures import Measure, measures_of
from ab_assets.modules.model import Metric, Module


@dataclass(frozen=True, slots=True)
class ExperimentDay:
    """One experiment in force on the day.

    Attributes:
        metrics: The module's metrics as this experiment's settings want them.
        window_end: The last instant that counts: the phase's end or the day's; aware UTC.
        config_hash: Hash of everything in the configuration that affects the numbers.
    """

    experiment: Experiment
    phase: Phase
    metrics: Mapping[str, Metric]
    control: Variation
    window_end: datetime

    config_hash: str

    @property
    def planned_units(self) -> float:
        """Units of both arms at which always-valid intervals are to be tightest, by GrowthBook."""
        return self.experiment.sequential_testing_tuning_parameter

    @property
    def days(self) -> float:
        """Days of the phase so far."""
        lasted = self.window_end - self.phase.started_at
        return max(lasted.total_seconds(), 0.0) / 86_400

    @property
    def has_ended(self) -> bool:
        """Whether the phase was over by the end of the day."""
        return self.phase.ended_at is not None and self.phase.ended_at <= self.window_end

    @property
    def weights(self) -> dict[str, float]:
        """The phase's weight of each variation key."""
        keys = (variation.key for variation in self.experiment.variations)
        return dict(zip(keys, self.phase.weights, strict=True))


@dataclass(frozen=True, slots=True)
class TagDay:
    """One tag on one business day.

    Attributes:
        starts: First microsecond of the day, aware UTC.
        ends: Last microsecond of the day, aware UTC.
        measures: The wide table's measures: the module's, and what the experiments override.
    """

    tag: str
    event_date: date
    zone: ZoneInfo
    module: Module
    experiments: tuple[ExperimentDay, ...]
    starts: datetime
    ends: datetime
    measures: tuple[Measure, ...]

    @property
    def config_hash(self) -> str:
        """One hash over the configurations of all experiments in force."""
        joined = "|".join(item.config_hash for item in self.experiments)
        return hashlib.sha256(joined.encode()).hexdigest()[:16] if joined else ""

    def has_ended(self, now: datetime | None = None) -> bool:
        """Whether the day is over, so that its rows can be complete."""
        return (now or datetime.now(UTC)) > self.ends


def tag_day(
    catalogue: ModuleCatalogue,
    experiments: Iterable[Experiment],
    tag: str,
    event_date: date,
    zone: ZoneInfo,
) -> TagDay:
    """Resolves one tag on one day.

    Raises:
        UnknownTagError: No module claims the tag.
    """
    module = catalogue.module_of(tag)
    starts, ends = day_bounds(event_date, zone)
    resolved = tuple(
        ExperimentDay(
            item.experiment,
            item.phase,
            resolve_metrics(module, item.experiment),
            _control(module, item.experiment),
            window_end(item.phase, event_date, zone),
            config_hash(item.experiment, item.phase),
        )
        for item in experiments_in_force(experiments, tag, event_date, zone)
    )
    overridden = [metric for item in resolved for metric in item.metrics.values()]
    measures = measures_of(module, [*module.metrics.values(), *overridden])
    return TagDay(tag, event_date, zone, module, resolved, starts, ends, measures)


def _control(module: Module, experiment: Experiment) -> Variation:
    chosen = (item for item in experiment.variations if item.key == module.control)
    return next(chosen, experiment.variations[0])
