"""The fingerprint of what an analysis depends on.

What belongs here: which settings count as "the configuration", and their hash. What does not: the
hash of the SQL, and hashing users into variations.
"""

import hashlib
import json
from dataclasses import asdict
from datetime import datetime

from ab_assets.experiments.model import Experiment, Phase

_LENGTH = 16
_EXPERIMENT_FIELDS = (
    "id",
    "key",
    "type",
    "hash_attribute",
    "hash_version",
    "metrics",
    "stats_engine",
    "attribution_model",
    "lookback",
    "activation_metric",
    "in_progress_conversions",
    "regression_adjustment_enabled",
    "sequential_testing_enabled",
    "sequential_testing_tuning_parameter",
)
_DISPLAY_FIELDS = ("name", "problem")


def config_hash(experiment: Experiment, phase: Phase) -> str:
    """The first 16 hexadecimal digits of a SHA-256 over what changes a number.

    Names, tags, status, archiving, creation time and other phases are left out: a partition made
    before somebody corrected a spelling is still the right one.

    Args:
        experiment: The experiment.
        phase: The phase in force.

    Returns:
        The same text for the same configuration, on every machine and in every process.
    """
    values = asdict(experiment)
    material = {
        "experiment": {field: values[field] for field in _EXPERIMENT_FIELDS},
        "variations": [[variation.id, variation.key] for variation in experiment.variations],
        "phase": {
            name: part for name, part in asdict(phase).items() if name not in _DISPLAY_FIELDS
        },
    }
    text = json.dumps(material, sort_keys=True, separators=(",", ":"), default=_instant)
    return hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]


def _instant(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    message = f"{type(value).__name__} has no place in a configuration hash"
    raise TypeError(message)
