"""Finding where a monotone condition starts to hold, for whole arrays at once.

What belongs here: bisection. What does not: the conditions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from ab_assets.stats.arrays import Array, Flags

#: Enough for any range to shrink to the spacing of floats.
HALVINGS = 80


def smallest_sufficient(enough: Callable[[Array], Flags], low: Array, high: Array) -> Array:
    """The smallest value between low and high that is enough; high where none is.

    Args:
        enough: elementwise, False below some value and True from it on.
        low: lower ends.
        high: upper ends.

    Examples:
        >>> root = smallest_sufficient(lambda x: x * x >= 2.0, np.array(0.0), np.array(2.0))
        >>> float(root).__round__(12)
        1.414213562373
    """
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        sufficient = enough(middle)
        low, high = np.where(sufficient, low, middle), np.where(sufficient, middle, high)
    return high
