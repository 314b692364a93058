"""The metric lists of an experiment's settings, in the domain's shape.

What belongs here: roles and overrides, from both places where GrowthBook says them. What does not:
the metric catalogue (``catalogue``).
"""

from ab_assets.experiments import (
    MetricOverrides,
    MetricRole,
    MetricSetting,
    ProperPrior,
    RegressionAdjustment,
)
from ab_assets.growthbook.payloads import MetricPayload, OverridesPayload, SettingsPayload


def translate_metrics(settings: SettingsPayload) -> tuple[MetricSetting, ...]:
    """Goals, then secondary metrics, then guardrails.

    A metric's own ``overrides`` win over its entry in ``metricOverrides``; what neither says is
    left alone.

    Args:
        settings: The experiment's ``settings``.

    Returns:
        One setting a list entry, in GrowthBook's order.
    """
    shared = {entry.id: entry for entry in settings.metric_overrides}
    lists: tuple[tuple[MetricRole, tuple[MetricPayload, ...]], ...] = (
        ("goal", settings.goals),
        ("secondary", settings.secondary_metrics),
        ("guardrail", settings.guardrails),
    )
    return tuple(
        MetricSetting(
            metric_id=metric.metric_id,
            role=role,
            overrides=_overrides(metric.overrides, shared.get(metric.metric_id)),
        )
        for role, metrics in lists
        for metric in metrics
    )


def _overrides(own: OverridesPayload, shared: OverridesPayload | None) -> MetricOverrides:
    said = {} if shared is None else shared.model_dump(exclude_unset=True)
    both = OverridesPayload.model_validate(said | own.model_dump(exclude_unset=True))
    name = both.window if both.window is not None else both.window_type
    adjustment = RegressionAdjustment(
        enabled=both.regression_adjustment_enabled, days=both.regression_adjustment_days
    )
    prior = ProperPrior(
        enabled=both.proper_prior_enabled,
        mean=both.proper_prior_mean,
        stddev=both.proper_prior_std_dev,
    )
    return MetricOverrides(
        window_type="none" if name == "" else name,
        window_hours=both.window_hours,
        delay_hours=both.delay_hours,
        win_risk=both.win_risk_threshold,
        lose_risk=both.lose_risk_threshold,
        # GrowthBook stores values beside a switched-off override; they mean nothing then.
        regression_adjustment=adjustment if both.regression_adjustment_override else None,
        prior=prior if both.proper_prior_override else None,
    )
