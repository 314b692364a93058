"""Which phase of which experiment a business day is about.

What belongs here: the rule of the phase in force, and the experiments of a tag. What does not:
which module claims a tag (``modules``).
"""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ab_assets.experiments.days import day_bounds
from ab_assets.experiments.model import Experiment, Phase


class InForce(NamedTuple):
    """An experiment and its phase in force on the day that was asked for."""

    experiment: Experiment
    phase: Phase


def newest_phase(phases: Iterable[Phase]) -> Phase | None:
    """The phase that started last; of several started together, the last in GrowthBook's list."""
    return max(phases, key=lambda phase: (phase.started_at, phase.index), default=None)


def phase_in_force(experiment: Experiment, event_date: date, zone: ZoneInfo) -> Phase | None:
    """The newest phase that started on or before the end of a business day.

    A phase that ended before the day is still in force while no newer one has started: its result
    stands. Where the newest phase is one that cannot be analysed, none is in force: falling back on
    the one before it would mix phases.

    Args:
        experiment: Any experiment; a draft or an archived one has no phase in force.
        event_date: The business day.
        zone: The business time zone.

    Returns:
        The phase, or ``None``.
    """
    if not experiment.can_be_in_force:
        return None
    _, last = day_bounds(event_date, zone)
    newest = newest_phase(phase for phase in experiment.phases if phase.started_at <= last)
    return None if newest is None or newest.problem else newest


def experiments_in_force(
    experiments: Iterable[Experiment], tag: str, event_date: date, zone: ZoneInfo
) -> tuple[InForce, ...]:
    """The experiments of one tag that a business day is about, each with its phase.

    A tag matches exactly. GrowthBook's own filter ignores case, but it stores ``Retention`` and
    ``retention`` as two tags, and two modules may claim them apart: a spelling nobody claims is
    reported, not guessed.

    Args:
        experiments: All experiments of a snapshot.
        tag: The tag; an experiment with several tags appears under each.
        event_date: The business day.
        zone: The business time zone.

    Returns:
        Sorted by tracking key, then id, so that the same snapshot always gives the same order.
    """
    wanted = tag.strip()
    pairs = [
        InForce(experiment, phase)
        for experiment in experiments
        if wanted in experiment.tags
        if (phase := phase_in_force(experiment, event_date, zone)) is not None
    ]
    return tuple(sorted(pairs, key=lambda pair: (pair.experiment.key, pair.experiment.id)))


def all_tags(experiments: Iterable[Experiment]) -> tuple[str, ...]:
    """Every tag of the experiments that can be in force, sorted, to hold modules' tags against."""
    return tuple(sorted({tag for item in experiments if item.can_be_in_force for tag in item.tags}))
