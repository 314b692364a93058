"""The values that the SQL pieces ``phase`` and ``variation`` bind.

What belongs here: turning experiments in force into numbered binds. What does not: SQL text.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ab_assets.analysis.tag_day import ExperimentDay


@dataclass(frozen=True, slots=True)
class PhaseParameters:
    """Numbered binds of some experiments.

    Attributes:
        phases: The numbers of the phases: one an experiment.
        variations: The numbers of the variations.
        values: What is bound.
    """

    phases: tuple[int, ...]
    variations: tuple[int, ...]
    values: dict[str, object] = field(hash=False)


def phase_parameters(
    experiments: Sequence[ExperimentDay],
    exposed_from: Iterable[datetime],
    config_hashes: Iterable[str],
    *,
    first_number: int = 0,
) -> PhaseParameters:
    """Numbers the phases of some experiments.

    Args:
        experiments: The experiments, in order.
        exposed_from: For each, the first instant whose exposures count.
        config_hashes: For each, the configuration hash its rows carry.
        first_number: Where numbering starts, so that two calls can share a statement.
    """
    values: dict[str, object] = {}
    rows = list(zip(experiments, exposed_from, config_hashes, strict=True))
    for number, (item, start, config_hash) in enumerate(rows, first_number):
        values |= {
            f"experiment_id_{number}": item.experiment.id,
            f"experiment_key_{number}": item.experiment.key,
            f"phase_index_{number}": item.phase.index,
            f"exposed_from_{number}": start,
            f"window_end_{number}": item.window_end,
            f"config_hash_{number}": config_hash,
        }
    phases = tuple(range(first_number, first_number + len(rows)))
    return PhaseParameters(phases, (), values)


def whole_phases(experiments: Sequence[ExperimentDay]) -> PhaseParameters:
    """Numbers the phases, each from its own start; their rows carry no configuration."""
    return phase_parameters(
        experiments, (item.phase.started_at for item in experiments), ("" for _ in experiments)
    )


def first_start(experiments: Sequence[ExperimentDay]) -> datetime:
    """When the earliest of their phases began."""
    return min(item.phase.started_at for item in experiments)


def exposure_bounds(experiments: Sequence[ExperimentDay], ends: datetime) -> dict[str, object]:
    """Between which times all exposures of some phases are.

    The phases have these bounds, too; as plain values they let days be skipped.

    Args:
        experiments: At least one.
        ends: The end of the day.
    """
    return {
        "exposed_from": first_start(experiments),
        "exposed_to": ends,
    }


def with_variations(
    parameters: PhaseParameters, experiments: Sequence[ExperimentDay], *, first_number: int = 0
) -> PhaseParameters:
    """The same, with the experiments' variations numbered too."""
    pairs = [
        (item.experiment.id, variation.key)
        for item in experiments
        for variation in item.experiment.variations
    ]
    values = dict(parameters.values)
    for number, (experiment_id, key) in enumerate(pairs, first_number):
        values[f"variation_experiment_id_{number}"] = experiment_id
        values[f"variation_key_{number}"] = key
    numbers = tuple(range(first_number, first_number + len(pairs)))
    return PhaseParameters(parameters.phases, numbers, values)
