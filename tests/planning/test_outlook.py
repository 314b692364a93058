from dataclasses import replace

import numpy as np
import pytest

from ab_assets.planning.outlook import (
    costs,
    durations,
    power_at_the_end_alone,
    power_curve,
    saved_by_adjustment,
)
from ab_assets.planning.request import Judgement
from ab_assets.planning.solving import solve
from tests.planning.builders import MEAN, MONITORED, RATE, a_request

ADJUSTED = replace(RATE, variance_reduction=0.36)


def test_longer_experiments_find_smaller_effects_and_the_price_of_looking_is_ordered() -> None:
    rows = list(durations(a_request(metric=ADJUSTED, test=MONITORED), 0.01, (1, 2)))
    assert [row.users for row in rows] == [7000, 14000]
    for row in rows:
        assert row.adjusted < row.group_sequential < row.always_valid
        assert row.adjusted < row.plain
    assert rows[1].plain < rows[0].plain
    assert rows[1].power > rows[0].power


def test_each_duration_is_what_a_plan_of_those_days_answers() -> None:
    asked = a_request(metric=replace(ADJUSTED, closing_days=3))
    (row,) = durations(asked, 0.01, (2,))
    assert row.users == 11_000
    assert row.adjusted == solve(replace(asked, effect=None, days=14)).effect
    assert row.power == solve(replace(asked, days=14)).power


def test_cuped_lessens_the_effect_of_a_mean_by_the_root_of_what_is_left() -> None:
    (row,) = durations(a_request(metric=replace(MEAN, variance_reduction=0.36)), 0.1, (4,))
    assert row.adjusted == pytest.approx(0.8 * row.plain, rel=1e-12)


def test_weeks_in_which_nobody_counts_find_nothing() -> None:
    (row,) = durations(a_request(metric=replace(RATE, closing_days=7)), 0.01, (1,))
    assert row.users == 0
    assert np.isnan([row.plain, row.adjusted, row.always_valid, row.power]).all()


def test_there_are_no_durations_without_traffic() -> None:
    assert list(durations(a_request(traffic=None), 0.01)) == []


def test_the_curve_goes_through_the_plan_and_leaves_out_what_no_rate_can_be() -> None:
    plan = solve(a_request())
    curve = power_curve(plan)
    assert (plan.effect, plan.power) in [(point.effect, point.power) for point in curve]
    assert [point.power for point in curve] == sorted(point.power for point in curve)
    high = solve(a_request(metric=replace(RATE, baseline=0.9), effect=0.06))
    assert [round(point.effect / 0.06, 2) for point in power_curve(high)] == [
        0.25, 0.5, 0.75, 1.0, 1.25, 1.5,
    ]  # fmt: skip


def test_tests_cost_what_their_inflation_says() -> None:
    plan = solve(a_request(test=MONITORED))
    fixed, sequential, monitored = costs(plan)
    assert [cost.test.kind for cost in costs(plan)] == ["fixed", "group-sequential", "always-valid"]
    assert fixed.inflation == 1.0
    assert fixed.expected == fixed.users == fixed.expected_without
    # Five looks with O'Brien–Fleming spending at power 0.8.
    assert sequential.inflation == pytest.approx(1.025, abs=0.001)
    assert sequential.expected < fixed.users < sequential.expected_without
    assert monitored.looks == 7
    assert monitored.users == plan.exact_users
    assert monitored.expected < monitored.expected_without <= monitored.users


def test_the_plans_own_looks_are_costed() -> None:
    plan = solve(a_request(test=Judgement("group-sequential", 3, "pocock")))
    sequential = costs(plan)[1]
    assert (sequential.looks, sequential.test.spending) == (3, "pocock")
    assert sequential.users == plan.exact_users


def test_without_cuped_the_share_it_saves_is_needed_too() -> None:
    plan = solve(a_request(metric=ADJUSTED))
    assert saved_by_adjustment(plan) == pytest.approx(plan.exact_users / 0.64, rel=1e-12)


def test_one_look_at_the_end_has_less_power_than_all() -> None:
    plan = solve(a_request(test=MONITORED))
    assert power_at_the_end_alone(plan) < plan.power
