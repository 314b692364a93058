"""The units counted by health are the units compared by the report."""

from pathlib import Path

import polars as pl
import pytest

from ab_assets.health.finding import Check, Finding, Status
from ab_assets.reporting.conservation import conservation_problems
from tests.reporting.worlds import World, a_module, a_world, an_experiment, units_of

METRICS = {
    "sales": {"type": "mean", "column": "revenue"},
    "retention_d7": {"type": "retention", "day": 7, "column": "active"},
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    arms = [
        units_of("exp_1", key, revenue=[1.0, 2.0, 4.0], country=["fr", "de", None]) for key in "01"
    ]
    folder = Path(tmp_path_factory.mktemp("conservation"))
    module = a_module(METRICS, dimensions=["country"])
    return a_world(folder, module, [an_experiment()], arms)


def counted(wide: dict[str, int] | None, experiment: str = "exp_1") -> Finding:
    detail = {} if wide is None else {"wide": wide}
    return Finding(experiment, Check.CONSERVATION, Status.PASS, "", detail=detail)


def test_equal_counts_are_no_problem(world: World) -> None:
    assert conservation_problems(world.rows(), [counted({"0": 3, "1": 3})], world.day) == []


def test_more_users_than_units_are_a_problem(world: World) -> None:
    problems = conservation_problems(world.rows(), [counted({"0": 3, "1": 2})])
    assert problems == ["key_exp_1: 3 users of '1' in the report, 2 units in the wide table"]


def test_fewer_users_than_units_are_a_problem_of_a_metric_without_a_window(world: World) -> None:
    problems = conservation_problems(world.rows(), [counted({"0": 3, "1": 4})], world.day)
    assert problems == ["key_exp_1: 3 users of '1' in the report, 4 units in the wide table"]


def test_a_windowed_metric_may_count_fewer_users(world: World) -> None:
    windowed = world.rows().filter(pl.col("metric") == "retention_d7")
    assert conservation_problems(windowed, [counted({"0": 9, "1": 9})], world.day) == []


def test_without_the_day_only_too_many_users_are_noticed(world: World) -> None:
    assert conservation_problems(world.rows(), [counted({"0": 3, "1": 4})]) == []


def test_a_variation_health_saw_and_the_report_does_not_is_a_problem(world: World) -> None:
    problems = conservation_problems(world.rows(), [counted({"0": 3, "1": 3, "2": 1})])
    assert problems == ["key_exp_1: variation '2' has no row"]


def test_a_variation_without_units_agrees_with_no_count(world: World) -> None:
    frame = world.rows().with_columns(
        pl.when(pl.col("variation_key") == "1").then(0).otherwise(pl.col("users")).alias("users")
    )
    assert conservation_problems(frame, [counted({"0": 3})], world.day) == []


def test_units_missing_from_a_dimension_are_a_problem(world: World) -> None:
    frame = world.rows().filter((pl.col("dimension_value") != "fr") | (pl.col("metric") != "sales"))
    problems = conservation_problems(frame, [counted({"0": 3, "1": 3})], world.day)
    assert problems == [
        "key_exp_1: sales of '0' has 2 users by country, 3 in all",
        "key_exp_1: sales of '1' has 2 users by country, 3 in all",
    ]


@pytest.mark.parametrize("findings", [[], [counted(None)], [counted({"0": 3}, "exp_2")]])
def test_an_experiment_health_has_not_counted_is_a_problem(
    world: World, findings: list[Finding]
) -> None:
    problems = conservation_problems(world.rows(), findings)
    assert "key_exp_1: health has not counted its units" in problems


def test_an_experiment_that_is_not_in_the_report_is_a_problem(world: World) -> None:
    findings = [counted({"0": 3, "1": 3}), counted({"0": 5}, "exp_2")]
    problems = conservation_problems(world.rows(), findings)
    assert problems == ["exp_2: no row in the report"]


def test_other_checks_count_nothing(world: World) -> None:
    other = Finding("exp_2", Check.CROSSOVERS, Status.PASS, "", detail={"wide": {"0": 7}})
    assert conservation_problems(world.rows(), [counted({"0": 3, "1": 3}), other]) == []
