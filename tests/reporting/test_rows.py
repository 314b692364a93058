"""What the rows of a report say of experiment, variation, trust and decision."""

from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from ab_assets.experiments import Experiment
from ab_assets.reporting.trust import Trust
from ab_assets.warehouse.frames import frame_schema
from tests.reporting.seeded import Seeded
from tests.reporting.worlds import (
    EVENT_DATE,
    SALES,
    a_module,
    a_world,
    an_experiment,
    everyone,
    normal,
    two_arms,
    units_of,
)


def test_the_control_has_a_row_of_its_own_and_no_comparison(tmp_path: Path) -> None:
    world = two_arms(tmp_path, revenue=(normal(200, 5), normal(210, 6)))
    row = everyone(world.rows(), "sales", "0")
    of_its_own = {"users", "mean", "stddev"}
    assert row["is_control"]
    assert row["users"] == 200
    assert row["mean"] == pytest.approx(normal(200, 5).mean())
    assert row["stddev"] == pytest.approx(normal(200, 5).std(ddof=1))
    numbers = {name for name, value in row.items() if isinstance(value, float | int | bool)}
    assert numbers - of_its_own == {"phase_index", "is_control", "weight", "crossover_users"}
    assert row["method"] is None
    assert (row["decision"], row["decision_reason"]) == ("none", "the control")
    assert row["trust"] == "ok"


def test_a_row_says_what_it_is_about_and_what_it_was_made_from(tmp_path: Path) -> None:
    world = two_arms(tmp_path, revenue=(normal(200, 5), normal(210, 6)))
    row = everyone(world.rows(), "sales")
    wanted = {
        "tag": "checkout",
        "module": "shop",
        "event_date": EVENT_DATE,
        "experiment_id": "exp_1",
        "experiment_key": "key_exp_1",
        "experiment_name": "Name of exp_1",
        "phase_index": 0,
        "phase_name": "Main",
        "phase_start": datetime.fromisoformat("2026-10-01T00:00"),
        "metric": "sales",
        "metric_type": "mean",
        "metric_title": "sales",
        "unit": "",
        "role": "goal",
        "direction": "up",
        "variation_key": "1",
        "variation_name": "Treatment 1",
        "control_key": "0",
        "is_control": False,
        "weight": 0.5,
        "sql_hash": "5a1",
        "run_id": "run-1",
        "computed_at": datetime.fromisoformat("2026-10-11T03:30"),
        "config_hash": world.day.experiments[0].config_hash,
    }
    assert {name: row[name] for name in wanted} == wanted


def test_a_row_names_its_metric_and_unit_as_the_module_does(tmp_path: Path) -> None:
    sales = {**SALES["sales"], "title": "Sales per user", "unit": "currency"}
    arms = [units_of("exp_1", key, revenue=[1.0, 2.0, 4.0]) for key in "01"]
    module = a_module({"sales": sales}, currency="EUR")
    row = everyone(a_world(tmp_path, module, [an_experiment()], arms).rows(), "sales")
    assert (row["metric_title"], row["unit"]) == ("Sales per user", "EUR")


def test_rows_have_the_columns_and_types_of_their_table(tmp_path: Path) -> None:
    world = two_arms(tmp_path, revenue=(normal(20, 5), normal(21, 6)))
    assert dict(world.rows().schema) == frame_schema(world.report)


def test_weights_are_those_of_the_phase(seeded: Seeded) -> None:
    weights = seeded.report.select("experiment_id", "variation_key", "weight").unique()
    assert set(weights.iter_rows()) == {
        ("exp_two", "0", 0.5),
        ("exp_two", "1", 0.5),
        ("exp_three", "0", 0.4),
        ("exp_three", "1", 0.4),
        ("exp_three", "2", 0.2),
    }


def test_a_module_may_name_another_control(tmp_path: Path) -> None:
    arms = [units_of("exp_1", key, revenue=normal(150, mean)) for key, mean in (("0", 5), ("1", 6))]
    usual = a_world(tmp_path / "a", a_module(SALES), [an_experiment()], arms).rows()
    module = a_module(SALES, control="1")
    turned = a_world(tmp_path / "b", module, [an_experiment()], arms).rows()
    row = everyone(turned, "sales", "0")
    assert (row["control_key"], row["is_control"]) == ("1", False)
    assert everyone(turned, "sales", "1")["is_control"]
    assert row["abs_diff"] == pytest.approx(-everyone(usual, "sales")["abs_diff"])
    assert row["p_value"] == pytest.approx(everyone(usual, "sales")["p_value"])


def test_a_control_an_experiment_does_not_have_is_its_first_variation(tmp_path: Path) -> None:
    world = a_world(tmp_path, a_module(SALES, control="b"), [an_experiment()], [])
    assert world.rows()["control_key"].unique().to_list() == ["0"]


def distrusted(tmp_path: Path, *experiments: Experiment) -> pl.DataFrame:
    arms = [
        units_of(item.id, key, revenue=normal(300, 5 + int(key)))
        for item in experiments
        for key in "01"
    ]
    trust = Trust(
        distrust={"exp_1": "sample-ratio mismatch"},
        sample_ratio_p_values={"exp_1": 1e-9, "exp_2": 0.4},
        sequential_sample_ratio_p_values={"exp_1": 1e-7, "exp_2": 0.9},
    )
    return a_world(tmp_path, a_module(SALES), experiments, arms).rows(trust)


def test_distrust_of_one_experiment_marks_its_own_rows_only(tmp_path: Path) -> None:
    frame = distrusted(tmp_path, an_experiment(), an_experiment(identity="exp_2"))
    trust = frame.group_by("experiment_id").agg(pl.col("trust").unique())
    assert dict(trust.iter_rows()) == {"exp_1": ["sample-ratio mismatch"], "exp_2": ["ok"]}
    decisions = frame.filter(~pl.col("is_control")).select("experiment_id", "decision")
    assert dict(decisions.iter_rows()) == {"exp_1": "none", "exp_2": "ship"}


def test_an_untrusted_experiment_keeps_its_numbers(tmp_path: Path) -> None:
    row = everyone(distrusted(tmp_path, an_experiment()), "sales")
    assert row["p_value"] < 0.05
    assert row["decision_reason"] == "not trusted: sample-ratio mismatch"


def test_sample_ratio_p_values_stand_on_each_row_of_their_experiment(tmp_path: Path) -> None:
    frame = distrusted(tmp_path, an_experiment(), an_experiment(identity="exp_2"))
    columns = frame.select("experiment_id", "srm_p_value", "srm_seq_p_value").unique()
    assert set(columns.iter_rows()) == {("exp_1", 1e-9, 1e-7), ("exp_2", 0.4, 0.9)}


def test_distrust_comes_before_a_missing_number(tmp_path: Path) -> None:
    world = a_world(tmp_path, a_module(SALES), [an_experiment()], [])
    frame = world.rows(Trust(distrust={"exp_1": "less than one full day"}))
    assert frame["trust"].unique().to_list() == ["less than one full day"]


def test_a_decision_stands_on_every_all_users_row_of_its_variation(seeded: Seeded) -> None:
    compared = seeded.report.filter((pl.col("dimension") == "") & ~pl.col("is_control"))
    per_variation = compared.group_by("experiment_id", "variation_key").agg(
        pl.col("decision").n_unique().alias("decisions"), pl.col("decision_reason").n_unique()
    )
    assert set(per_variation.select("decisions", "decision_reason").iter_rows()) == {(1, 1)}


def test_segments_have_no_decision(seeded: Seeded) -> None:
    segments = seeded.report.filter(pl.col("dimension") != "")
    assert segments["decision"].unique().to_list() == ["none"]
    assert segments["decision_reason"].unique().to_list() == ["decided over all users"]
