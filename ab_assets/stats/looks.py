"""The looks of one experiment put together.

What belongs here: running p-values and running intersections of intervals that are valid at every
look. What does not: making such p-values and intervals (``always_valid``,
``sample_ratio_sequential``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ab_assets.stats.arrays import Array, quiet

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@quiet
def running_p_value(p_values: ArrayLike) -> Array:
    """Smallest p so far along the last axis (looks, oldest first), passing over NaN.

    An always-valid p may be reported at its minimum: crossing once is a rejection for good.

    >>> running_p_value([np.nan, 0.5, 0.02, 0.3]).tolist()
    [nan, 0.5, 0.02, 0.02]
    """
    return np.asarray(np.fmin.accumulate(np.asarray(p_values, np.float64), axis=-1))


@quiet
def running_intersection(low: ArrayLike, high: ArrayLike) -> tuple[Array, Array]:
    """What all intervals so far have in common, along the last axis (Howard et al. 2021, §1).

    Low above high means that nothing is left: the effect was not constant over the looks.

    >>> [ends.tolist() for ends in running_intersection([0.0, -1.0], [3.0, 2.0])]
    [[0.0, 0.0], [3.0, 2.0]]
    """
    return (
        np.asarray(np.fmax.accumulate(np.asarray(low, np.float64), axis=-1)),
        np.asarray(np.fmin.accumulate(np.asarray(high, np.float64), axis=-1)),
    )
