"""GrowthBook's catalogue of fact metrics, in the domain's shape.

What belongs here: the fact metric object and its translation. What does not: an experiment's use of
a metric (``metrics``).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import Field, ValidationError

from ab_assets.experiments import Capping, FactMetric, MetricWindow, RegressionAdjustment
from ab_assets.growthbook.fields import Key, Number, Payload, Text
from ab_assets.growthbook.translation import describe

_HOURS = {"minutes": 1 / 60, "hours": 1.0, "days": 24.0, "weeks": 168.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricCatalogue:
    """The metrics that could be read, by id, and a sentence for each that could not."""

    metrics: tuple[FactMetric, ...] = ()
    refused: tuple[str, ...] = ()


class _Window(Payload):
    type: Text = "none"
    window_value: Number | None = None
    window_unit: Text = "hours"
    delay_value: Number | None = None
    delay_unit: Text = "hours"
    delay_hours: Number | None = None  # how older servers give the delay


class _Capping(Payload):
    type: Text = "none"
    value: Number = 0.0
    ignore_zeros: bool = False


class _Adjustment(Payload):
    override: bool = False
    enabled: bool = False
    days: Number | None = None


class _FactMetric(Payload):
    id: Key
    name: Text = ""
    metric_type: Key
    window_settings: _Window = _Window()
    capping_settings: _Capping = _Capping()
    inverse: bool = False
    min_sample_size: Number | None = Field(default=None, ge=0)
    regression_adjustment_settings: _Adjustment = _Adjustment()


def build_catalogue(payloads: Iterable[object]) -> MetricCatalogue:
    """Reads fact metric objects; one that cannot be read does not spoil the others.

    Args:
        payloads: Decoded JSON objects.

    Returns:
        The metrics, sorted by id.
    """
    metrics: dict[str, FactMetric] = {}
    refused: list[str] = []
    for payload in payloads:
        try:
            metric = _translate(_FactMetric.model_validate(payload))
        except ValidationError as error:
            refused.append(f"a fact metric of GrowthBook is left out: {describe(error)}")
        except KeyError as error:
            refused.append(f"a fact metric of GrowthBook is left out: {error} is no unit of time")
        else:
            metrics[metric.id] = metric
    return MetricCatalogue(
        metrics=tuple(metrics[key] for key in sorted(metrics)), refused=tuple(refused)
    )


def _translate(parsed: _FactMetric) -> FactMetric:
    adjustment = parsed.regression_adjustment_settings
    capping = parsed.capping_settings
    return FactMetric(
        id=parsed.id,
        name=parsed.name or parsed.id,
        metric_type=parsed.metric_type,
        window=_window(parsed.window_settings),
        capping=Capping(
            type=capping.type or "none", value=capping.value, ignore_zeros=capping.ignore_zeros
        ),
        inverse=parsed.inverse,
        minimum_sample_size=parsed.min_sample_size,
        regression_adjustment=RegressionAdjustment(enabled=adjustment.enabled, days=adjustment.days)
        if adjustment.override
        else None,
    )


def _window(parsed: _Window) -> MetricWindow:
    kind = parsed.type or "none"
    hours = (
        None if parsed.window_value is None else parsed.window_value * _HOURS[parsed.window_unit]
    )
    delay = (parsed.delay_value or 0.0) * _HOURS[parsed.delay_unit]
    return MetricWindow(
        type=kind,
        # GrowthBook keeps the length of a window that is switched off.
        hours=None if kind == "none" else hours,
        delay_hours=delay if parsed.delay_value is not None else parsed.delay_hours or 0.0,
    )
