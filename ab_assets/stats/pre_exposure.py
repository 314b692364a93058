"""Whether arms differed before they were treated.

What belongs here: the threshold for comparisons of covariates. What does not: the comparison
itself: it is an ordinary one, on the covariate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ab_assets.stats.arrays import Flags, quiet

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: The p below which a difference before exposure is no accident; divided by the number of tests.
THRESHOLD = 0.001


@quiet
def pre_exposure_bias(p_values: ArrayLike, threshold: float = THRESHOLD) -> Flags:
    """Which covariates differ between the arms: p < threshold / tests, along the last axis.

    Args:
        p_values: of the comparisons of covariates; NaN is no test and does not count.
        threshold: false-alarm rate over all of an experiment's tests together.

    Examples:
        >>> pre_exposure_bias([0.0004, 0.0006, 0.5, np.nan]).tolist()
        [False, False, False, False]
        >>> pre_exposure_bias([0.0002, 0.0006, 0.5, np.nan]).tolist()
        [True, False, False, False]
    """
    p = np.asarray(p_values, np.float64)
    tests = np.isfinite(p).sum(axis=-1, keepdims=True)
    return np.asarray(p < threshold / tests)
