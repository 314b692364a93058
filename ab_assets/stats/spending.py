"""How fast a planned number of looks may use up the error rate.

What belongs here: spending functions of the information fraction. What does not: the boundaries
they lead to (``group_sequential``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from ab_assets.stats import normal
from ab_assets.stats.arrays import Array, quiet

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Spending = Literal["obrien-fleming", "pocock"]


@quiet
def spent(fraction: ArrayLike, alpha: float, spending: Spending = "obrien-fleming") -> Array:
    """Error spent by an information fraction (Lan & DeMets 1983, Biometrika 70, 659–663).

    O'Brien–Fleming type: 2 − 2Φ(z_{1−α/2}/√t); Pocock type: α·log(1 + (e − 1)·t).

    Args:
        fraction: of the planned information, 0 to 1.
        alpha: error rate of one boundary (for a two-sided test half of its α).
        spending: which type.

    Examples:
        >>> spent([0.5, 1.0], 0.025).round(6).tolist()
        [0.001525, 0.025]
    """
    t = np.clip(np.asarray(fraction, np.float64), 0.0, 1.0)
    if spending == "pocock":
        return np.asarray(alpha * np.log1p((np.e - 1.0) * t))
    z = normal.quantile(np.asarray(alpha / 2.0))
    return np.where(t > 0, 2.0 * normal.cumulative(z / np.sqrt(t)), 0.0)
