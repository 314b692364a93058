"""A number that is missing has its reason; a method says what was not done."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

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


def test_an_experiment_without_any_unit_still_has_its_rows(tmp_path: Path) -> None:
    world = a_world(tmp_path, a_module(SALES), [an_experiment()], [])
    frame = world.rows()
    assert frame["variation_key"].to_list() == ["0", "1"]
    assert frame["trust"].to_list() == ["no unit is counted yet"] * 2
    assert frame["users"].to_list() == [0, 0]
    assert frame["mean"].to_list() == [None, None]
    row = everyone(frame, "sales")
    assert row["control_users"] == 0
    assert row["crossover_users"] == 0
    assert (row["p_value"], row["abs_diff"], row["method"]) == (None, None, None)
    assert (row["decision"], row["decision_reason"]) == ("none", "no goal has a number yet")


def test_an_experiment_whose_units_all_crossed_over_is_told_so(tmp_path: Path) -> None:
    crossed = units_of("exp_1", "0", crossover=True, revenue=[1.0, 2.0])
    frame = a_world(tmp_path, a_module(SALES), [an_experiment()], [crossed]).rows()
    assert frame["crossover_users"].to_list() == [2, 2]
    assert frame["users"].to_list() == [0, 0]


def test_an_arm_without_units_leaves_the_other_one_its_numbers(tmp_path: Path) -> None:
    units = units_of("exp_1", "0", revenue=normal(50, 5))
    frame = a_world(tmp_path, a_module(SALES), [an_experiment()], [units]).rows()
    control, treatment = everyone(frame, "sales", "0"), everyone(frame, "sales", "1")
    assert (control["users"], control["trust"]) == (50, "ok")
    assert (treatment["users"], treatment["control_users"]) == (0, 50)
    assert treatment["control_mean"] == pytest.approx(normal(50, 5).mean())
    assert treatment["abs_diff"] is None
    assert treatment["trust"] == "no unit is counted yet"


def test_a_missing_control_is_the_reason_of_the_others(tmp_path: Path) -> None:
    units = units_of("exp_1", "1", revenue=normal(50, 5))
    frame = a_world(tmp_path, a_module(SALES), [an_experiment()], [units]).rows()
    row = everyone(frame, "sales")
    assert row["trust"] == "an arm has no units"
    assert row["mean"] == pytest.approx(normal(50, 5).mean())
    assert row["control_mean"] is None


def test_a_window_that_closed_for_nobody_gives_no_numbers(tmp_path: Path) -> None:
    metrics = {"retention_d7": {"type": "retention", "day": 7, "column": "active"}}
    arms = [units_of("exp_1", key, exposed=days_after(8), active_day_7=[1.0] * 30) for key in "01"]
    frame = a_world(tmp_path, a_module(metrics), [an_experiment()], arms).rows()
    assert frame["trust"].to_list() == ["no unit is counted yet"] * 2
    assert frame["users"].to_list() == [0, 0]
    floats = frame.drop("weight").select(pl.col(pl.Float64), "users_needed", "days_needed")
    assert set(floats.row(1)) == {None}


def test_a_control_mean_of_zero_leaves_the_absolute_difference(tmp_path: Path) -> None:
    values = np.tile([-1.0, 1.0], 100)
    row = everyone(two_arms(tmp_path, revenue=(values, values + 1.0)).rows(), "sales")
    assert row["abs_diff"] == pytest.approx(1.0)
    assert row["abs_ci_low"] > 0
    assert row["p_value"] < 0.05
    assert [row[name] for name in ("rel_uplift", "rel_ci_low", "rel_ci_high", "mde")] == [None] * 4
    assert row["trust"] == "the control mean is zero: no relative uplift"


def test_an_unbounded_relative_interval_is_null_and_said_so(tmp_path: Path) -> None:
    values = np.tile([-10.0, 10.2], 100)
    row = everyone(two_arms(tmp_path, revenue=(values, values + 0.1)).rows(), "sales")
    assert row["rel_uplift"] == pytest.approx(1.0)
    assert (row["rel_ci_low"], row["rel_ci_high"]) == (None, None)
    assert row["abs_ci_low"] < 0.1 < row["abs_ci_high"]
    assert row["trust"] == "the relative interval is unbounded: the control mean may be zero"


def test_identical_units_have_a_difference_and_no_test(tmp_path: Path) -> None:
    row = everyone(two_arms(tmp_path, revenue=([2.0] * 50, [3.0] * 50)).rows(), "sales")
    assert row["abs_diff"] == pytest.approx(1.0)
    assert (row["p_value"], row["significant"], row["method"]) == (None, None, None)
    assert row["trust"] == "the variance is zero, or lost to rounding"


def test_early_on_the_missing_always_valid_answer_has_its_reason(tmp_path: Path) -> None:
    world = two_arms(tmp_path, revenue=(normal(99, 5), normal(99, 6)))
    row = everyone(world.rows(), "sales")
    assert row["seq_p_value"] is None
    assert row["p_value"] is not None
    assert row["trust"] == "too few units or events yet for an always-valid answer"


def test_without_a_planned_size_the_always_valid_answer_is_missing(tmp_path: Path) -> None:
    experiment = an_experiment(sequential_testing_tuning_parameter=0.0)
    arms = [units_of("exp_1", key, revenue=normal(150, 5, seed)) for seed, key in enumerate("01")]
    row = everyone(a_world(tmp_path, a_module(SALES), [experiment], arms).rows(), "sales")
    assert row["seq_ci_low"] is None
    assert row["trust"] == "no planned size to tune the always-valid interval to"


def test_all_against_nothing_has_an_exact_test_and_says_what_else_is_missing(
    tmp_path: Path,
) -> None:
    metrics = {"bought": {"type": "proportion", "column": "revenue"}}
    row = everyone(two_arms(tmp_path, metrics, revenue=([1.0] * 120, [0.0] * 120)).rows(), "bought")
    assert row["method"] == "fisher-exact"
    assert row["p_value"] < 1e-60
    assert row["rel_uplift"] == pytest.approx(-1.0)
    assert row["posterior_mean"] == pytest.approx(1 / 122 - 121 / 122)
    assert row["users_needed"] is None
    assert row["trust"] == "the variance is zero, or lost to rounding"


def test_a_covariate_that_does_not_vary_is_said_in_the_method(tmp_path: Path) -> None:
    metrics = {"sales": SALES["sales"] | {"cuped": {"days": 14}}}
    world = two_arms(
        tmp_path,
        metrics,
        revenue=(normal(150, 5), normal(150, 6)),
        revenue_before_14d=([3.0] * 150, [3.0] * 150),
    )
    row = everyone(world.rows(), "sales")
    assert row["method"] == "welch-t, not adjusted: the covariate does not vary"
    assert row["cuped"] is False
    assert (row["variance_reduction"], row["cuped_theta"]) == (None, None)
    assert row["p_value"] is not None
    assert row["trust"] == "ok"


def test_a_ratio_without_a_past_says_that_it_is_not_adjusted(tmp_path: Path) -> None:
    metrics = {
        "rounds_per_session": {
            "type": "ratio",
            "numerator": "rounds",
            "denominator": "sessions",
            "cuped": {"days": 14},
        }
    }
    world = two_arms(
        tmp_path,
        metrics,
        rounds=(normal(150, 5), normal(150, 6)),
        sessions=([2.0, 3.0] * 75, [2.0, 3.0] * 75),
        rounds_before_14d=([0.0] * 150, [0.0] * 150),
        sessions_before_14d=([0.0] * 150, [0.0] * 150),
    )
    row = everyone(world.rows(), "rounds_per_session")
    assert row["method"].startswith("delta-method welch-t, not adjusted: ")
    assert row["cuped"] is False
    assert row["p_value"] is not None


def test_a_segment_where_nobody_has_any_has_no_relative_effect(tmp_path: Path) -> None:
    metrics = {
        "sales": SALES["sales"],
        "per_session": {"type": "ratio", "numerator": "revenue", "denominator": "sessions"},
    }
    size, nobody = 300, np.arange(300) % 6 == 0
    arms = [
        units_of(
            "exp_1",
            key,
            revenue=np.where(nobody, 0.0, normal(size, 5, seed)),
            sessions=1 + np.arange(size) % 3,
            platform=np.where(nobody, "tv", "web").tolist(),
        )
        for seed, key in enumerate("01")
    ]
    module = a_module(metrics, dimensions=["platform"])
    frame = a_world(tmp_path, module, [an_experiment()], arms).rows()
    rows = frame.filter((pl.col("dimension_value") == "tv") & ~pl.col("is_control"))
    assert rows["mean"].to_list() == [0.0, 0.0]
    assert rows["control_mean"].to_list() == [0.0, 0.0]
    for column in ("rel_uplift", "p_value", "mde", "users_needed"):
        assert rows[column].to_list() == [None, None], column
