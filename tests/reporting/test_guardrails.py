"""The test of a guardrail against its margin, held against scipy on the unit rows."""

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl
import pytest
from scipy import stats

from ab_assets.analysis.statistics_query import fetch_sums, statistics_query
from ab_assets.reporting.arms import Arm, lay_out
from ab_assets.reporting.guardrails import margin_p_values, surely_beyond_margin
from ab_assets.reporting.inference import InferredGroup, infer
from ab_assets.reporting.sums import Sums
from tests.reporting.direct import as_units
from tests.reporting.seeded import METRICS, SPECS, Seeded
from tests.reporting.worlds import LIBRARY


def by_comparison(
    seeded: Seeded, of: Callable[[Sequence[Arm], InferredGroup], np.ndarray]
) -> dict[tuple[str, str, str], float]:
    """What is said of each experiment, metric and variation, over all users."""
    world = seeded.world
    query = statistics_query(LIBRARY, world.day, world.wide)
    frame = fetch_sums(world.warehouse, query)
    arms = lay_out(world.day, query, frame)
    found = {}
    for group in infer(arms, Sums.of(query, frame), world.day.module.engine):
        for place, value in zip(group.places, of(arms, group), strict=True):
            arm = arms[place]
            if not (arm.dimension or arm.is_control):
                found[arm.item.experiment.id, arm.metric_name, arm.variation.key] = float(value)
    return found


@pytest.fixture(scope="module")
def p_values(seeded: Seeded) -> dict[tuple[str, str, str], float]:
    return by_comparison(seeded, margin_p_values)


def one_sided(control: np.ndarray, treatment: np.ndarray, margin: float, direction: str) -> float:
    """Welch's test of the treatment against (1 ∓ margin) times the control."""
    factor, harm = (1 - margin, "greater") if direction == "up" else (1 + margin, "less")
    scaled = factor * control
    test = stats.ttest_ind(treatment, scaled, equal_var=False, alternative=harm)
    variances = [arm.var(ddof=1) / len(arm) for arm in (control, treatment)]
    degrees = [len(arm) - 1 for arm in (control, treatment)]
    df = sum(variances) ** 2 / sum(v * v / d for v, d in zip(variances, degrees, strict=True))
    sign = 1 if harm == "greater" else -1
    return float(stats.t.sf(sign * test.statistic, df))


@pytest.mark.parametrize(
    "metric", [name for name, metric in METRICS.items() if "cuped" not in metric]
)
def test_the_margin_p_value_is_welchs_one_sided_one(
    seeded: Seeded, p_values: dict[tuple[str, str, str], float], metric: str
) -> None:
    rows = seeded.report.filter(
        (pl.col("metric") == metric) & (pl.col("dimension") == "") & ~pl.col("is_control")
    )
    margin = float(METRICS[metric].get("non_inferiority", 0.0))
    for row in rows.iter_rows(named=True):
        key = row["variation_key"]
        arms = (
            as_units(seeded.values(row, variation), SPECS[metric])[0] for variation in "0" + key
        )
        wanted = one_sided(*arms, margin, row["direction"])
        assert p_values[row["experiment_id"], metric, key] == pytest.approx(wanted, rel=1e-8)


def test_a_metric_without_a_margin_is_held_against_no_harm_at_all(
    seeded: Seeded, p_values: dict[tuple[str, str, str], float]
) -> None:
    rows = seeded.report.filter(
        (pl.col("metric") == "revenue_per_user") & (pl.col("variation_key") == "1"),
        (pl.col("dimension") == "") & (pl.col("experiment_id") == "exp_two"),
    )
    row = rows.row(0, named=True)
    one_tail = row["p_value"] / 2
    wanted = one_tail if row["abs_diff"] > 0 else 1 - one_tail
    assert p_values["exp_two", "revenue_per_user", "1"] == pytest.approx(wanted)


def test_surely_beyond_the_margin_is_an_always_valid_interval_wholly_worse_than_it(
    seeded: Seeded,
) -> None:
    found = by_comparison(seeded, surely_beyond_margin)
    rows = seeded.report.filter((pl.col("dimension") == "") & ~pl.col("is_control"))
    told = set()
    for row in rows.iter_rows(named=True):
        wanted = False
        if row["seq_ci_low"] is not None:
            margin = float(METRICS[row["metric"]].get("non_inferiority", 0.0))
            allowed = margin * abs(row["control_mean"])
            up = row["direction"] == "up"
            wanted = row["seq_ci_high"] < -allowed if up else row["seq_ci_low"] > allowed
        assert found[row["experiment_id"], row["metric"], row["variation_key"]] == wanted
        told.add(wanted)
    assert told == {True, False}
