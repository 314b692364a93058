"""The report as the UI shows it."""

from pathlib import Path

import polars as pl
import pytest

from ab_assets.reporting.formatting import p_value, quantity, share
from ab_assets.reporting.summary import report_markdown
from ab_assets.reporting.trust import Trust
from tests.reporting.seeded import METRICS, Seeded
from tests.reporting.worlds import World, a_module, a_world, an_experiment, everyone, units_of

METRIC = {"sales": {"type": "mean", "column": "revenue", "role": "goal"}}
HOSTILE = "a|b <script>alert(1)</script> [x](https://evil.example)\n\n# gone `y`"


def markdown(seeded: Seeded) -> str:
    return report_markdown(seeded.world.day, seeded.report)


def named(folder: Path, name: str, **changes: object) -> World:
    experiment = an_experiment(name=name, **changes)
    arms = [units_of("exp_1", key, revenue=[1.0, 2.0, 3.0 + int(key)] * 60) for key in "01"]
    return a_world(folder, a_module(METRIC), [experiment], arms)


def test_each_experiment_has_a_title_and_a_table(seeded: Seeded) -> None:
    text = markdown(seeded)
    assert text.count("### ") == 2
    assert "### Name of exp_two (`key_exp_two`)" in text
    assert text.count("| metric | role | variation | users |") == 2


def test_each_compared_row_over_all_users_has_a_line(seeded: Seeded) -> None:
    lines = [line for line in markdown(seeded).splitlines() if line.startswith("| ")]
    assert len(lines) == 2 + 3 * len(METRICS)
    assert not any("Control" in line for line in lines)


def test_a_line_has_the_numbers_of_its_row(seeded: Seeded) -> None:
    own = seeded.report.filter(pl.col("experiment_id") == "exp_two")
    row = everyone(own, "retention_d1")
    line = next(
        text
        for text in markdown(seeded).split("### Name of exp_two")[1].splitlines()
        if "retention_d1" in text and text.startswith("|")
    )
    cells = [cell.strip() for cell in line.split("|")[1:-1]]
    assert cells[:6] == [
        "retention_d1",
        "goal",
        "Treatment 1",
        f"{row['users']:,}",
        quantity(row["control_mean"], "percent"),
        quantity(row["mean"], "percent"),
    ]
    assert cells[6] == share(row["rel_uplift"])
    assert cells[8:10] == [p_value(row["p_value"]), p_value(row["p_value_adjusted"])]


def test_the_interval_is_named_by_its_confidence(tmp_path: Path, seeded: Seeded) -> None:
    assert "| 95 % interval |" in markdown(seeded)
    module = a_module(METRIC, engine={"alpha": 0.1})
    world = a_world(tmp_path, module, [an_experiment()], [])
    assert "| 90 % interval |" in report_markdown(world.day, world.rows())


def test_each_variation_has_its_decision(tmp_path: Path) -> None:
    world = named(tmp_path, "Gate")
    row = everyone(world.rows(), "sales")
    text = report_markdown(world.day, world.rows())
    assert f"- Treatment 1: **{row['decision']}**, " in text


def test_distrust_stands_above_the_table_in_place_of_decisions(tmp_path: Path) -> None:
    world = named(tmp_path, "Gate")
    frame = world.rows(Trust(distrust={"exp_1": "sample-ratio mismatch"}))
    text = report_markdown(world.day, frame)
    assert "**Not trusted: sample-ratio mismatch**" in text
    assert "- Treatment 1" not in text


def test_an_experiment_without_units_is_not_called_untrusted(tmp_path: Path) -> None:
    world = a_world(tmp_path, a_module(METRIC), [an_experiment()], [])
    text = report_markdown(world.day, world.rows())
    assert "Not trusted" not in text
    assert "| sales | goal | Treatment 1 | 0 | – | – | – | – | – | – | – |" in text


def test_a_day_without_an_experiment_says_so(tmp_path: Path) -> None:
    world = a_world(tmp_path, a_module(METRIC), [], [])
    text = report_markdown(world.day, pl.DataFrame())
    assert text == "No experiment with the tag `checkout` was in force on 2026-10-10."


def test_crossovers_are_counted(tmp_path: Path) -> None:
    crossed = units_of("exp_1", "0", crossover=True, revenue=[1.0] * 1234)
    world = a_world(tmp_path, a_module(METRIC), [an_experiment()], [crossed])
    assert "1,234 crossovers left out" in report_markdown(world.day, world.rows())


@pytest.mark.parametrize("place", ["name", "key"])
def test_hostile_names_stay_in_the_title(tmp_path: Path, place: str) -> None:
    world = named(tmp_path, **({"name": "Gate"} | {place: HOSTILE}))
    lines = report_markdown(world.day, world.rows()).split("\n")
    (title,) = [line for line in lines if line.startswith("### ")]
    assert "gone" in title
    assert not any(line.startswith("# ") for line in lines)
    shown = title if place == "name" else title.split("`")[0] + title.split("`")[2]
    assert "<script>" not in shown
    assert "[x](" not in shown


def test_hostile_phases_variations_and_reasons_stay_text(tmp_path: Path) -> None:
    world = named(tmp_path, "Gate")
    frame = world.rows().with_columns(
        phase_name=pl.lit(HOSTILE),
        variation_name=pl.lit(HOSTILE),
        decision_reason=pl.lit(HOSTILE),
    )
    text = report_markdown(world.day, frame)
    assert "<script>" not in text
    assert "[x](" not in text
    assert "\n# gone" not in text
    distrusted = frame.with_columns(decision_reason=pl.lit(f"not trusted: {HOSTILE}"))
    assert "<script>" not in report_markdown(world.day, distrusted)


def test_an_experiment_of_one_arm_has_no_decisions(tmp_path: Path) -> None:
    units = units_of("exp_1", "0", revenue=[1.0, 2.0])
    world = a_world(tmp_path, a_module(METRIC), [an_experiment((1.0,))], [units])
    text = report_markdown(world.day, world.rows())
    assert text.endswith("nothing")
