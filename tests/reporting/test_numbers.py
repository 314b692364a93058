"""Which numbers a row has, beside those held against unit rows."""

from pathlib import Path

import polars as pl
import pytest

from tests.reporting.seeded import Seeded
from tests.reporting.worlds import (
    SALES,
    a_module,
    a_world,
    an_experiment,
    days_after,
    everyone,
    normal,
    two_arms,
    units_of,
)


def test_units_whose_window_is_open_count_where_the_metric_includes_them(tmp_path: Path) -> None:
    metrics = {
        name: {"type": "mean", "column": "sessions", "window": {"days": 3}, "in_progress": name}
        for name in ("include", "exclude")
    }
    moments = [days_after(0), days_after(1), days_after(8), days_after(9)] * 10
    arms = [
        units_of("exp_1", key, exposed=moments, sessions_within_3d=normal(40, 5)) for key in "01"
    ]
    frame = a_world(tmp_path, a_module(metrics), [an_experiment()], arms).rows()
    assert everyone(frame, "include")["users"] == 40
    assert everyone(frame, "exclude")["users"] == 20


def test_a_unit_without_an_event_counts_as_zero(tmp_path: Path) -> None:
    sparse = [10.0] * 50 + [None] * 50
    world = two_arms(tmp_path, revenue=(sparse, sparse))
    row = everyone(world.rows(), "sales")
    assert (row["users"], row["mean"]) == (100, pytest.approx(5.0))


def test_the_experiments_own_tuning_is_used_without_a_planned_size(tmp_path: Path) -> None:
    arms = [units_of("exp_1", key, revenue=normal(150, 5, seed)) for seed, key in enumerate("01")]
    widths = []
    for tuning in (300.0, 100_000.0):
        experiment = an_experiment(sequential_testing_tuning_parameter=tuning)
        folder = tmp_path / str(tuning)
        row = everyone(a_world(folder, a_module(SALES), [experiment], arms).rows(), "sales")
        widths.append(row["seq_ci_high"] - row["seq_ci_low"])
    assert widths[0] < widths[1]


def test_a_total_of_small_counts_has_the_exact_interval(tmp_path: Path) -> None:
    metrics = {"bought": {"type": "proportion", "column": "revenue"}}
    bought = [1.0] * 4 + [0.0] * 116
    rows = two_arms(tmp_path, metrics, revenue=(bought[2:] + [0.0] * 2, bought)).rows()
    row = everyone(rows, "bought")
    assert row["method"] == "fisher-exact"
    assert row["incremental_ci_low"] == pytest.approx(row["abs_ci_low"] * 120)
    assert row["incremental_ci_high"] == pytest.approx(row["abs_ci_high"] * 120)


def test_a_ratio_has_no_total(seeded: Seeded) -> None:
    ratios = seeded.report.filter(pl.col("metric_type") == "ratio")
    totals = ratios.select("incremental_total", "incremental_ci_low", "incremental_ci_high")
    assert totals.null_count().row(0) == (ratios.height,) * 3


def test_a_covariate_that_varies_is_used_and_recorded(seeded: Seeded) -> None:
    rows = seeded.report.filter(pl.col("cuped"), pl.col("dimension") == "")
    assert set(rows["metric"]) == {"revenue_adjusted", "clicked_thrice", "rounds_adjusted"}
    assert rows["variance_reduction"].min() > 0
    assert rows["cuped_theta"].null_count() == 0


def test_significance_follows_the_adjusted_p_value(tmp_path: Path) -> None:
    metrics = {
        "weak": {"type": "mean", "column": "revenue", "role": "goal"},
        "noise": {"type": "mean", "column": "rounds", "role": "goal"},
        "aside": {"type": "mean", "column": "revenue"},
    }
    control, shift = normal(400, 5), 0.14
    world = two_arms(
        tmp_path,
        metrics,
        revenue=(control, control + shift),
        rounds=(control, control + 0.01),
    )
    frame = world.rows()
    weak, aside = everyone(frame, "weak"), everyone(frame, "aside")
    assert 0.025 < weak["p_value"] < 0.05
    assert weak["p_value_adjusted"] == pytest.approx(2 * weak["p_value"])
    assert weak["significant"] is False
    assert aside["p_value_adjusted"] == pytest.approx(aside["p_value"])
    assert aside["significant"] is True
