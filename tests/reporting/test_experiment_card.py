"""One experiment at a glance."""

from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from ab_assets.reporting.experiment_card import SHOWN_IN_PLACE, ExperimentCard, experiment_card
from ab_assets.reporting.formatting import p_value, quantity, signed_quantity
from ab_assets.reporting.trust import Trust
from tests.reporting.seeded import Seeded
from tests.reporting.worlds import (
    World,
    a_module,
    a_world,
    an_experiment,
    everyone,
    two_arms,
    units_of,
)

UTC = ZoneInfo("UTC")
METRICS = {
    "sales": {
        "type": "mean",
        "column": "revenue",
        "role": "goal",
        "title": "Sales",
        "unit": "minutes",
    },
    "waste": {"type": "mean", "column": "clicks", "role": "guardrail", "direction": "down"},
    "spare": {"type": "mean", "column": "clicks"},
}
VALUES = [1.0, 2.0, 3.0] * 60


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return two_arms(
        tmp_path_factory.mktemp("card"),
        METRICS,
        revenue=(VALUES, [value + 2 for value in VALUES]),
        clicks=(VALUES, VALUES),
    )


def card_of(world: World, trust: Trust | None = None) -> ExperimentCard:
    return experiment_card(world.rows(trust or Trust()), UTC)


def test_the_verdict_comes_first_with_its_reason(world: World) -> None:
    row = everyone(world.rows(), "sales")
    first = card_of(world).verdict.splitlines()[0]
    assert first == f"**{row['decision'].upper()}** Treatment 1: {row['decision_reason']}"


def test_then_the_experiment_its_phase_and_how_many_units_are_compared(world: World) -> None:
    second = card_of(world).verdict.splitlines()[2]
    assert second.startswith("Name of exp_1 (`key_exp_1`), phase 0 “Main” since 20")
    assert second.endswith("UTC, 360 units, 0 crossovers left out")


def test_a_goal_has_a_line_in_its_unit(world: World) -> None:
    row = everyone(world.rows(), "sales")
    lines = [line for line in card_of(world).verdict.splitlines() if line.startswith("| ")]
    assert lines[0] == "| goal | control | mean | difference | p |"
    line = lines[1].replace("\\*", "*").replace("\u00a0", " ").replace("\u2011", "-")
    cells = [cell.strip() for cell in line.split("|")[1:-1]]
    assert len(lines) == 2
    assert cells == [
        "Sales",
        quantity(row["control_mean"], "minutes"),
        quantity(row["mean"], "minutes"),
        signed_quantity(row["abs_diff"], "minutes") + "*",
        p_value(row["p_value_adjusted"]),
    ]


def test_the_plot_has_goals_and_guardrails_and_leaves_the_others_out(world: World) -> None:
    effects = card_of(world).effects
    assert effects.startswith("```\n")
    assert "★ Sales" in effects
    assert "◆ waste" in effects
    assert "spare" not in effects


def test_distrust_stands_in_place_of_the_decisions(world: World) -> None:
    verdict = card_of(world, Trust(distrust={"exp_1": "sample-ratio mismatch"})).verdict
    assert verdict.startswith("**NOT TRUSTED** sample-ratio mismatch\n\nName of exp_1")


def test_of_several_variations_each_line_says_which(seeded: Seeded) -> None:
    several = seeded.report.filter(pl.col("variation_key").n_unique().over("experiment_id") > 2)
    card = experiment_card(several, UTC)
    assert "| goal | variation | control |" in card.verdict
    assert "\nTreatment 1\n★ " in card.effects
    assert "\nTreatment 2\n★ " in card.effects


def test_an_experiment_without_goals_has_no_table_and_without_arms_no_plot(tmp_path: Path) -> None:
    units = units_of("exp_1", "0", revenue=[1.0, 2.0])
    module = a_module({"sales": {"type": "mean", "column": "revenue"}})
    world = a_world(tmp_path, module, [an_experiment((1.0,))], [units])
    card = card_of(world)
    assert card.verdict.startswith("Name of exp_1")
    assert "|" not in card.verdict
    assert card.effects == "nothing to compare"


def test_names_from_outside_stay_text(world: World) -> None:
    hostile = "a|b <script>alert(1)</script> [x](https://evil.example)\n\n# gone `y`\n```"
    changed = world.rows().with_columns(
        pl.lit(hostile).alias(name)
        for name in ("experiment_name", "variation_name", "metric_title", "decision_reason")
    )
    card = experiment_card(changed, UTC)
    assert "<script>" not in card.verdict
    assert "[x](" not in card.verdict
    assert not any(line.startswith("# ") for line in card.verdict.splitlines())
    assert [line for line in card.effects.splitlines() if line.startswith("```")] == ["```"] * 2


def test_both_are_short_enough_to_be_shown_in_place(world: World) -> None:
    card = card_of(world)
    assert max(len(card.verdict), len(card.effects)) < SHOWN_IN_PLACE
