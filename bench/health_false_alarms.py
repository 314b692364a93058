"""How often the health checks alarm on clean experiments that are looked at every day.

What belongs here: the simulation, and its table: of many clean experiments looked at on each of 14
days, the share in which a check was not silent on some day, and on a single day. What does not:
pass or fail (``tests/health/test_false_alarms.py`` holds a short version with its bounds).

    python bench/health_false_alarms.py [experiments, default 1000]
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from ab_assets.analysis.tag_day import ExperimentDay, TagDay, tag_day
from ab_assets.experiments import Experiment, Phase, Variation
from ab_assets.health.assignment import Assignment
from ab_assets.health.crossovers import check_crossovers
from ab_assets.health.enrolment import Enrolment, check_enrolment
from ab_assets.health.event_join import check_event_join
from ab_assets.health.finding import Check, Finding, Status
from ab_assets.health.measure_sums import ArmSums, CovariateSums
from ab_assets.health.metric_jump import Totals, check_metric_jump, totals_of
from ab_assets.health.metric_missing import check_metric_missing
from ab_assets.health.pre_exposure import check_covariate_coverage, check_pre_exposure_bias
from ab_assets.health.sample_ratio import check_sample_ratio
from ab_assets.health.sample_ratio_by_dimension import Segment, check_sample_ratio_by_dimension
from ab_assets.modules.catalogue import ModuleCatalogue
from ab_assets.modules.model import Module

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

LOOKS = 14
FIRST = date(2026, 3, 2)
SPLITS = ((0.5, 0.5), (0.9, 0.1), (0.95, 0.05), (0.34, 0.33, 0.33), (0.25, 0.25, 0.25, 0.25))
# The values of two dimensions and their shares of the units.
SEGMENTS = {
    "platform": (("android", "ios", "web"), (0.6, 0.3, 0.1)),
    "country": (("BR", "DE", "IN", "JP", "NG", "US"), (0.3, 0.2, 0.2, 0.15, 0.1, 0.05)),
}
MEASURES = ("visits", "amount", "clicks")
WEEK = (1.0, 1.0, 0.95, 1.0, 1.1, 1.4, 1.3)
MODULE = Module.model_validate(
    {
        "module": "clean",
        "tags": ["clean"],
        "dimensions": list(SEGMENTS),
        "columns": {
            "visits": "count_if(event_name = 'visit')",
            "amount": "sum(value)",
            "clicks": "count_if(event_name = 'click')",
        },
        "metrics": {
            name: {"type": "mean", "column": name, "cuped": {"days": 14}} for name in MEASURES
        },
    }
)
CATALOGUE = ModuleCatalogue.of([(Path("clean/module.yaml"), MODULE)])


@dataclass(frozen=True)
class CleanExperiment:
    """The units of one experiment in which nothing is wrong and nothing is different.

    Attributes:
        weights: The split.
        arm: Each unit's arm.
        joined: Its day of first exposure, counted from 0.
        values: What it does on each day: measure × unit × day.
        past: What it did before exposure: measure × unit.
        segments: Its value of each dimension.
        crossed: Whether it saw a second variation, as a few test accounts do.
    """

    weights: tuple[float, ...]
    arm: NDArray[np.int64]
    joined: NDArray[np.int64]
    values: NDArray[np.float64]
    past: NDArray[np.float64]
    segments: dict[str, NDArray[np.int64]]
    crossed: NDArray[np.bool_]


@dataclass
class Alarms:
    """Experiments in which a check was not silent on some look, and looks on which it was not."""

    experiments: int = 0
    on_any_look: Counter[Check] = field(default_factory=Counter)
    on_a_look: Counter[Check] = field(default_factory=Counter)

    def rate(self, check: Check) -> float:
        """Share of the experiments in which a check alarmed on some look."""
        return self.on_any_look[check] / self.experiments


def clean_experiment(random: np.random.Generator) -> CleanExperiment:
    """Draws one: from 300 to 12,000 units that join over the days, fewer every day."""
    weights = SPLITS[random.integers(len(SPLITS))]
    units = int(np.exp(random.uniform(np.log(300), np.log(12_000))))
    fading = np.arange(1, LOOKS + 1) ** -random.uniform(0.2, 1.0) * np.resize(WEEK, LOOKS)
    joined = random.choice(LOOKS, units, p=fading / fading.sum())
    rate = random.gamma(0.8, 0.6, units)
    is_payer = random.random(units) < 0.04
    present = np.arange(LOOKS) >= joined[:, None]
    visits = random.poisson(rate[:, None] * np.resize(WEEK, LOOKS)) * present
    paid = is_payer[:, None] & (random.random((units, LOOKS)) < 0.1) & present
    amounts = np.where(paid, random.lognormal(2.0, 1.5, (units, LOOKS)), 0.0)
    clicks = random.poisson(0.002, (units, LOOKS)) * present
    is_known = random.random(units) < 0.85
    past = np.stack(
        [
            random.poisson(14 * rate),
            np.where(
                is_payer & (random.random(units) < 0.7), random.lognormal(3.0, 1.5, units), 0.0
            ),
            random.poisson(0.02, units),
        ]
    )
    return CleanExperiment(
        weights,
        random.choice(len(weights), units, p=np.array(weights) / sum(weights)),
        joined,
        np.stack([visits, amounts, clicks]).astype(float),
        past * is_known,
        {name: random.choice(len(p), units, p=p) for name, (_, p) in SEGMENTS.items()},
        random.random(units) < 0.0002,
    )


def findings(clean: CleanExperiment) -> Iterator[list[Finding]]:
    """What the checks say on each of the days."""
    cumulative = clean.values.cumsum(axis=2)
    earlier: dict[date, Totals] = {}
    for look in range(LOOKS):
        day = _day(clean.weights, FIRST + timedelta(days=look))
        (item,) = day.experiments
        seen = (clean.joined <= look) & ~clean.crossed
        arms = {key: _arm(clean, cumulative, seen, look, arm) for arm, key in _keys(item)}
        yield _look(clean, look, day, item, arms, earlier)
        earlier[day.event_date] = totals_of(arms, MEASURES)


def simulate(experiments: int, seed: int = 2026) -> Alarms:
    """Draws clean experiments and counts the alarms."""
    random = np.random.default_rng(seed)
    alarms = Alarms(experiments)
    for _ in range(experiments):
        told: Counter[Check] = Counter()
        for look in findings(clean_experiment(random)):
            told.update(one.check for one in look if one.status is not Status.PASS)
        alarms.on_a_look.update(told)
        alarms.on_any_look.update(told.keys())
    return alarms


def _look(  # noqa: PLR0917 (what one look is made of)
    clean: CleanExperiment,
    look: int,
    day: TagDay,
    item: ExperimentDay,
    arms: dict[str, ArmSums],
    earlier: dict[date, Totals],
) -> list[Finding]:
    key, weights, keys = item.experiment.id, item.weights, dict(_keys(item))
    exposed = clean.joined <= look
    crossed = Counter(keys[arm] for arm in clean.arm[exposed & clean.crossed].tolist())
    assignment = Assignment({name: arm.units for name, arm in arms.items()}, crossed)
    joined = Counter(clean.joined[exposed].tolist())
    enrolment = Enrolment({FIRST + timedelta(days=when): n for when, n in joined.items()})
    return [
        check_sample_ratio(key, assignment, weights),
        check_sample_ratio_by_dimension(key, _segments(clean, look, keys), weights),
        check_crossovers(key, assignment, weights),
        check_event_join(key, arms),
        check_pre_exposure_bias(item, arms),
        check_covariate_coverage(item, arms),
        check_metric_missing(item, arms),
        check_metric_jump(item, day.event_date, arms, earlier),
        check_enrolment(item, day, enrolment),
    ]


def _arm(
    clean: CleanExperiment,
    cumulative: NDArray[np.float64],
    seen: NDArray[np.bool_],
    look: int,
    arm: int,
) -> ArmSums:
    own = seen & (clean.arm == arm)
    totals, past = cumulative[:, own, look], clean.past[:, own]
    return ArmSums(
        units=int(own.sum()),
        silent=int((totals.sum(axis=0) == 0).sum()),
        with_past=int((past.sum(axis=0) > 0).sum()),
        sums={name: float(totals[place].sum()) for place, name in enumerate(MEASURES)},
        some={name: int((totals[place] != 0).sum()) for place, name in enumerate(MEASURES)},
        covariates={
            f"{name}_before_14d": CovariateSums(
                float(past[place].sum()),
                int((past[place] != 0).sum()),
                float(np.log1p(past[place]).sum()),
                float((np.log1p(past[place]) ** 2).sum()),
            )
            for place, name in enumerate(MEASURES)
        },
    )


def _segments(clean: CleanExperiment, look: int, keys: dict[int, str]) -> list[Segment]:
    seen = (clean.joined <= look) & ~clean.crossed
    found = []
    for dimension, (values, _) in SEGMENTS.items():
        cells = clean.segments[dimension][seen] * len(keys) + clean.arm[seen]
        counts = np.bincount(cells, minlength=len(values) * len(keys)).reshape(len(values), -1)
        found += [
            Segment(dimension, value, dict(zip(keys.values(), counts[place].tolist(), strict=True)))
            for place, value in enumerate(values)
        ]
    return found


def _keys(item: ExperimentDay) -> list[tuple[int, str]]:
    return list(enumerate(item.weights))


def _day(weights: tuple[float, ...], event_date: date) -> TagDay:
    started = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC)
    experiment = Experiment(
        id="exp",
        key="clean",
        name="Clean",
        status="running",
        variations=tuple(
            Variation(id=f"var_{place}", key=str(place), name=str(place))
            for place in range(len(weights))
        ),
        phases=(Phase(index=0, name="", started_at=started, weights=weights, seed="s"),),
        tags=("clean",),
    )
    return tag_day(CATALOGUE, [experiment], "clean", event_date, ZoneInfo("UTC"))


def main() -> None:
    """Prints the table."""
    experiments = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    alarms = simulate(experiments)
    print(f"{experiments} clean experiments, {LOOKS} daily looks")
    print("| check | alarmed on some look | ± | on a look |")
    print("|---|---|---|---|")
    judged = (
        Check.SAMPLE_RATIO,
        Check.SAMPLE_RATIO_BY_DIMENSION,
        Check.CROSSOVERS,
        Check.EVENT_JOIN,
        Check.PRE_EXPOSURE_BIAS,
        Check.COVARIATE_COVERAGE,
        Check.METRIC_MISSING,
        Check.METRIC_JUMP,
        Check.ENROLMENT,
    )
    for check in judged:
        rate = alarms.rate(check)
        error = float(np.sqrt(max(rate, 1 / experiments) * (1 - rate) / experiments))
        single = alarms.on_a_look[check] / (experiments * LOOKS)
        print(f"| {check} | {rate:.2%} | {error:.2%} | {single:.3%} |")


if __name__ == "__main__":
    main()
