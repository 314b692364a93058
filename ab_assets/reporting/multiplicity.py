"""p-values over the family they were read with.

What belongs here: which comparisons are one family, and adjusting over it. What does not: the
adjustments (:mod:`ab_assets.stats.multiplicity`).
"""

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from ab_assets.modules.engine import Correction
from ab_assets.modules.model import Role
from ab_assets.reporting.arms import Arm
from ab_assets.reporting.sums import Floats
from ab_assets.stats.multiplicity import (
    benjamini_hochberg,
    benjamini_yekutieli,
    bonferroni,
    holm,
    within_families,
)

_ADJUSTMENTS: dict[Correction, Callable[[ArrayLike], Floats]] = {
    "holm": holm,
    "bonferroni": bonferroni,
    "benjamini_hochberg": benjamini_hochberg,
    "benjamini_yekutieli": benjamini_yekutieli,
}


def adjusted_p_values(arms: Sequence[Arm], p_values: Floats, correction: Correction) -> Floats:
    """p-values adjusted over whole families.

    A family is one role of one experiment: all its metrics × variations over all users, or within
    one dimension all of its values too. Guardrails are not adjusted: a correction would hide harm.

    Args:
        arms: The rows of the report.
        p_values: One an arm, NaN where nothing was tested.
        correction: How.
    """
    if correction == "none" or not arms:
        return p_values
    adjusted = within_families(p_values, families_of(arms), _ADJUSTMENTS[correction])
    guardrail = np.asarray([arm.metric.role is Role.GUARDRAIL for arm in arms])
    return np.where(guardrail, p_values, adjusted)


def planned_alphas(arms: Sequence[Arm], alpha: float, correction: Correction) -> Floats:
    """The error rate of one comparison that a family of its size leaves, for planning.

    Holm's first step and Bonferroni's every step are at α/m. The other corrections depend on what
    the other comparisons find, which nobody knows beforehand: they are planned at α.
    """
    levels = np.full(len(arms), alpha)
    if correction not in {"holm", "bonferroni"}:
        return levels
    families = families_of(arms)
    sizes = Counter(
        family for family, arm in zip(families, arms, strict=True) if not arm.is_control
    )
    for place, (family, arm) in enumerate(zip(families, arms, strict=True)):
        if arm.metric.role is not Role.GUARDRAIL:
            levels[place] = alpha / max(sizes[family], 1)
    return levels


def families_of(arms: Sequence[Arm]) -> list[str]:
    """The family of each row: an experiment's metrics of one role, all users or one dimension."""
    return [f"{arm.item.experiment.id}|{arm.dimension}|{arm.metric.role}" for arm in arms]
