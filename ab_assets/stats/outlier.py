"""Whether a new value is unlike the few before it.

What belongs here: a robust z and its p-value for small histories. What does not: choosing the
history.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ab_assets.stats import student_t
from ab_assets.stats.arrays import quiet

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: The median absolute deviation of a normal variable is its standard deviation over this.
NORMAL = 1.4826
#: A median's efficiency for normal values: its variance is π/2 that of the mean.
MEDIAN_VARIANCE = np.pi / 2.0
#: Small samples understate the deviation by n/(n − 0.8) (Croux & Rousseeuw 1992).
SMALL_SAMPLE = 0.8
#: A median absolute deviation knows as much of the spread as this share of the values' squares.
EFFICIENCY = 0.37


@dataclass(frozen=True, slots=True)
class Outlier:
    """A value beside its history.

    Attributes:
        z: Distance from the median in deviations, NaN where the history does not vary.
        p_value: Two-sided, of a t with as many degrees of freedom as the deviation is worth.
        centre: The history's median.
        deviation: Its median absolute deviation, as a standard deviation.
    """

    z: float
    p_value: float
    centre: float
    deviation: float


@quiet
def outlier(value: float, history: ArrayLike) -> Outlier:
    """Holds a value against the median and the median absolute deviation of earlier ones.

    A deviation estimated from seven values is often far too small: z is compared with Student's t,
    whose tails allow for it, not with a fixed limit.

    Examples:
        >>> found = outlier(9.0, [1.0, 2.0, 3.0, 2.0, 1.0, 2.0, 3.0, 2.5])
        >>> round(found.z, 2), found.centre
        (5.67, 2.0)
        >>> outlier(9.0, [1.0, 1.0, 1.0]).p_value
        nan
    """
    past = np.asarray(history, np.float64)
    n = past.size
    centre = float(np.median(past)) if n else np.nan
    spread = float(np.median(np.abs(past - centre))) if n else np.nan
    deviation = NORMAL * spread * n / (n - SMALL_SAMPLE)
    z = (value - centre) / deviation if deviation > 0 else np.nan
    wider = np.sqrt(1.0 + MEDIAN_VARIANCE / n) if n else np.nan
    df = np.array(max(EFFICIENCY * n, 1.0))
    tail = student_t.lower_tail(np.array(-abs(z) / wider), df)
    return Outlier(float(z), float(2.0 * tail), centre, float(deviation))
