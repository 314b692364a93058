"""A module's metrics as one experiment wants them."""

import pytest

from ab_assets.analysis.resolution import resolve_metrics, unmapped_metrics
from ab_assets.experiments import MetricOverrides, MetricSetting, RegressionAdjustment
from ab_assets.modules.durations import Duration
from ab_assets.modules.model import Metric, Module, Role
from tests.experiments.builders import an_experiment
from tests.modules.builders import a_module

MEAN = {"type": "mean", "column": "visits", "growthbook": "fact__visits"}


def resolved(
    said: dict[str, object] | None = None,
    overrides: MetricOverrides | None = None,
    module: dict[str, object] | None = None,
    **experiment: object,
) -> Metric:
    """The one metric of a module, as an experiment with these overrides wants it."""
    settings = (
        (MetricSetting(metric_id="fact__visits", role="goal", overrides=overrides),)
        if overrides
        else ()
    )
    metrics = {"metrics": {"visits": MEAN | (said or {})}}
    return resolve_metrics(
        a_module(**(metrics | (module or {}))), an_experiment(metrics=settings, **experiment)
    )["visits"]


def test_without_settings_the_module_file_holds() -> None:
    metric = resolved({"role": "guardrail", "window": {"days": 1}})
    assert (metric.role, metric.window) == (Role.GUARDRAIL, Duration(days=1))


def test_the_role_is_the_experiments_where_it_lists_the_metric() -> None:
    assert resolved({"role": "guardrail"}, MetricOverrides()).role is Role.GOAL


def test_a_metric_without_a_growthbook_id_takes_nothing_from_an_experiment() -> None:
    overrides = MetricOverrides(window_type="conversion", window_hours=24)
    metric = resolved({"growthbook": None}, overrides)
    assert (metric.role, metric.window) == (Role.SECONDARY, None)


@pytest.mark.parametrize(
    ("own", "overrides", "window", "lookback"),
    [
        ({}, MetricOverrides(window_type="conversion", window_hours=72), 72, None),
        ({}, MetricOverrides(window_type="lookback", window_hours=48), None, 48),
        ({"window": {"days": 1}}, MetricOverrides(window_type="none"), None, None),
        ({"window": {"days": 1}}, MetricOverrides(window_type="conversion"), 24, None),
        ({"window": {"days": 1}}, MetricOverrides(window_type="lookback"), None, 24),
        ({"lookback": {"days": 1}}, MetricOverrides(window_type="conversion"), 24, None),
        ({"window": {"days": 1}}, MetricOverrides(), 24, None),
        ({}, MetricOverrides(window_type="conversion"), None, None),
        ({}, MetricOverrides(window_type="conversion", window_hours=0.25), 1, None),
        ({}, MetricOverrides(window_type="conversion", window_hours=1e6), 8784, None),
    ],
    ids=[
        "conversion",
        "lookback",
        "switched off",
        "keeps its length",
        "becomes a lookback",
        "becomes a window",
        "left alone",
        "no length anywhere",
        "less than an hour",
        "longer than a year",
    ],
)
def test_an_experiment_overrides_a_window(
    own: dict[str, object],
    overrides: MetricOverrides,
    window: int | None,
    lookback: int | None,
) -> None:
    metric = resolved(own, overrides)
    lengths = [part and part.total_hours for part in (metric.window, metric.lookback)]
    assert lengths == [window, lookback]


@pytest.mark.parametrize(("hours", "expected"), [(12, 12), (0, None), (-24, None), (0.4, 1)])
def test_an_experiment_overrides_a_delay(hours: float, expected: int | None) -> None:
    metric = resolved({"delay": {"hours": 6}}, MetricOverrides(delay_hours=hours))
    assert (metric.delay.total_hours if metric.delay else None) == expected


@pytest.mark.parametrize(
    ("own", "adjustment", "days"),
    [
        ({}, RegressionAdjustment(enabled=True), 14),
        ({}, RegressionAdjustment(enabled=True, days=7), 7),
        ({}, RegressionAdjustment(enabled=True, days=0.2), 1),
        ({}, RegressionAdjustment(enabled=True, days=1000), 366),
        ({"cuped": {"days": 3}}, RegressionAdjustment(enabled=True), 3),
        ({"cuped": {"days": 3}}, RegressionAdjustment(enabled=False), None),
        ({"cuped": {"days": 3}}, None, 3),
    ],
)
def test_an_experiment_overrides_the_adjustment(
    own: dict[str, object], adjustment: RegressionAdjustment | None, days: int | None
) -> None:
    metric = resolved(own, MetricOverrides(regression_adjustment=adjustment))
    assert (metric.cuped.days if metric.cuped else None) == days


def test_retention_has_its_day_and_takes_no_window_or_delay() -> None:
    overrides = MetricOverrides(window_type="conversion", window_hours=24, delay_hours=12)
    metric = resolved({"type": "retention", "day": 1}, overrides)
    assert (metric.day, metric.window, metric.delay) == (1, None, None)


@pytest.mark.parametrize(
    ("own", "compat", "growthbook", "expected"),
    [
        (None, None, "include", "exclude"),
        ("include", None, "exclude", "include"),
        (None, "growthbook", "include", "include"),
        (None, "growthbook", "exclude", "exclude"),
        ("exclude", "growthbook", "include", "exclude"),
    ],
)
def test_open_windows_are_left_out_unless_the_metric_or_growthbooks_conventions_say_otherwise(
    own: str | None, compat: str | None, growthbook: str, expected: str
) -> None:
    metric = resolved(
        {"in_progress": own}, module={"compat": compat}, in_progress_conversions=growthbook
    )
    assert metric.in_progress == expected


def test_metrics_keep_the_order_of_the_module() -> None:
    metrics = {name: {"type": "mean", "column": "visits"} for name in ("z", "a", "m")}
    assert list(resolve_metrics(a_module(metrics=metrics), an_experiment())) == ["z", "a", "m"]


def test_metrics_of_growthbook_that_no_metric_of_the_module_names_are_told() -> None:
    module: Module = a_module(metrics={"visits": MEAN})
    settings = tuple(
        MetricSetting(metric_id=name, role="goal")
        for name in ("fact__z", "fact__visits", "fact__a")
    )
    assert unmapped_metrics(module, an_experiment(metrics=settings)) == ("fact__a", "fact__z")
