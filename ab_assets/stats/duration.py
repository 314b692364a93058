"""From units to days.

What belongs here: how long traffic takes to bring the units needed. What does not: how many are
needed (``power``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ab_assets.stats.arrays import Array, floats, quiet

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

DAYS_A_WEEK = 7.0


@quiet
def days_needed(
    units: ArrayLike,
    seen: ArrayLike,
    days: ArrayLike,
    *,
    whole_weeks: bool = False,
) -> Array:
    """Days from the start until ``units`` have arrived, at the pace seen so far.

    Args:
        units: needed in all arms compared.
        seen: units that arrived in the same arms.
        days: within which they arrived.
        whole_weeks: round up to whole weeks, so that every weekday counts alike.

    Examples:
        >>> float(days_needed(10_000, 3_000, 6))
        20.0
        >>> float(days_needed(10_000, 3_000, 6, whole_weeks=True))
        21.0
    """
    needed, arrived, elapsed = floats(units, seen, days)
    pace = np.where((arrived > 0) & (elapsed > 0), arrived / elapsed, np.nan)
    # The tiny allowance keeps 20.000000000000004 days from becoming 21.
    duration = np.ceil(needed / pace * (1.0 - 1e-12))
    if whole_weeks:
        duration = np.ceil(duration / DAYS_A_WEEK) * DAYS_A_WEEK
    return duration
