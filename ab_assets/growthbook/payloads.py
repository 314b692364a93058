"""The experiment object of GrowthBook's REST API v1, as it really answers.

What belongs here: names and kinds of fields. What does not: whether the values make sense together
(``phases``, ``experiments``).
"""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from ab_assets.growthbook.fields import (
    Instant,
    Key,
    LenientInstant,
    Number,
    OpenInstant,
    Payload,
    Text,
)

WindowName = Literal["conversion", "lookback", "none", ""]


def _metric_id(value: object) -> object:
    # An object since API v1's first day, a bare id where people write snapshots by hand.
    return value.get("metricId") if isinstance(value, dict) else value


class VariationPayload(Payload):
    """One arm."""

    variation_id: Text = ""
    key: Key
    name: Text = ""


class SharePayload(Payload):
    """One entry of a traffic split."""

    variation_id: Text = ""
    weight: Number


class NamespacePayload(Payload):
    """A namespace; servers that do not say ``enabled`` show it only when it is."""

    namespace_id: Text = ""
    enabled: bool = True
    range: tuple[Number, Number] | None = None
    ranges: tuple[tuple[Number, Number], ...] = ()


class PhasePayload(Payload):
    """One phase."""

    name: Text = ""
    date_started: Instant
    date_ended: OpenInstant = None
    seed: Text = ""
    coverage: Number = 1.0
    traffic_split: tuple[SharePayload, ...] = ()
    namespace: NamespacePayload | None = None
    targeting_condition: Text = ""


class OverridesPayload(Payload):
    """What an experiment changes about a metric, in either of the two places GrowthBook says it."""

    window: WindowName | None = None
    window_type: WindowName | None = None
    window_hours: Number | None = Field(default=None, ge=0)
    delay_hours: Number | None = None
    win_risk_threshold: Number | None = None
    lose_risk_threshold: Number | None = None
    proper_prior_override: bool = False
    proper_prior_enabled: bool = False
    proper_prior_mean: Number | None = None
    proper_prior_std_dev: Number | None = None
    regression_adjustment_override: bool = False
    regression_adjustment_enabled: bool = False
    regression_adjustment_days: Number | None = Field(default=None, ge=0)


class OverrideEntryPayload(OverridesPayload):
    """An entry of ``settings.metricOverrides``."""

    id: Key


class MetricPayload(Payload):
    """An entry of ``goals``, ``secondaryMetrics`` or ``guardrails``."""

    metric_id: Key
    overrides: OverridesPayload = OverridesPayload()


class LookbackPayload(Payload):
    """What ``attributionModel: lookbackOverride`` means."""

    type: Literal["date", "window"]
    value: Number | Text
    value_unit: Literal["minutes", "hours", "days", "weeks"] = "days"


class SettingsPayload(Payload):
    """How GrowthBook analyses the experiment."""

    goals: tuple[MetricPayload, ...] = ()
    secondary_metrics: tuple[MetricPayload, ...] = ()
    guardrails: tuple[MetricPayload, ...] = ()
    metric_overrides: tuple[OverrideEntryPayload, ...] = ()
    activation_metric: Annotated[Text | None, BeforeValidator(_metric_id)] = None
    attribution_model: Text = "firstExposure"
    lookback_override: LookbackPayload | None = None
    in_progress_conversions: Text = "include"
    stats_engine: Text = "bayesian"
    segment_id: Text = ""
    query_filter: Text = ""
    regression_adjustment_enabled: bool = False
    sequential_testing_enabled: bool = False
    sequential_testing_tuning_parameter: Number = 5000.0


class ExperimentPayload(Payload):
    """One experiment."""

    id: Key
    tracking_key: Key
    name: Text = ""
    status: Key
    type: Text = "standard"
    archived: bool = False
    tags: tuple[Text, ...] = ()
    date_created: LenientInstant = None
    hash_attribute: Text = "user_id"
    hash_version: int = 2
    variations: tuple[VariationPayload, ...]
    phases: tuple[PhasePayload, ...] = ()
    settings: SettingsPayload = SettingsPayload()
