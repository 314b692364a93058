"""Phases of a payload, checked, in the domain's shape.

What belongs here: what makes a phase unusable, and what it has in relation to the one before it.
What does not: which phase is in force on a day (``ab_assets.experiments.in_force``).
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from ab_assets.experiments import Namespace, Phase
from ab_assets.growthbook.payloads import NamespacePayload, PhasePayload
from ab_assets.growthbook.traffic_split import align_weights

_EVERYONE = {"", "{}"}


def translate_phases(
    payloads: Sequence[PhasePayload], variation_ids: Sequence[str], tracking_key: str
) -> tuple[Phase, ...]:
    """Every phase, in GrowthBook's order; ``problem`` says what is wrong with one.

    Args:
        payloads: The experiment's ``phases``.
        variation_ids: The experiment's variations, in order.
        tracking_key: What GrowthBook hashes with where a phase names no seed.

    Returns:
        One phase a payload.
    """
    phases = [
        _translate(index, payload, variation_ids, tracking_key)
        for index, payload in enumerate(payloads)
    ]
    in_time = sorted(phases, key=lambda phase: (phase.started_at, phase.index))
    for before, phase in pairwise(in_time):
        if phase.seed != before.seed:
            phases[phase.index] = replace(phase, reseeded=True)
    return tuple(phases)


def _translate(
    index: int, payload: PhasePayload, variation_ids: Sequence[str], tracking_key: str
) -> Phase:
    problems = list(_value_problems(payload))
    weights: tuple[float, ...] = (0.0,) * len(variation_ids)
    try:
        weights = align_weights(payload.traffic_split, variation_ids)
    except ValueError as error:
        problems.append(str(error))
    condition = payload.targeting_condition.strip()
    return Phase(
        index=index,
        name=payload.name,
        started_at=payload.date_started,
        ended_at=payload.date_ended,
        weights=weights,
        seed=payload.seed or tracking_key,
        coverage=payload.coverage,
        namespace=_namespace(payload.namespace),
        targeting_condition="" if condition in _EVERYONE else condition,
        problem="; ".join(problems),
    )


def _value_problems(payload: PhasePayload) -> list[str]:
    problems = []
    if payload.date_ended is not None and payload.date_ended < payload.date_started:
        problems.append(
            f"it ends ({payload.date_ended.isoformat()}) before it starts "
            f"({payload.date_started.isoformat()})"
        )
    if not 0 <= payload.coverage <= 1:
        problems.append(f"its coverage {payload.coverage:g} is not within 0 to 1")
    return problems


def _namespace(payload: NamespacePayload | None) -> Namespace | None:
    if payload is None or not payload.enabled or not payload.namespace_id:
        return None
    single = () if payload.range is None else (payload.range,)
    return Namespace(id=payload.namespace_id, ranges=payload.ranges or single)
