"""A seeded tag: two experiments, every kind of metric, dimensions with gaps and a long tail."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

from ab_assets.modules.model import Module
from tests.reporting.direct import Choices, Spec, Units, row, values_of
from tests.reporting.worlds import (
    DAYS,
    EVENT_DATE,
    PHASE_START,
    World,
    a_module,
    a_world,
    an_experiment,
)

METRICS: dict[str, dict[str, object]] = {
    "revenue_per_user": {"type": "mean", "column": "revenue", "role": "goal"},
    "revenue_adjusted": {
        "type": "mean",
        "column": "revenue",
        "role": "goal",
        "cuped": {"days": 14},
        "cap": {"percentile": 0.99},
        "minimum_effect": 0.1,
    },
    "revenue_capped": {"type": "mean", "column": "revenue", "cap": {"absolute": 30}},
    "rounds_capped": {
        "type": "mean",
        "column": "rounds",
        "cap": {"percentile": 0.9, "ignore_zeros": True},
        "window": {"days": 3},
    },
    "sessions_soon": {"type": "mean", "column": "sessions", "window": {"hours": 36}},
    "clicked": {"type": "proportion", "column": "clicks", "role": "goal"},
    "clicked_thrice": {
        "type": "proportion",
        "column": "clicks",
        "threshold": 3,
        "cuped": {"days": 14},
    },
    "did_something_rare": {"type": "proportion", "column": "rare"},
    "retention_d1": {"type": "retention", "day": 1, "column": "active", "role": "goal"},
    "retention_d7": {"type": "retention", "day": 7, "column": "active"},
    "rounds_per_session": {
        "type": "ratio",
        "numerator": "rounds",
        "denominator": "sessions",
        "role": "goal",
        "direction": "down",
    },
    "rounds_adjusted": {
        "type": "ratio",
        "numerator": "rounds",
        "denominator": "sessions",
        "cuped": {"days": 7},
    },
    "clicks_per_session": {
        "type": "ratio",
        "numerator": "clicks",
        "denominator": "sessions",
        "role": "guardrail",
        "direction": "down",
        "non_inferiority": 0.05,
        "cap": {"percentile": 0.98},
    },
}
SPECS = {
    "revenue_per_user": Spec("mean", ("revenue",)),
    "revenue_adjusted": Spec("mean", ("revenue",), ("revenue_before_14d",), percentile=0.99),
    "revenue_capped": Spec("mean", ("revenue",), absolute=30.0),
    "rounds_capped": Spec(
        "mean", ("rounds_within_3d",), percentile=0.9, ignore_zeros=True, window_hours=72
    ),
    "sessions_soon": Spec("mean", ("sessions_within_36h",), window_hours=36),
    "clicked": Spec("share", ("clicks",), threshold=1.0),
    "clicked_thrice": Spec("share", ("clicks",), ("clicks_before_14d",), threshold=3.0),
    "did_something_rare": Spec("share", ("rare",), threshold=1.0),
    "retention_d1": Spec("share", ("active_day_1",), day=1),
    "retention_d7": Spec("share", ("active_day_7",), day=7),
    "rounds_per_session": Spec("ratio", ("rounds", "sessions"), direction="down"),
    "rounds_adjusted": Spec(
        "ratio", ("rounds", "sessions"), ("rounds_before_7d", "sessions_before_7d")
    ),
    "clicks_per_session": Spec("ratio", ("clicks", "sessions"), percentile=0.98, direction="down"),
}
DIMENSIONS = ("country", "platform")
CHOICES = Choices()


def the_module(**changes: object) -> Module:
    return a_module(METRICS, dimensions=DIMENSIONS, **changes)


def seeded_units(experiment: str, sizes: tuple[int, ...], seed: int) -> pl.DataFrame:
    """Units with correlated past and present, crossovers and keys nobody knows."""
    random = np.random.default_rng(seed)
    size = sum(sizes)
    keys = np.repeat([str(place) for place in range(len(sizes))], sizes)
    lift = 1 + 0.06 * keys.astype(int)
    taste = random.gamma(2.0, 0.5, size)
    first = random.uniform(0, DAYS * 86_400, size)
    moments = [PHASE_START.replace(tzinfo=None) + timedelta(seconds=float(s)) for s in first]
    crossed = random.random(size) < 0.02
    known = crossed | (random.random(size) > 0.01)
    sessions = 1 + random.poisson(3 * taste)
    countries = np.array([f"c{place:02d}" for place in range(26)])
    weights = 0.85 ** np.arange(26)
    country = random.choice(countries, size, p=weights / weights.sum()).astype(object)
    country[random.random(size) < 0.05] = None
    platform = random.choice(np.array(["ios", "android", "web"]), size).astype(object)
    platform[random.random(size) < 0.03] = None
    columns = {
        "revenue": np.round(random.lognormal(1.5, 1.0, size) * taste * lift, 2),
        "revenue_before_14d": np.round(random.lognormal(1.5, 0.5, size) * taste, 2),
        "sessions": sessions.astype(float),
        "sessions_within_36h": random.binomial(sessions, 0.5).astype(float),
        "sessions_before_7d": (1 + random.poisson(3 * taste)).astype(float),
        "rounds": random.poisson(2.0 * sessions * taste * lift).astype(float),
        "rounds_within_3d": random.poisson(1.2 * taste * lift).astype(float),
        "rounds_before_7d": random.poisson(6.0 * taste).astype(float),
        "clicks": random.poisson(0.9 * taste * lift).astype(float),
        "clicks_before_14d": random.poisson(1.5 * taste).astype(float),
        "rare": (random.random(size) < 0.004 * lift**5).astype(float),
        "active_day_1": (random.random(size) < 0.4 * lift).astype(float),
        "active_day_7": (random.random(size) < 0.2 * lift).astype(float),
    }
    frame = pl.DataFrame(
        {
            "experiment_id": [experiment] * size,
            "variation_key": keys.tolist(),
            "user_id": [f"{experiment}-{place}" for place in range(size)],
            "variations_seen": np.where(crossed, 2, 1),
            "is_known": known,
            "first_exposed_at": moments,
            "exposed_on": [moment.date() for moment in moments],
            "exposures": np.ones(size, int),
            "country": country.tolist(),
            "platform": platform.tolist(),
            **columns,
        }
    )
    # A unit without any event of a kind has no value rather than 0 in the wide table.
    return frame.with_columns(
        pl.when(pl.col("clicks") > 0).then(pl.col("clicks")),
        pl.when(pl.col("rounds_before_7d") > 0).then(pl.col("rounds_before_7d")),
    )


EXPERIMENTS = (
    (an_experiment((0.5, 0.5), "exp_two"), (1500, 1450), 20261121),
    (an_experiment((0.4, 0.4, 0.2), "exp_three"), (1300, 1250, 700), 7),
)


@dataclass(frozen=True, eq=False)
class Seeded:
    """The world, its report, and what the report should say by (experiment, metric, …)."""

    world: World
    report: pl.DataFrame
    units: dict[str, Units]

    def expected(self, found: dict[str, object], choices: Choices = CHOICES) -> dict[str, object]:
        """The numbers of a compared row, from its units."""
        name = str(found["metric"])
        control, treatment = self.values(found, "0"), self.values(found, found["variation_key"])
        effect = 0.1 if name == "revenue_adjusted" else choices.minimum_effect
        days = None if found["dimension"] else DAYS - 1e-6 / 86_400
        family = self.family(found) if choices.corrected else 1
        return row(control, treatment, SPECS[name], choices, effect, days, family)

    def family(self, found: dict[str, object]) -> int:
        """Comparisons that are corrected together with this one; a guardrail stands alone."""
        if found["role"] == "guardrail":
            return 1
        same = [pl.col(name) == found[name] for name in ("experiment_id", "dimension", "role")]
        return self.report.filter(*same, ~pl.col("is_control")).height

    def is_comparable(self, found: dict[str, object]) -> bool:
        """Whether plain textbook formulas have an answer: something varies in both arms."""
        arms = (self.values(found, "0"), self.values(found, found["variation_key"]))
        return all(len(arm) > 2 and np.ptp(arm[:, 0]) > 0 for arm in arms)

    def values(self, found: dict[str, object], variation: object) -> np.ndarray:
        """Counted values of one arm in the segment of a row."""
        units = self.units[str(found["experiment_id"])]
        values, _ = self.all_values(str(found["experiment_id"]), str(found["metric"]))
        chosen = units["variation_key"] == variation
        if found["dimension"]:
            chosen &= self.segments(found) == found["dimension_value"]
        values = values[chosen]
        return values[~np.isnan(values[:, 0])]

    def segments(self, found: dict[str, object]) -> np.ndarray:
        """Each unit's value of a row's dimension, the tail beyond 20 values as (other)."""
        units = self.units[str(found["experiment_id"])]
        named = np.array([value or "(unknown)" for value in units[str(found["dimension"])]])
        values, sizes = np.unique(named, return_counts=True)
        largest = sorted(zip(-sizes, values, strict=True))[:20]
        return np.where(np.isin(named, [value for _, value in largest]), named, "(other)")

    def cap(self, found: dict[str, object]) -> float | None:
        return self.all_values(str(found["experiment_id"]), str(found["metric"]))[1]

    @cache  # noqa: B019 (one object a session)
    def all_values(self, experiment: str, metric: str) -> tuple[np.ndarray, float | None]:
        """Values of every unit of an experiment, and the cap."""
        return values_of(self.units[experiment], SPECS[metric], EVENT_DATE)


def build(folder: Path, module: Module | None = None) -> Seeded:
    frames = {item.id: seeded_units(item.id, sizes, seed) for item, sizes, seed in EXPERIMENTS}
    experiments = [item for item, _, _ in EXPERIMENTS]
    world = a_world(folder, module or the_module(), experiments, list(frames.values()))
    compared = {
        key: frame.filter((pl.col("variations_seen") == 1) & pl.col("is_known")).to_dict()
        for key, frame in frames.items()
    }
    units = {
        key: {name: np.array(part.to_list()) for name, part in columns.items()}
        for key, columns in compared.items()
    }
    for columns in units.values():
        for name, part in columns.items():
            if part.dtype == object and name not in {*DIMENSIONS, "exposed_on", "first_exposed_at"}:
                columns[name] = np.array([np.nan if value is None else value for value in part])
    return Seeded(world, world.rows(), units)
