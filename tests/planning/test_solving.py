"""Answers against statsmodels and against each other."""

from dataclasses import replace
from math import ceil

import pytest
from statsmodels.stats.power import NormalIndPower, TTestIndPower

from ab_assets.errors import ConfigurationError
from ab_assets.planning.request import Judgement
from ab_assets.planning.solving import SMALL_SAMPLE, solve
from ab_assets.planning.traffic import Traffic
from ab_assets.stats.power import proportion_design, units_needed
from tests.planning.builders import MEAN, RATE, a_request


@pytest.mark.parametrize("weights", [(0.5, 0.5), (0.9, 0.1)])
def test_users_of_a_mean_are_statsmodels(weights: tuple[float, float]) -> None:
    plan = solve(a_request(metric=MEAN, effect=0.2, weights=weights, power=0.9))
    control = NormalIndPower().solve_power(0.04, None, 0.05, 0.9, weights[1] / weights[0])
    assert plan.exact_users == pytest.approx(control / weights[0], rel=1e-6)
    assert plan.arm_users == (ceil(control), ceil(control / weights[0] * weights[1]))
    assert plan.power == pytest.approx(0.9, abs=1e-4)


def test_few_users_of_a_mean_are_statsmodels_t() -> None:
    plan = solve(a_request(metric=MEAN, effect=2.5))
    control = TTestIndPower().solve_power(0.5, None, 0.05, 0.8)
    assert plan.exact_users == pytest.approx(2 * control, rel=1e-6)
    assert plan.arm_users == (64, 64)
    assert plan.power == pytest.approx(TTestIndPower().power(0.5, 64, 0.05), rel=1e-6)
    found = solve(a_request(metric=MEAN, effect=None, users=128))
    assert found.effect == pytest.approx(5 * t_effect(64), rel=1e-6)


def t_effect(control: int) -> float:
    low, high = 0.1, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        enough = TTestIndPower().power(middle, control, 0.05) >= 0.8
        low, high = (low, middle) if enough else (middle, high)
    return high


def test_more_users_never_find_less_where_t_gives_way_to_the_normal() -> None:
    powers = [
        solve(a_request(metric=MEAN, effect=0.9, users=users, traffic=None)).power
        for users in range(SMALL_SAMPLE - 4, SMALL_SAMPLE + 5, 2)
    ]
    assert powers == sorted(powers)


def test_users_of_a_proportion_are_the_engines_of_the_reports() -> None:
    plan = solve(a_request(effect=-0.02))
    assert ceil(plan.exact_users) == units_needed(proportion_design(0.1, -0.02), -0.02)


@pytest.mark.parametrize("test", [Judgement(), Judgement("group-sequential"),
                                  Judgement("always-valid", 10)])  # fmt: skip
@pytest.mark.parametrize("metric", [RATE, MEAN])
def test_the_three_questions_answer_each_other(metric: object, test: Judgement) -> None:
    asked = a_request(metric=replace(metric, variance_reduction=0.2), effect=0.01, test=test)  # type: ignore[type-var]
    users = solve(asked)
    effect = solve(replace(asked, effect=None, users=users.users))
    power = solve(replace(asked, users=users.users))
    assert (users.unknown, effect.unknown, power.unknown) == ("users", "effect", "power")
    assert effect.effect == pytest.approx(0.01, rel=1e-3)
    assert effect.effect <= 0.01
    assert power.power == users.power >= 0.8
    assert sum(effect.arm_users) == users.users


def test_days_are_until_the_users_count() -> None:
    asked = a_request(metric=replace(RATE, closing_days=7), traffic=Traffic(1000.0))
    plan = solve(asked)
    assert plan.days == ceil(plan.users / 1000) + 7
    assert plan.whole_weeks == 42
    in_those_days = solve(replace(asked, days=plan.days))
    assert in_those_days.power >= 0.8
    assert solve(replace(asked, days=plan.days - 1)).power < 0.8


def test_days_are_no_answer_without_traffic_or_when_they_never_come() -> None:
    assert solve(a_request(traffic=None)).days is None
    never = solve(a_request(traffic=Traffic(0.001)))
    assert (never.days, never.whole_weeks) == (None, None)


def test_an_always_valid_test_is_read_on_every_day_it_takes() -> None:
    plan = solve(a_request(test=Judgement("always-valid"), traffic=Traffic(5000.0)))
    assert plan.looks == plan.days
    assert solve(a_request(test=Judgement("always-valid"), traffic=None)).looks == 28
    endless = solve(a_request(test=Judgement("always-valid"), traffic=Traffic(100.0)))
    assert endless.looks == 100


def test_more_comparisons_and_more_arms_need_more() -> None:
    one = solve(a_request())
    two = solve(a_request(comparisons=2))
    three_arms = solve(a_request(weights=(1 / 3,) * 3, comparisons=2))
    assert one.users < two.users < three_arms.users
    # Each pair of the three arms is as large as the two arms with as many comparisons.
    assert three_arms.arm_users[:2] == two.arm_users


def test_a_given_number_of_users_is_shared_out_to_the_last() -> None:
    plan = solve(a_request(users=10_001, effect=None, weights=(0.34, 0.33, 0.33)))
    assert sum(plan.arm_users) == 10_001


def test_a_fall_is_looked_for_when_asked() -> None:
    fall = solve(a_request(metric=replace(RATE, fall=True), effect=None, users=20_000))
    rise = solve(a_request(effect=None, users=20_000))
    assert fall.effect < 0 < rise.effect
    small = solve(a_request(metric=replace(MEAN, fall=True), effect=None, users=100))
    assert small.effect < 0


def test_what_no_users_find_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="more users than there are people"):
        solve(a_request(effect=1e-12))


def test_users_too_few_for_any_effect_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="40 users are too few"):
        solve(a_request(metric=replace(RATE, baseline=0.95), effect=None, users=40))


def test_a_baseline_of_zero_has_no_relative_effect() -> None:
    plan = solve(a_request(metric=replace(MEAN, baseline=0.0), effect=0.2))
    assert plan.relative_effect != plan.relative_effect
    assert solve(a_request()).relative_effect == pytest.approx(0.1)
