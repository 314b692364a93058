"""What GrowthBook itself says a metric is, so that a module's metric can be compared with it.

What belongs here: the few settings that change a number. What does not: fact tables, columns and
filters (a module writes its own SQL).
"""

from dataclasses import dataclass

from ab_assets.experiments.metric_setting import RegressionAdjustment


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricWindow:
    """When after exposure a metric counts.

    Attributes:
        type: ``conversion``, ``lookback`` or ``none``.
        hours: The window's length; ``None`` where there is no window.
        delay_hours: How long after exposure it starts.
    """

    type: str = "none"
    hours: float | None = None
    delay_hours: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Capping:
    """How extreme values are cut: ``none``, ``absolute`` or ``percentile`` at ``value``."""

    type: str = "none"
    value: float = 0.0
    ignore_zeros: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FactMetric:
    """A metric of GrowthBook's catalogue.

    Attributes:
        id: What a module's metric names as ``growthbook: fact__…``.
        name: What people call it.
        metric_type: ``mean``, ``proportion``, ``ratio``, ``retention``, ``quantile``, …
        window: When it counts.
        capping: How extreme values are cut.
        inverse: Less is better.
        minimum_sample_size: GrowthBook shows no verdict below this.
        regression_adjustment: CUPED, where the metric overrides the organisation's setting.
    """

    id: str
    name: str
    metric_type: str
    window: MetricWindow = MetricWindow()
    capping: Capping = Capping()
    inverse: bool = False
    minimum_sample_size: float | None = None
    regression_adjustment: RegressionAdjustment | None = None
