"""From rows to decisions: what each rule reads, end to end."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from ab_assets.modules.model import Module
from tests.reporting.worlds import (
    DAYS,
    PHASE_START,
    World,
    a_module,
    a_world,
    an_experiment,
    days_after,
    everyone,
    units_of,
)

SALES = {"type": "mean", "column": "revenue", "role": "goal"}
CRASHES = {"type": "mean", "column": "rounds", "role": "guardrail", "direction": "down"}


def values(size: int, mean: float, deviation: float = 1.0) -> np.ndarray:
    """Exactly this mean and deviation."""
    drawn = np.random.default_rng(5).normal(size=size)
    standard = (drawn - drawn.mean()) / drawn.std(ddof=1)
    return mean + deviation * standard


def a_day(
    folder: Path,
    *,
    lift: float = 0.0,
    harm: float = 0.0,
    size: int = 400,
    module: Module | None = None,
    started: float = 0.0,
) -> World:
    arms = [
        units_of(
            "exp_1",
            key,
            exposed=days_after(started),
            revenue=values(size, 5 + int(key) * lift),
            rounds=values(size, 5 + int(key) * harm),
        )
        for key in "01"
    ]
    metrics = {"sales": SALES, "crashes": CRASHES | {"non_inferiority": 0.02}}
    experiment = an_experiment(started_at=days_after(started))
    return a_world(folder, module or a_module(metrics), [experiment], arms)


def decided(world: World) -> tuple[str, str]:
    row = everyone(world.rows(), "sales")
    return row["decision"], row["decision_reason"]


def test_a_better_goal_ships(tmp_path: Path) -> None:
    assert decided(a_day(tmp_path, lift=1.0)) == (
        "ship",
        "goal better: sales; not yet proven harmless: crashes",
    )


def test_a_guardrail_within_its_margin_is_proven_harmless(tmp_path: Path) -> None:
    world = a_day(tmp_path, lift=1.0, harm=-0.3)
    assert decided(world) == ("ship", "goal better: sales")


def test_a_guardrail_beyond_its_margin_rolls_back(tmp_path: Path) -> None:
    world = a_day(tmp_path, lift=1.0, harm=1.0)
    assert decided(world) == ("rollback", "guardrail worse than its margin: crashes")


def test_harm_within_the_margin_does_not_roll_back(tmp_path: Path) -> None:
    # 0.25 is 5 % of the mean and significant; a margin of 10 % accepts it.
    metrics = {"sales": SALES, "crashes": CRASHES | {"non_inferiority": 0.10}}
    world = a_day(tmp_path, lift=1.0, harm=0.25, module=a_module(metrics))
    assert everyone(world.rows(), "crashes")["significant"]
    assert decided(world) == ("ship", "goal better: sales")


def test_a_guardrail_without_a_margin_accepts_no_harm(tmp_path: Path) -> None:
    module = a_module({"sales": SALES, "crashes": CRASHES})
    assert decided(a_day(tmp_path, lift=1.0, harm=0.25, module=module))[0] == "rollback"


def test_a_worse_goal_rolls_back(tmp_path: Path) -> None:
    assert decided(a_day(tmp_path, lift=-1.0)) == ("rollback", "goal worse: sales")


def test_no_effect_at_the_planned_size_stops(tmp_path: Path) -> None:
    module = a_module({"sales": SALES | {"minimum_effect": 0.2}})
    world = a_day(tmp_path, module=module)
    row = everyone(world.rows(), "sales")
    assert row["users_needed"] < 800
    assert decided(world) == ("stop", "the planned size is reached and no goal moved")


def test_a_smaller_effect_worth_finding_asks_for_more_users(tmp_path: Path) -> None:
    module = a_module({"sales": SALES | {"minimum_effect": 0.01}})
    world = a_day(tmp_path, module=module)
    row = everyone(world.rows(), "sales")
    weeks = -(-row["days_needed"] // 7)
    wanted = f"{weeks * 7 - DAYS} more days until sales has {row['users_needed']:,} users"
    assert decided(world) == ("extend", wanted)


@pytest.mark.parametrize(
    ("started", "decision"),
    [(3.0, "ship"), (3.0 + 1 / 86_400, "extend"), (4.0, "extend")],
)
def test_a_win_waits_for_the_end_of_the_seventh_day(
    tmp_path: Path, started: float, decision: str
) -> None:
    assert decided(a_day(tmp_path, lift=1.0, started=started))[0] == decision


def test_the_day_before_the_week_is_over_says_one_more_day(tmp_path: Path) -> None:
    found = decided(a_day(tmp_path, lift=1.0, started=4.0))
    assert found == ("extend", "1 more day makes a whole week")


def test_the_minimum_sample_holds_in_both_arms(tmp_path: Path) -> None:
    wanted = {}
    for minimum in (150, 151):
        module = a_module({"sales": SALES | {"minimum_sample": minimum}})
        arms = [
            units_of("exp_1", "0", revenue=values(150, 5)),
            units_of("exp_1", "1", revenue=values(400, 7)),
        ]
        world = a_world(tmp_path / str(minimum), module, [an_experiment()], arms)
        wanted[minimum] = decided(world)[0]
    assert wanted == {150: "ship", 151: "extend"}


def test_alpha_of_the_module_decides(tmp_path: Path) -> None:
    found = {}
    for alpha in (0.05, 0.001):
        metrics = {"sales": SALES | {"minimum_effect": 0.2}}
        module = a_module(metrics, engine={"alpha": alpha})
        found[alpha] = decided(a_day(tmp_path / str(alpha), lift=0.2, module=module))[0]
    assert found == {0.05: "ship", 0.001: "stop"}


def test_each_variation_is_decided_by_its_own_numbers(tmp_path: Path) -> None:
    arms = [
        units_of("exp_1", key, revenue=values(400, mean))
        for key, mean in (("0", 5.0), ("1", 6.0), ("2", 4.0))
    ]
    experiment = an_experiment((0.4, 0.3, 0.3))
    frame = a_world(tmp_path, a_module({"sales": SALES}), [experiment], arms).rows()
    decisions = frame.select("variation_key", "decision")
    assert dict(decisions.iter_rows()) == {"0": "none", "1": "ship", "2": "rollback"}


def test_segments_do_not_decide(tmp_path: Path) -> None:
    # Everyone in France wins, everyone elsewhere loses as much.
    lifts = np.tile([1.0, -1.0], 200)
    arms = [
        units_of(
            "exp_1",
            key,
            country=["fr", "de"] * 200,
            revenue=np.repeat(values(200, 5), 2) + int(key) * lifts,
        )
        for key in "01"
    ]
    metrics = {"sales": SALES | {"minimum_effect": 0.2}}
    module = a_module(metrics, dimensions=["country"])
    frame = a_world(tmp_path, module, [an_experiment()], arms).rows()
    assert everyone(frame, "sales")["decision"] == "stop"
    french = everyone(frame, "sales", dimension="country", dimension_value="fr")
    assert french["significant"]
    assert (french["decision"], french["decision_reason"]) == ("none", "decided over all users")
    control = frame.filter(pl.col("is_control") & (pl.col("dimension") == ""))
    assert control["decision_reason"].to_list() == ["the control"]


def test_days_count_from_the_start_of_the_phase_to_its_end(tmp_path: Path) -> None:
    experiment = an_experiment(ended_at=days_after(5.0))
    arms = [units_of("exp_1", key, revenue=values(400, 5 + int(key))) for key in "01"]
    world = a_world(tmp_path, a_module({"sales": SALES}), [experiment], arms)
    assert world.day.experiments[0].phase.started_at == PHASE_START
    reason = "the phase ended after 5.0 days, less than a whole week"
    assert decided(world) == ("none", reason)
