"""GrowthBook's fact metrics, as far as they change a number."""

import pytest

from ab_assets.experiments import Capping, FactMetric, MetricWindow, RegressionAdjustment
from ab_assets.growthbook.catalogue import build_catalogue


def a_metric(**changes: object) -> dict[str, object]:
    return {
        "id": "fact__1",
        "name": "Revenue per user",
        "metricType": "mean",
        "inverse": False,
        "minSampleSize": 150,
        "cappingSettings": {"type": "percentile", "value": 0.99, "ignoreZeros": True},
        "windowSettings": {
            "type": "conversion",
            "delayValue": 2,
            "delayUnit": "days",
            "windowValue": 3,
            "windowUnit": "days",
        },
        "numerator": {"factTableId": "ftb_1", "column": "amount", "aggregation": "sum"},
        "regressionAdjustmentSettings": {"override": True, "enabled": True, "days": 14},
    } | changes


def only(payload: object) -> FactMetric:
    catalogue = build_catalogue([payload])
    assert catalogue.refused == ()
    return catalogue.metrics[0]


def test_every_setting_that_changes_a_number_is_taken_over() -> None:
    assert only(a_metric()) == FactMetric(
        id="fact__1",
        name="Revenue per user",
        metric_type="mean",
        window=MetricWindow(type="conversion", hours=72, delay_hours=48),
        capping=Capping(type="percentile", value=0.99, ignore_zeros=True),
        minimum_sample_size=150,
        regression_adjustment=RegressionAdjustment(enabled=True, days=14),
    )


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ({"type": "none", "windowValue": 72, "windowUnit": "hours"}, MetricWindow()),
        ({"type": ""}, MetricWindow()),
        (
            {"type": "lookback", "windowValue": 30, "windowUnit": "minutes", "delayHours": 6},
            MetricWindow(type="lookback", hours=0.5, delay_hours=6),
        ),
        (
            {"type": "conversion", "windowValue": 1, "windowUnit": "weeks", "delayValue": 0},
            MetricWindow(type="conversion", hours=168),
        ),
        ({"type": "conversion"}, MetricWindow(type="conversion")),
    ],
)
def test_a_window_is_counted_in_hours(window: object, expected: MetricWindow) -> None:
    assert only(a_metric(windowSettings=window)).window == expected


def test_a_metric_without_settings_has_none() -> None:
    bare = only({"id": "fact__2", "metricType": "proportion"})
    assert bare == FactMetric(id="fact__2", name="fact__2", metric_type="proportion")


def test_cuped_that_is_not_overridden_is_none() -> None:
    metric = a_metric(regressionAdjustmentSettings={"override": False, "days": 14})
    assert only(metric).regression_adjustment is None


def test_metrics_come_sorted_by_id_each_once() -> None:
    catalogue = build_catalogue([a_metric(id="b"), a_metric(id="a"), a_metric(id="b")])
    assert [metric.id for metric in catalogue.metrics] == ["a", "b"]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (7, "left out"),
        (a_metric(id=""), "id: it is empty"),
        (a_metric(metricType=None), "metricType: Field required"),
        (a_metric(minSampleSize=-1), "minSampleSize"),
        (
            a_metric(
                windowSettings={"type": "conversion", "windowValue": 1, "windowUnit": "years"}
            ),
            "'years' is no unit of time",
        ),
    ],
)
def test_a_metric_that_makes_no_sense_does_not_spoil_the_others(wrong: object, reason: str) -> None:
    catalogue = build_catalogue([wrong, a_metric(id="good")])
    assert [metric.id for metric in catalogue.metrics] == ["good"]
    assert reason in catalogue.refused[0]
