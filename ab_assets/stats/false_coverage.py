"""Intervals that still cover after the interesting ones were picked.

What belongs here: the level at which intervals of selected comparisons are shown. What does not:
the selection (``multiplicity``) and the intervals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ab_assets.stats.arrays import Array, Flags, quiet

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@quiet
def false_coverage_alpha(selected: ArrayLike, tested: ArrayLike, alpha: ArrayLike = 0.05) -> Array:
    """The α of each selected interval, α·R/m (Benjamini & Yekutieli 2005, JASA 100, 71–81).

    Of m comparisons R were selected as significant; shown at level 1 − α·R/m, at most a share α of
    the
    shown intervals miss. Give the result to ``compare`` as ``alpha``. What was not selected keeps
    α.

    Args:
        selected: which comparisons are shown as significant, ``(..., m)``.
        tested: which were tested at all.
        alpha: the false coverage rate allowed.

    Examples:
        >>> false_coverage_alpha([True, False, False, False], True).tolist()
        [0.0125, 0.05, 0.05, 0.05]
    """
    chosen, among = np.broadcast_arrays(np.asarray(selected, bool), np.asarray(tested, bool))
    shown: Flags = chosen & among
    share = shown.sum(axis=-1, keepdims=True) / among.sum(axis=-1, keepdims=True)
    level = np.asarray(alpha, np.float64)
    return np.where(shown, level * share, level)
