"""A module's metrics as one experiment wants them.

What belongs here: applying an experiment's GrowthBook settings (roles, windows, CUPED) and a
module's ``compat`` conventions to the metrics of its module file. What does not: reading either.
"""

from collections.abc import Mapping

from ab_assets.experiments import Experiment, MetricOverrides, MetricSetting, metric_roles
from ab_assets.modules.durations import LONGEST_HOURS, Duration
from ab_assets.modules.model import LONGEST_DAYS, Cuped, Metric, MetricType, Module, Role


def resolve_metrics(module: Module, experiment: Experiment) -> dict[str, Metric]:
    """The metrics of one experiment, by name, in the module's order.

    A metric that names its GrowthBook id takes its role and overrides from the experiment's
    settings where they list it; otherwise the module file holds.
    """
    settings = metric_roles(experiment.metrics)
    in_progress = experiment.in_progress_conversions if module.compat == "growthbook" else "exclude"
    return {
        name: _resolved(metric, settings, in_progress) for name, metric in module.metrics.items()
    }


def unmapped_metrics(module: Module, experiment: Experiment) -> tuple[str, ...]:
    """GrowthBook metric ids the experiment lists and no metric of the module names."""
    known = {metric.growthbook for metric in module.metrics.values()}
    return tuple(sorted({setting.metric_id for setting in experiment.metrics} - known))


def _resolved(metric: Metric, settings: Mapping[str, MetricSetting], in_progress: str) -> Metric:
    changes: dict[str, object] = {}
    if metric.in_progress is None:
        changes["in_progress"] = in_progress
    setting = settings.get(metric.growthbook) if metric.growthbook else None
    if setting is not None:
        changes["role"] = Role(setting.role)
        changes |= _overrides(metric, setting.overrides)
    return Metric.model_validate(metric.model_dump() | changes)


def _overrides(metric: Metric, overrides: MetricOverrides) -> dict[str, object]:
    changes: dict[str, object] = {}
    if metric.type is not MetricType.RETENTION:
        changes |= _window(metric, overrides)
        if overrides.delay_hours is not None:
            changes["delay"] = _duration(overrides.delay_hours)
    adjustment = overrides.regression_adjustment
    if adjustment is not None:
        default = metric.cuped.days if metric.cuped else Cuped().days
        days = default if adjustment.days is None else _within(adjustment.days, LONGEST_DAYS)
        changes["cuped"] = {"days": days} if adjustment.enabled else None
    return changes


def _window(metric: Metric, overrides: MetricOverrides) -> dict[str, object]:
    if overrides.window_type is None:
        return {}
    hours = overrides.window_hours
    current = metric.window or metric.lookback
    length = _duration(hours) if hours else current and current.model_dump()
    return {
        "window": length if overrides.window_type == "conversion" else None,
        "lookback": length if overrides.window_type == "lookback" else None,
    }


def _duration(hours: float) -> dict[str, int | None] | None:
    """A length GrowthBook gave, in whole hours: half an hour is one hour, not none."""
    if hours <= 0:
        return None
    return Duration(hours=_within(hours, LONGEST_HOURS)).model_dump()


def _within(length: float, longest: int) -> int:
    return min(max(round(length), 1), longest)
