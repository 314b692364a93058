"""p-values over the family they were read with.

What belongs here: which comparisons are one family, and adjusting over it. What does not: the
adjustments (:mod:`ab_assets.stats.multiplicity`).
"""

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
    families = [f"{arm.item.experiment.id}|{arm.dimension}|{arm.metric.role}" for arm in arms]
    adjusted = within_families(p_values, families, _ADJUSTMENTS[correction])
    guardrail = np.asarray([arm.metric.role is Role.GUARDRAIL for arm in arms])
    return np.where(guardrail, p_values, adjusted)
