"""A phase of ours as the SDKs have it, and what else the exposure log may have followed.

What belongs here: translations of the configuration into phases to replay. What does not: judging
a replay (``replay``), and the hash (:mod:`ab_assets.replay`).

What GrowthBook's experiment object does not say is not guessed at: a bandit's weights of the
moment, and the seed of a namespace of the newer format.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import get_args

from ab_assets.experiments import Experiment, Phase
from ab_assets.replay import HashVersion, ReplayPhase, TextUnits, namespace_filter

_BANDIT = "multi-armed-bandit"
_OTHER_SDKS = {
    TextUnits.UTF8: ("UTF-8 bytes", "the Go, Ruby and PHP SDKs"),
    TextUnits.CODE_POINTS: ("code points", "older Python SDKs"),
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A phase that units may follow in place of the one in force.

    Attributes:
        meaning: What it says when the units that do not replay follow this one.
        is_innocent: Whether assignments are right if all units follow it, and only the replay
            assumed otherwise.
    """

    phase: ReplayPhase
    meaning: str
    is_innocent: bool = False


def replay_phase(experiment: Experiment, phase: Phase) -> ReplayPhase | str:
    """The phase as an SDK has it, or why it cannot be replayed.

    A namespace of one range is taken for one of the older format; others are left out
    (:func:`has_unknown_namespace`).
    """
    if experiment.type == _BANDIT:
        return "a bandit's weights of the moment are not in GrowthBook's experiment object"
    if phase.problem:
        return f"the phase cannot be analysed: {phase.problem}"
    if experiment.hash_version not in get_args(HashVersion):
        return f"hash version {experiment.hash_version} is not one of GrowthBook's (1 and 2)"
    seed = phase.seed or experiment.key
    if not seed:
        return "GrowthBook gives no seed"
    namespace = None if has_unknown_namespace(phase) else phase.namespace
    return ReplayPhase(
        variations=tuple(variation.key for variation in experiment.variations),
        seed=seed,
        hash_version=experiment.hash_version,
        coverage=phase.coverage,
        weights=phase.weights,
        filters=()
        if namespace is None
        else (namespace_filter(namespace.id, *namespace.ranges[0]),),
    )


def has_unknown_namespace(phase: Phase) -> bool:
    """Whether the namespace cannot be replayed: the newer format's seed is not shown to us."""
    return phase.namespace is not None and len(phase.namespace.ranges) != 1


def candidates(experiment: Experiment, phase: Phase, replayed: ReplayPhase) -> Iterator[Candidate]:
    """What else the log may follow, likeliest first.

    Args:
        experiment: The experiment.
        phase: Its phase in force.
        replayed: The phase as it was replayed and did not fit.
    """
    for units, (hashed, sdks) in _OTHER_SDKS.items():
        yield Candidate(
            replace(replayed, units=units),
            f"ids that are not ASCII are hashed by their {hashed}, as {sdks} do; a user who meets "
            "another SDK, too, can cross over",
            is_innocent=True,
        )
    yield _other_hash_version(replayed)
    if replayed.seed != experiment.key:
        yield Candidate(
            replace(replayed, seed=experiment.key),
            f"nearly all of them were hashed with the tracking key, not with {replayed.seed!r}",
        )
    yield Candidate(
        replace(replayed, weights=None), "nearly all of them were split equally, not by weight"
    )
    for other in experiment.phases:
        earlier = replay_phase(experiment, other)
        if other.index != phase.index and not isinstance(earlier, str):
            yield Candidate(
                replace(earlier, filters=()),
                f"nearly all of them were assigned as in phase {other.index} ({other.name!r}): "
                "sticky bucketing, or SDKs that are served an older configuration",
            )


def _other_hash_version(replayed: ReplayPhase) -> Candidate:
    if replayed.hash_version == 1:
        return Candidate(
            replace(replayed, hash_version=2),
            "nearly all of them were hashed with version 2, not 1",
        )
    return Candidate(
        replace(replayed, hash_version=1),
        "they were hashed with version 1 (GrowthBook shows version 2 where none is stored)",
        is_innocent=True,
    )
