"""Intervals of what was picked for being significant.

What belongs here: those intervals, at the level that keeps their coverage. What does not: the
level's formula (:mod:`ab_assets.stats.false_coverage`), the selection itself.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ab_assets.reporting.arms import Arm
from ab_assets.reporting.inference import InferredGroup, with_exact_answers
from ab_assets.reporting.multiplicity import families_of
from ab_assets.reporting.sums import Floats
from ab_assets.stats.difference import difference_test
from ab_assets.stats.false_coverage import false_coverage_alpha
from ab_assets.stats.uplift import fieller

Flags = NDArray[np.bool_]


def selected_intervals(
    arms: Sequence[Arm],
    groups: Sequence[InferredGroup],
    tested: Flags,
    selected: Flags,
    alpha: float,
) -> dict[str, Floats]:
    """``fcr_ci_*`` and ``fcr_rel_ci_*`` of the selected rows, NaN elsewhere.

    Args:
        arms: The rows of the report.
        groups: Their comparisons.
        tested: Which rows have a p-value.
        selected: Which are significant.
        alpha: The share of the selected intervals that may miss.
    """
    levels = _levels(arms, tested, selected, alpha)
    names = ("fcr_ci_low", "fcr_ci_high", "fcr_rel_ci_low", "fcr_rel_ci_high")
    columns = {name: np.full(len(arms), np.nan) for name in names}
    for group in groups:
        ends = _intervals(group, levels[group.places])
        for name, values in zip(names, ends, strict=True):
            columns[name][group.places] = np.where(selected[group.places], values, np.nan)
    return columns


def _levels(arms: Sequence[Arm], tested: Flags, selected: Flags, alpha: float) -> Floats:
    families = np.asarray(families_of(arms))
    levels = np.full(len(arms), alpha)
    for family in np.unique(families):
        members = families == family
        levels[members] = false_coverage_alpha(selected[members], tested[members], alpha)
    return levels


def _intervals(group: InferredGroup, alpha: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    contrast = group.comparison.contrast
    difference = difference_test(contrast, alpha)
    uplift = fieller(contrast, difference.critical_value, alpha)
    again = replace(group.comparison, difference=difference, uplift=uplift)
    if group.exact.any():
        again = with_exact_answers(again, group.control, group.treatment).comparison
    difference, uplift = again.difference, again.uplift
    return (
        difference.interval.low,
        difference.interval.high,
        np.where(uplift.bounded, uplift.interval.low, np.nan),
        np.where(uplift.bounded, uplift.interval.high, np.nan),
    )
