"""The domain: experiments, their phases, and which phase is in force on a business day.

What belongs here: what an experiment *is* and the rules that follow from it. What does not: where
its configuration comes from (``ab_assets.growthbook``), and anything that reads, writes or waits.
"""

from ab_assets.experiments.configuration import config_hash
from ab_assets.experiments.days import day_bounds, moment, window_end
from ab_assets.experiments.fact_metric import Capping, FactMetric, MetricWindow
from ab_assets.experiments.in_force import (
    InForce,
    all_tags,
    experiments_in_force,
    newest_phase,
    phase_in_force,
)
from ab_assets.experiments.metric_setting import (
    MetricOverrides,
    MetricRole,
    MetricSetting,
    ProperPrior,
    RegressionAdjustment,
    metric_roles,
)
from ab_assets.experiments.model import Experiment, Lookback, Namespace, Phase, Variation
from ab_assets.experiments.snapshot import RefusedExperiment, Snapshot

__all__ = [
    "Capping",
    "Experiment",
    "FactMetric",
    "InForce",
    "Lookback",
    "MetricOverrides",
    "MetricRole",
    "MetricSetting",
    "MetricWindow",
    "Namespace",
    "Phase",
    "ProperPrior",
    "RefusedExperiment",
    "RegressionAdjustment",
    "Snapshot",
    "Variation",
    "all_tags",
    "config_hash",
    "day_bounds",
    "experiments_in_force",
    "metric_roles",
    "moment",
    "newest_phase",
    "phase_in_force",
    "window_end",
]
