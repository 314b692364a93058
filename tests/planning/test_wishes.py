from dataclasses import replace

import pytest

from ab_assets.errors import ConfigurationError
from ab_assets.planning.history import History, PastMetric
from ab_assets.planning.markdown import plans_markdown
from ab_assets.planning.overview import overview_notes, overview_table
from ab_assets.planning.request import PlannedMetric
from ab_assets.planning.wishes import (
    GivenMetric,
    Wishes,
    plan_from_history,
    plan_from_numbers,
    plans_of_tag,
    smallest_effect,
)
from ab_assets.planning.wording import history_sentence

BUYERS = GivenMetric(baseline=0.1)


def _changed(history: History, **changes: object) -> History:
    metrics = [replace(history.metrics[0], **changes), *history.metrics[1:]]  # type: ignore[arg-type]
    return replace(history, metrics=tuple(metrics))


def test_numbers_are_a_proportion_unless_they_have_a_spread() -> None:
    assert plan_from_numbers(Wishes(effect=0.05), BUYERS).request.metric.kind == "proportion"
    mean = GivenMetric(baseline=10.0, stddev=5.0)
    plan = plan_from_numbers(Wishes(effect=-0.05), mean)
    assert plan.request.metric.kind == "mean"
    assert (plan.effect, plan.request.metric.fall) == (-0.5, True)


def test_an_effect_is_of_the_baselines_size_or_absolute() -> None:
    negative = GivenMetric(baseline=-10.0, stddev=5.0)
    assert plan_from_numbers(Wishes(effect=0.05), negative).effect == 0.5
    assert plan_from_numbers(Wishes(effect_absolute=0.3), negative).effect == 0.3


def test_numbers_have_the_usual_defaults_and_one_comparison_a_variation() -> None:
    request = plan_from_numbers(Wishes(effect=0.05, weights=(1 / 3,) * 3), BUYERS).request
    assert (request.alpha, request.power, request.comparisons) == (0.05, 0.8, 2)
    said = Wishes(effect=0.05, alpha=0.01, power=0.9, comparisons=7, variance_reduction=0.5)
    request = plan_from_numbers(said, BUYERS).request
    assert (request.alpha, request.power, request.comparisons) == (0.01, 0.9, 7)
    assert request.metric.variance_reduction == 0.5


def test_users_a_day_are_those_in_the_experiment() -> None:
    said = Wishes(days=10, units_per_day=1000.0, coverage=0.4)
    assert plan_from_numbers(said, BUYERS).users == 4000
    assert plan_from_numbers(Wishes(days=10, units_per_day=1000.0), BUYERS).users == 10_000


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (GivenMetric(baseline=0.1, kind="proportion", stddev=1.0), "no --stddev of its own"),
        (GivenMetric(baseline=5.0, kind="ratio"), "a ratio needs --stddev"),
    ],
)
def test_a_kind_and_a_spread_go_together(given: GivenMetric, sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        plan_from_numbers(Wishes(effect=0.05), given)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"effect": 0.1, "effect_absolute": 0.1}, "two ways to say one thing"),
        ({"units_per_day": 0.0}, "above 0, not 0"),
        ({"units_per_day": float("inf")}, "above 0, not inf"),
        ({"coverage": 1.5}, "up to 100 %, not 1.5"),
    ],
)
def test_contradictory_wishes_are_refused(said: dict[str, float], sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        Wishes(**said)  # type: ignore[arg-type]


def test_coverage_without_users_a_day_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="give --units-per-day too"):
        plan_from_numbers(Wishes(effect=0.1, coverage=0.5), BUYERS)


def test_no_change_is_a_share_of_nothing() -> None:
    with pytest.raises(ConfigurationError, match="give --effect-absolute"):
        plan_from_numbers(Wishes(effect=0.1), GivenMetric(baseline=0.0, stddev=1.0))


def test_history_answers_for_the_smallest_effect_worth_finding(streak: History) -> None:
    plan = plan_from_history(Wishes(), streak, streak.metric("visits_per_user"))
    assert plan.relative_effect == pytest.approx(0.05)
    assert plan.request.traffic == streak.traffic
    assert plan.days == streak.traffic.days_for(plan.users)


def test_wishes_stand_before_history(streak: History) -> None:
    past = streak.metric("visits_per_user")
    said = Wishes(effect=0.2, units_per_day=10.0, coverage=0.5, variance_reduction=0.0, alpha=0.01)
    plan = plan_from_history(said, streak, past)
    assert plan.request.traffic is not None
    assert plan.request.traffic.users_by(2) == 10
    assert plan.request.metric.variance_reduction == 0
    assert plan.request.alpha == 0.01


def test_another_coverage_scales_the_users_that_came(streak: History) -> None:
    past = streak.metric("visits_per_user")
    seen = replace(streak, coverage=0.8)
    plan = plan_from_history(Wishes(days=2, coverage=0.4), seen, past)
    assert plan.users == int(streak.traffic.users_by(2) / 2)


def test_users_and_days_both_given_need_no_traffic(streak: History) -> None:
    past = streak.metric("visits_per_user")
    plan = plan_from_history(Wishes(users=5000, days=3), streak, past)
    assert (plan.users, plan.days, plan.request.traffic) == (5000, 3, None)


def test_a_rate_near_the_top_is_looked_at_for_a_fall() -> None:
    high = PlannedMetric(kind="proportion", baseline=0.98)
    past = PastMetric(name="m", title="M", type="proportion", planned=high, reason="", role="goal",
                      family=1, minimum_effect=0.05)  # fmt: skip
    assert smallest_effect(past, high) == pytest.approx(-0.049)
    assert smallest_effect(past, replace(high, baseline=0.5)) == 0.025
    assert smallest_effect(past, replace(high, baseline=0.5, fall=True)) == -0.025


def test_a_tag_is_planned_metric_by_metric_and_what_cannot_be_says_why(streak: History) -> None:
    zero = PlannedMetric(kind="mean", baseline=0.0, stddev=1.0)
    for changes, reason in (
        ({"planned": None, "reason": "no unit is counted yet"}, "no unit is counted yet"),
        ({"planned": zero}, "is 0 in the control; give --effect-absolute"),
    ):
        plans = plans_of_tag(Wishes(), _changed(streak, **changes))
        assert [past.name for past, _ in plans.pairs] == ["retention_d1"]
        assert reason in plans.reasons["visits_per_user"]
        assert any("not planned" in note for note in overview_notes(plans))
        assert "### Not planned" in plans_markdown(streak, plans)


def test_an_absolute_effect_is_of_one_metric(streak: History) -> None:
    with pytest.raises(ConfigurationError, match="name it with --metric"):
        plans_of_tag(Wishes(effect_absolute=0.1), streak)


def test_the_overview_has_a_line_a_metric(streak: History) -> None:
    plans = plans_of_tag(Wishes(), streak).plans
    table = overview_table(plans)
    assert [row[0] for row in table.rows] == ["visits_per_user", "retention_d1"]
    assert len({len(row) for row in (table.header, *table.rows)}) == 1
    asked = overview_table(plans_of_tag(Wishes(days=14, effect=0.1), streak).plans)
    assert asked.header[-1] == "power"
    assert asked.rows[0][-2] == "14"
    slow = plans_of_tag(Wishes(units_per_day=0.001), streak)
    assert overview_table(slow.plans).rows[0][-1] == "never"


def test_a_shared_error_rate_is_told_once(streak: History) -> None:
    plans = plans_of_tag(Wishes(weights=(1 / 3,) * 3), streak)
    assert sum("shared by the metrics" in note for note in overview_notes(plans)) == 1
    alone = plans_of_tag(Wishes(), streak)
    assert not any("shared" in note for note in overview_notes(alone))


def test_distrust_of_the_experiment_is_told_with_its_numbers(streak: History) -> None:
    told = history_sentence(replace(streak, distrust="sample ratio\nmismatch"))
    assert told.endswith("which is not trusted (sample ratio mismatch): take care")
    assert "not trusted" not in history_sentence(streak)


def test_markdown_puts_goals_first_and_escapes_what_is_from_outside(streak: History) -> None:
    named = replace(_changed(streak, title="<b>|x|"), experiment_key="[click](http://evil.example)")
    shown = plans_markdown(named, plans_of_tag(Wishes(), named))
    assert shown.index("(goal)") < shown.index("(secondary)")
    assert "<b>" not in shown
    assert "[click](" not in shown
    assert "| weeks | users | fixed | with CUPED |" in shown
