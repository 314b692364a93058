"""Guardrails: is the harm within the margin?

What belongs here: the test of each comparison against its metric's margin. What does not: what is
decided of it (:mod:`ab_assets.reporting.decision`).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ab_assets.modules.model import Direction
from ab_assets.reporting.arms import Arm
from ab_assets.reporting.inference import InferredGroup
from ab_assets.reporting.sums import Floats
from ab_assets.stats.non_inferiority import relative_non_inferiority


def margin_p_values(arms: Sequence[Arm], group: InferredGroup) -> Floats:
    """One-sided p-values of "worse by less than the margin"; without a margin it is 0.

    Small: not worse than the margin allows. Close to 1: worse than it allows, for sure.
    """
    margins, higher_is_better = _margins(arms, group)
    test = relative_non_inferiority(
        group.comparison.contrast, margins, higher_is_better=higher_is_better
    )
    return np.asarray(test.p_value)


def surely_beyond_margin(arms: Sequence[Arm], group: InferredGroup) -> Floats:
    """1 where the always-valid interval is wholly worse than the margin, at any look; else 0."""
    margins, higher_is_better = _margins(arms, group)
    interval = group.sequential.interval
    allowed = margins * np.abs(group.comparison.contrast.control.value)
    best = np.where(higher_is_better, interval.high, -interval.low)
    return np.asarray(best < -allowed, np.float64)


def _margins(arms: Sequence[Arm], group: InferredGroup) -> tuple[Floats, NDArray[np.bool_]]:
    chosen = [arms[place] for place in group.places]
    return (
        np.asarray([arm.metric.non_inferiority or 0.0 for arm in chosen]),
        np.asarray([arm.metric.direction is Direction.UP for arm in chosen]),
    )
