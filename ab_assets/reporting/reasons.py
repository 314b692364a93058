"""What is said of a comparison's numbers: the test that made them, or why they are missing.

What belongs here: those two texts. What does not: the numbers
(:mod:`ab_assets.reporting.numbers`), distrust of an experiment (:mod:`ab_assets.reporting.trust`).
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ab_assets.reporting.inference import InferredGroup
from ab_assets.reporting.sums import Floats
from ab_assets.stats.reasons import Reason, describe

_NOBODY = "no unit is counted yet"
_UNBOUNDED = "the relative interval is unbounded: the control mean may be zero"
_UNPLANNED = "no planned size to tune the always-valid interval to"
_UNREACHABLE = str(describe(Reason.NOT_REACHABLE))
_CONSTANT_COVARIATE = "the covariate does not vary"

Texts = NDArray[np.object_]


def methods(group: InferredGroup) -> Texts:
    """The test behind each p-value, and an adjustment that was asked for and could not be made."""
    usual = "delta-method welch-t" if group.estimator.is_ratio else "welch-t"
    if group.estimator.wants_adjustment:
        reasons = describe(group.adjustment_reason).astype(object)
        constant = group.adjustment_reason == Reason.ZERO_COVARIATE_VARIANCE
        reasons[constant] = _CONSTANT_COVARIATE
        without = f"{usual}, not adjusted: " + reasons
        return np.where(group.adjusted, f"{usual} after CUPED", without).astype(object)
    return np.where(group.exact, "fisher-exact", usual).astype(object)


def missing_reasons(
    group: InferredGroup, numbers: Mapping[str, Floats], tested: NDArray[np.bool_]
) -> Texts:
    """Why numbers are missing, the most basic reason first; empty where none is.

    Args:
        group: The comparisons.
        numbers: Their numbers.
        tested: Which compare; a control only tells that it has no unit.
    """
    comparison, always = group.comparison, group.sequential
    empty = group.plain.treatment.n == 0
    texts: list[Texts] = [
        np.where(empty, _NOBODY, "").astype(object),
        _said(comparison.difference.reason),
        _said(comparison.uplift.reason),
        np.where(comparison.uplift.bounded, "", _UNBOUNDED).astype(object),
        _said(comparison.posterior.reason),
        _said(always.reason),
        np.where(np.isnan(always.interval.low), _UNPLANNED, "").astype(object),
        np.where(np.isnan(numbers["users_needed"]), _UNREACHABLE, "").astype(object),
    ]
    found = texts[0]
    for text in texts[1:]:
        found = np.where(found == "", text, found)
    return np.where(tested | empty, found, "").astype(object)


def _said(codes: NDArray[np.int8]) -> Texts:
    return describe(codes).astype(object)
