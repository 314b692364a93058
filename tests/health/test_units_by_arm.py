"""Units by arm of a wide partition, and their table."""

from pathlib import Path

import pytest

from ab_assets.health.units_by_arm import ArmUnits, units_by_arm
from ab_assets.reporting.units_table import units_markdown
from tests.reporting.worlds import LIBRARY, a_module, a_world, an_experiment, units_of

METRIC = {"sales": {"type": "mean", "column": "revenue"}}


@pytest.fixture(scope="module")
def arms(tmp_path_factory: pytest.TempPathFactory) -> tuple[ArmUnits, ...]:
    units = [
        units_of("exp_1", "0", revenue=[1.0] * 3),
        units_of("exp_1", "1", revenue=[1.0] * 1),
        units_of("exp_1", "1", crossover=True, revenue=[1.0] * 2),
        units_of("exp_1", "x", known=False, revenue=[1.0] * 5),
    ]
    experiments = [an_experiment((0.5, 0.4, 0.1)), an_experiment((0.5, 0.5), "exp_2")]
    world = a_world(tmp_path_factory.mktemp("arms"), a_module(METRIC), experiments, units)
    with world.warehouse.session():
        return units_by_arm(world.warehouse, LIBRARY, world.day, world.wide)


def test_each_arm_counts_its_compared_units_and_crossovers_of_its_own(
    arms: tuple[ArmUnits, ...],
) -> None:
    own = [
        (arm.variation_key, arm.units, arm.share, arm.weight, arm.crossovers)
        for arm in arms
        if arm.experiment_key == "key_exp_1"
    ]
    assert own == [
        ("0", 3, 0.75, 0.5, 0),
        ("1", 1, 0.25, 0.4, 2),
        ("2", 0, 0.0, 0.1, 0),
        ("x", 5, None, None, 0),
    ]


def test_an_experiment_without_units_has_its_arms_too(arms: tuple[ArmUnits, ...]) -> None:
    own = [arm for arm in arms if arm.experiment_key == "key_exp_2"]
    assert [(arm.units, arm.share) for arm in own] == [(0, None), (0, None)]


def test_without_an_experiment_nothing_is_asked(tmp_path: Path) -> None:
    world = a_world(tmp_path, a_module(METRIC), [], [])
    assert units_by_arm(world.warehouse, LIBRARY, world.day, world.wide) == ()


def test_the_table_has_a_line_an_arm_and_their_sum(arms: tuple[ArmUnits, ...]) -> None:
    lines = units_markdown(arms[:2]).splitlines()
    assert lines[0] == "`key_exp_1`"
    assert lines[2] == "| variation | key | units | share | planned | crossovers |"
    assert lines[4:] == [
        "| Control | 0 | 3 | 75.00 % | 50.00 % | 0 |",
        "| Treatment 1 | 1 | 1 | 25.00 % | 40.00 % | 2 |",
        "| all |  | 4 |  |  | 2 |",
    ]
