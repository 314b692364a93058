"""The metric lists of an experiment: roles, and overrides from both places GrowthBook says them."""

import pytest

from ab_assets.experiments import (
    MetricOverrides,
    MetricSetting,
    ProperPrior,
    RegressionAdjustment,
)
from tests.growthbook.payloads import a_payload, accepted, refused, some_settings


def a_metric(identity: str = "fact__1", **overrides: object) -> dict[str, object]:
    return {"metricId": identity, "overrides": overrides}


def overrides_of(metric: object, *entries: object) -> MetricOverrides:
    settings = some_settings(goals=[metric], metricOverrides=list(entries))
    return accepted(a_payload(settings=settings)).metrics[0].overrides


def test_each_list_gives_its_role_goals_first() -> None:
    settings = some_settings(
        guardrails=[a_metric("g")], secondaryMetrics=[a_metric("s")], goals=[a_metric("m")]
    )
    assert accepted(a_payload(settings=settings)).metrics == (
        MetricSetting(metric_id="m", role="goal"),
        MetricSetting(metric_id="s", role="secondary"),
        MetricSetting(metric_id="g", role="guardrail"),
    )


def test_every_override_is_taken_over() -> None:
    found = overrides_of(
        a_metric(
            delayHours=12,
            windowHours=48,
            window="conversion",
            winRiskThreshold=0.0025,
            loseRiskThreshold=0.0125,
            properPriorOverride=True,
            properPriorEnabled=True,
            properPriorMean=0.1,
            properPriorStdDev=0.3,
            regressionAdjustmentOverride=True,
            regressionAdjustmentEnabled=True,
            regressionAdjustmentDays=7,
        )
    )
    assert found == MetricOverrides(
        window_type="conversion",
        window_hours=48,
        delay_hours=12,
        win_risk=0.0025,
        lose_risk=0.0125,
        regression_adjustment=RegressionAdjustment(enabled=True, days=7),
        prior=ProperPrior(enabled=True, mean=0.1, stddev=0.3),
    )


def test_values_beside_a_switched_off_override_mean_nothing() -> None:
    found = overrides_of(
        a_metric(
            regressionAdjustmentOverride=False,
            regressionAdjustmentEnabled=True,
            regressionAdjustmentDays=7,
            properPriorEnabled=True,
        )
    )
    assert found == MetricOverrides()


def test_cuped_can_be_switched_off_for_one_metric() -> None:
    found = overrides_of(a_metric(regressionAdjustmentOverride=True))
    assert found.regression_adjustment == RegressionAdjustment(enabled=False)


def test_a_window_switched_off_differs_from_one_left_alone() -> None:
    assert overrides_of(a_metric(window="")).window_type == "none"
    assert overrides_of(a_metric()).window_type is None


def test_an_entry_of_metric_overrides_applies_to_its_metric() -> None:
    entry = {"id": "fact__1", "windowType": "lookback", "windowHours": 24}
    other = {"id": "fact__2", "delayHours": 5}
    assert overrides_of(a_metric(), entry, other) == MetricOverrides(
        window_type="lookback", window_hours=24
    )


def test_a_metrics_own_override_wins_over_its_entry() -> None:
    entry = {"id": "fact__1", "windowType": "lookback", "windowHours": 24, "delayHours": 3}
    assert overrides_of(a_metric(window="conversion", windowHours=48), entry) == MetricOverrides(
        window_type="conversion", window_hours=48, delay_hours=3
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [("fact__9", "fact__9"), ({"metricId": ""}, None), ("", None), ({}, None)],
)
def test_an_activation_metric_is_an_object_an_id_or_nothing(
    given: object, expected: str | None
) -> None:
    settings = some_settings(activationMetric=given)
    assert accepted(a_payload(settings=settings)).activation_metric == expected


@pytest.mark.parametrize(
    "overrides",
    [{"window": "sliding"}, {"windowHours": -1}, {"delayHours": "soon"}, {"windowHours": True}],
)
def test_an_override_that_makes_no_sense_is_refused(overrides: dict[str, object]) -> None:
    settings = some_settings(goals=[a_metric(**overrides)])
    assert "settings.goals[0].overrides." in refused(a_payload(settings=settings)).reason
