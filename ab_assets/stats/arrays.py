"""Array manners every statistic shares.

What belongs here: the array type, turning arguments into broadcast floats, silence for undefined
arithmetic, and the rule for differences that rounding has eaten. What does not: anything
statistical.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.int8]

#: Decorator under which 0/0 is NaN and nothing warns; the NaN is then explained by a reason.
quiet = np.errstate(all="ignore")

#: A difference this much smaller than its terms holds no digit worth reporting.
ROUNDING = 1e-12


def floats(*values: ArrayLike) -> tuple[Array, ...]:
    """The arguments as float64 arrays of one common shape.

    >>> [array.shape for array in floats(1, [2, 3])]
    [(2,), (2,)]
    """
    return tuple(np.broadcast_arrays(*(np.asarray(value, dtype=np.float64) for value in values)))


def without_rounding_noise(value: Array, scale: Array, tolerance: ArrayLike = ROUNDING) -> Array:
    """``value``, or exactly 0 where it is only the rounding error of terms of size ``scale``.

    A constant metric must have variance 0, not 1e-19: otherwise its p-value is noise that looks
    like a result.

    >>> without_rounding_noise(np.array([1e-17, 0.5]), np.array([1.0, 1.0])).tolist()
    [0.0, 0.5]
    """
    return np.where(np.abs(value) <= tolerance * np.abs(scale), 0.0, value)
