"""The shortest honest way from rows to a comparison: polars and scipy, nothing of ours.

It reads the experiment from the GrowthBook answer, not from the plans the rows were made of.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import stats

from ab_assets.demo import Company

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Units:
    """The units of one phase that saw one known arm, and the counts of the others."""

    frame: pl.DataFrame  # user_id, arm, first
    crossovers: int
    unknown: int
    keys: tuple[str, ...]
    weights: tuple[float, ...]
    start: datetime
    end: datetime

    @property
    def per_arm(self) -> list[int]:
        return [self.frame.filter(pl.col("arm") == key).height for key in self.keys]

    @property
    def crossover_rate(self) -> float:
        return self.crossovers / (self.crossovers + self.frame.height)

    @property
    def sample_ratio_p_value(self) -> float:
        expected = np.array(self.weights) * self.frame.height
        return float(stats.chisquare(self.per_arm, expected).pvalue)


@dataclass(frozen=True)
class Difference:
    """One arm against the control, relative to the control."""

    relative: float
    standard_error: float

    @property
    def z(self) -> float:
        return self.relative / self.standard_error


def experiment(company: Company, key: str) -> dict:
    return next(e for e in company.growthbook["experiments"] if e["trackingKey"] == key)


def units(company: Company, key: str, phase: int = -1) -> Units:
    """Units by their first exposure of the phase; those with a second key are crossovers."""
    answer = experiment(company, key)
    chosen = answer["phases"][phase]
    data_end = datetime.combine(company.last_day, datetime.min.time()) + DAY
    start = _moment(chosen["dateStarted"])
    end = min(data_end, _moment(chosen["dateEnded"]) if chosen["dateEnded"] else data_end)
    keys = tuple(variation["key"] for variation in answer["variations"])
    seen = (
        company.exposures.filter(
            (pl.col("experiment_key") == key) & pl.col("exposed_at").is_between(start, end)
        )
        .group_by("user_id")
        .agg(
            arm=pl.col("variation_key").sort_by("exposed_at").first(),
            first=pl.col("exposed_at").min(),
            keys=pl.col("variation_key").n_unique(),
        )
    )
    known = pl.col("arm").is_in(keys)
    return Units(
        frame=seen.filter((pl.col("keys") == 1) & known).select("user_id", "arm", "first"),
        crossovers=seen.filter(pl.col("keys") > 1).height,
        unknown=seen.filter((pl.col("keys") == 1) & ~known).height,
        keys=keys,
        weights=tuple(split["weight"] for split in chosen["trafficSplit"]),
        start=start,
        end=end,
    )


def measure(
    company: Company,
    who: Units,
    names: tuple[str, ...],
    *,
    value: bool = False,
    hours: int | None = None,
) -> pl.DataFrame:
    """Per unit, ``y``: events of the names (or the sum of their values) since its first exposure.

    With ``hours`` only that long, and only the units whose window has closed.
    """
    last = pl.lit(who.end) if hours is None else pl.col("first") + timedelta(hours=hours)
    data_end = datetime.combine(company.last_day, datetime.min.time()) + DAY
    frame = who.frame if hours is None else who.frame.filter(last <= data_end)
    counted = (
        company.events.filter(pl.col("event_name").is_in(names))
        .join(frame, on="user_id")
        .filter((pl.col("event_time") >= pl.col("first")) & (pl.col("event_time") <= last))
        .group_by("user_id")
        .agg(y=pl.col("value").sum() if value else pl.len().cast(pl.Float64))
    )
    return frame.join(counted, on="user_id", how="left").with_columns(pl.col("y").fill_null(0.0))


def before(company: Company, who: Units, name: str, *, days: int = 14) -> pl.DataFrame:
    """Per unit, ``x``: events of the name in the days before its first exposure."""
    counted = (
        company.events.filter(pl.col("event_name") == name)
        .join(who.frame, on="user_id")
        .filter(pl.col("event_time") < pl.col("first"))
        .filter(pl.col("event_time") >= pl.col("first") - days * DAY)
        .group_by("user_id")
        .agg(x=pl.len().cast(pl.Float64))
    )
    return who.frame.join(counted, on="user_id", how="left").with_columns(pl.col("x").fill_null(0))


def retained(company: Company, who: Units, *, day: int) -> pl.DataFrame:
    """Per unit whose day is over, ``y``: 1 when it was active that many days after exposure."""
    wanted = who.frame.with_columns(date=pl.col("first").dt.date() + day * DAY)
    wanted = wanted.filter(pl.col("date") <= company.last_day)
    active = (
        company.events.filter(pl.col("event_name") == "session_start")
        .select("user_id", date=pl.col("event_time").dt.date(), y=pl.lit(1.0))
        .unique()
    )
    joined = wanted.join(active, on=["user_id", "date"], how="left")
    return joined.with_columns(pl.col("y").fill_null(0.0))


def compare(rows: pl.DataFrame, control: str, arm: str) -> Difference:
    """The relative difference of the means of ``y``."""
    a, b = _values(rows, control, "y"), _values(rows, arm, "y")
    error = np.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))
    return Difference(float((b.mean() - a.mean()) / a.mean()), float(error / a.mean()))


def compare_ratio(
    numerator: pl.DataFrame, denominator: pl.DataFrame, control: str, arm: str
) -> Difference:
    """The relative difference of the ratios of sums, with the delta method's error."""
    rows = numerator.join(denominator.select("user_id", x="y"), on="user_id")
    ratios, variances = [], []
    for key in (control, arm):
        y, x = _values(rows, key, "y"), _values(rows, key, "x")
        ratio = y.sum() / x.sum()
        ratios.append(ratio)
        variances.append((y - ratio * x).var(ddof=1) / x.mean() ** 2 / len(y))
    error = np.sqrt(sum(variances)) / ratios[0]
    return Difference(float(ratios[1] / ratios[0] - 1), float(error))


def _values(rows: pl.DataFrame, arm: str, column: str) -> NDArray[np.float64]:
    return rows.filter(pl.col("arm") == arm)[column].to_numpy()


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).replace(tzinfo=None)
