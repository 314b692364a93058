"""The metrics an experiment is judged by, each with its role and what the experiment overrides.

What belongs here: roles and overrides of GrowthBook metrics, by metric id. What does not: what a
metric measures (``modules``), or GrowthBook's own definition of it (``fact_metric``).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

MetricRole = Literal["goal", "secondary", "guardrail"]
WindowType = Literal["conversion", "lookback", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegressionAdjustment:
    """CUPED, as overridden: on or off, over how many days before exposure (``None``: default)."""

    enabled: bool
    days: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProperPrior:
    """GrowthBook's prior on the relative effect, as overridden; ``None`` leaves a part alone."""

    enabled: bool
    mean: float | None = None
    stddev: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricOverrides:
    """What one experiment changes about one metric; ``None`` everywhere means: nothing.

    Attributes:
        window_type: ``none`` switches the metric's window off, which is not the same as leaving it
            alone.
        window_hours: The length of the window.
        delay_hours: How long after exposure a metric starts to count.
        win_risk: Risk below which GrowthBook calls a win (a share, not per cent).
        lose_risk: Risk above which GrowthBook calls it too risky.
        regression_adjustment: CUPED for this metric.
        prior: The prior for this metric.
    """

    window_type: WindowType | None = None
    window_hours: float | None = None
    delay_hours: float | None = None
    win_risk: float | None = None
    lose_risk: float | None = None
    regression_adjustment: RegressionAdjustment | None = None
    prior: ProperPrior | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSetting:
    """One metric of one experiment: its GrowthBook id, its role there, its overrides there."""

    metric_id: str
    role: MetricRole
    overrides: MetricOverrides = MetricOverrides()


def metric_roles(metrics: Iterable[MetricSetting]) -> dict[str, MetricSetting]:
    """Each metric once, by GrowthBook id.

    A metric in two lists keeps the weightier role: goal before secondary before guardrail, the
    order in which an experiment lists them.

    Args:
        metrics: An experiment's ``metrics``.

    Returns:
        Metric id to its setting.
    """
    roles: dict[str, MetricSetting] = {}
    for setting in metrics:
        roles.setdefault(setting.metric_id, setting)
    return roles
