"""Replay: units were logged with the variation their id hashes to.

What belongs here: the check over a day's sample of units. What does not: the hash
(:mod:`ab_assets.replay`), what a phase is to it (``replay_phase``), and fetching the sample
(``sql/health/replay_sample.sql``).

A mismatch means that the exposure log, the SDK and GrowthBook do not tell the same story: an SDK
on another configuration, another id hashed than the one logged, sticky or forced variations. A
sample ratio can look right throughout.
"""

from dataclasses import replace
from math import sqrt

import polars as pl

from ab_assets.analysis.tag_day import ExperimentDay
from ab_assets.experiments import Namespace
from ab_assets.health.finding import Check, Finding, Status
from ab_assets.health.replay_phase import candidates, has_unknown_namespace, replay_phase
from ab_assets.replay import Mismatch, ReplayOutcome, ReplayPhase, hold_against, rows_that_differ

# The limits of crossovers: a few forced variations of testers stay below them, a wrong seed puts
# half of all units above. A user's assignment is no matter of chance, so no test is needed.
WARN_SHARE = 0.001
FAIL_SHARE = 0.01
FEWEST_MISMATCHES = 10
# What the sample is drawn with: both are bound by ``sql/health/replay_sample.sql``.
SAMPLE_SALT = "replay"
UNITS_WANTED = 100_000
# How far from chance a count may be to look like it, and how many times fewer mismatches another
# phase must leave to explain them.
_DEVIATIONS = 4.0
_BETTER = 10

_SEVERAL_RANGES = (
    "the namespace is left out: one of several ranges is hashed with a seed that GrowthBook's "
    "experiment object does not show"
)
_CHANCE = (
    "the namespace is left out: units fall in and out of its range as by chance, so either it is "
    "of the newer format, whose seed GrowthBook's experiment object does not show, or no SDK "
    "applies it"
)


def check_replay(item: ExperimentDay, sample: pl.DataFrame) -> Finding:
    """Replays the sampled units of one experiment and holds the share that differs to its limits.

    Fewer than ten mismatches are told and no more. What cannot be replayed passes, and says why.
    Units that saw several keys on the day are crossovers, which have a check of their own.

    Args:
        item: The experiment on the day.
        sample: Its rows of ``health/replay_sample.sql``.
    """
    phase = replay_phase(item.experiment, item.phase)
    if isinstance(phase, str):
        message = f"not replayed: {phase}"
        return Finding(item.experiment.id, Check.REPLAY, Status.PASS, message)
    units = sample.filter(pl.col("keys_seen") == 1)
    outcome, phase, notes = _without_unknown_namespace(item, phase, units)
    if _is_bad(outcome):
        outcome, note = _explained(item, phase, units, outcome)
        notes = [*notes, note]
    return _judged(item, outcome, notes, crossed_over=sample.height - units.height)


def _without_unknown_namespace(
    item: ExperimentDay, phase: ReplayPhase, units: pl.DataFrame
) -> tuple[ReplayOutcome, ReplayPhase, list[str]]:
    outcome = _replayed(units, phase)
    if has_unknown_namespace(item.phase):
        return outcome, phase, [_SEVERAL_RANGES]
    if item.phase.namespace is not None and _is_chance(outcome, item.phase.namespace):
        phase = replace(phase, filters=())
        return _replayed(units, phase), phase, [_CHANCE]
    return outcome, phase, []


def _is_chance(outcome: ReplayOutcome, namespace: Namespace) -> bool:
    """Whether as many units are outside the namespace's range as of a hash that is not theirs.

    Only units whose variation is right are counted as filtered out.
    """
    ((low, high),) = namespace.ranges
    filtered = outcome.by_kind.get(Mismatch.FILTERED_OUT, 0)
    units = outcome.units - outcome.mismatches + filtered
    outside = min(max(1 - (high - low), 0.0), 1.0)
    deviation = sqrt(units * outside * (1 - outside))
    return (
        filtered >= FEWEST_MISMATCHES and abs(filtered - units * outside) <= _DEVIATIONS * deviation
    )


def _explained(
    item: ExperimentDay, phase: ReplayPhase, units: pl.DataFrame, outcome: ReplayOutcome
) -> tuple[ReplayOutcome, str]:
    """What the units that differ follow instead; what to think of where that is not known.

    They alone are asked: sticky buckets keep the old units, and the new ones replay.
    """
    wrong = units.filter(rows_that_differ(units["user_id"], units["variation_key"], phase))
    for candidate in candidates(item.experiment, item.phase, phase):
        if _replayed(wrong, candidate.phase).mismatches * _BETTER <= wrong.height:
            everybody = _replayed(units, candidate.phase) if candidate.is_innocent else outcome
            return (outcome if _is_bad(everybody) else everybody), candidate.meaning
    return outcome, f"what can make it so: {', '.join(outcome.known_reasons)}"


def _replayed(units: pl.DataFrame, phase: ReplayPhase) -> ReplayOutcome:
    return hold_against(units["user_id"], units["variation_key"], phase)


def _is_bad(outcome: ReplayOutcome) -> bool:
    return outcome.mismatches >= FEWEST_MISMATCHES and outcome.share >= WARN_SHARE


def _judged(
    item: ExperimentDay, outcome: ReplayOutcome, notes: list[str], *, crossed_over: int
) -> Finding:
    status = Status.PASS
    if _is_bad(outcome):
        status = Status.FAIL if outcome.share >= FAIL_SHARE else Status.WARN
    return Finding(
        item.experiment.id,
        Check.REPLAY,
        status,
        "; ".join([outcome.sentence, *notes]),
        value=outcome.share if outcome.units else None,
        threshold=FAIL_SHARE,
        detail={
            "units": outcome.units,
            "mismatches": {kind.value: count for kind, count in outcome.by_kind.items()},
            "crossed_over": crossed_over,
            "notes": notes,
        },
        distrust="units are not in the variation they hash to" if status is Status.FAIL else "",
    )
