"""Power of Student's t-test, for samples so small that the normal limit flatters.

What belongs here: power by the noncentral t, and units and effect from it. What does not: the
normal limit (``power``, ``planned_size``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import nctdtr

from ab_assets.stats import student_t
from ab_assets.stats.arrays import Array, floats, quiet
from ab_assets.stats.search import smallest_sufficient

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: Two units an arm are the fewest that have a variance each.
FEWEST_UNITS = 4.0
#: From here on the normal limit is meant, and closer than 1 in 1,000 units.
MOST_UNITS = 1e6
#: Standard errors beyond the critical value from which on an effect is found surely.
CERTAIN = 20.0


@quiet
def t_power(
    effect_size: ArrayLike,
    units: ArrayLike,
    treatment_share: ArrayLike = 0.5,
    alpha: ArrayLike = 0.05,
) -> Array:
    """Two-sided power with n − 2 degrees of freedom (Cohen 1988, ch. 2; noncentral t).

    Args:
        effect_size: absolute effect over the standard deviation of a unit.
        units: of both arms together.
        treatment_share: of them that are treated.
        alpha: two-sided error rate.

    Examples:
        >>> float(t_power(0.5, 128)).__round__(4)
        0.8015
    """
    size, n, share, level = floats(effect_size, units, treatment_share, alpha)
    df = n - 2.0
    critical = -student_t.quantile(level / 2.0, df)
    # Farther out the power is 1, and the library's function gives up.
    noncentrality = np.minimum(
        np.abs(size) * np.sqrt(n * share * (1.0 - share)), critical + CERTAIN
    )
    found = 1.0 - nctdtr(df, noncentrality, critical)
    # Below 1e-20 the library now and then answers NaN.
    wrong_way = np.nan_to_num(nctdtr(df, noncentrality, -critical))
    return np.where(df > 0, found + wrong_way, np.nan)


@quiet
def t_units(
    effect_size: ArrayLike,
    target: ArrayLike = 0.8,
    treatment_share: ArrayLike = 0.5,
    alpha: ArrayLike = 0.05,
) -> Array:
    """Units of both arms together, not rounded; NaN where a million are not enough.

    >>> float(t_units(0.5)).__round__(2)
    127.53
    """
    size, wanted, share, level = floats(effect_size, target, treatment_share, alpha)
    most = np.full(size.shape, MOST_UNITS)
    found = smallest_sufficient(
        lambda n: t_power(size, n, share, level) >= wanted, np.full(size.shape, FEWEST_UNITS), most
    )
    return np.where(t_power(size, most, share, level) >= wanted, found, np.nan)


@quiet
def t_detectable(
    units: ArrayLike,
    target: ArrayLike = 0.8,
    treatment_share: ArrayLike = 0.5,
    alpha: ArrayLike = 0.05,
) -> Array:
    """The effect size (over the standard deviation) found with the power asked for.

    >>> float(t_detectable(128)).__round__(4)
    0.4991
    """
    n, wanted, share, level = floats(units, target, treatment_share, alpha)
    critical = -student_t.quantile(level / 2.0, n - 2.0)
    most = (critical + CERTAIN) / np.sqrt(n * share * (1.0 - share))
    found = smallest_sufficient(
        lambda size: t_power(size, n, share, level) >= wanted, np.zeros(n.shape), most
    )
    return np.where(n >= FEWEST_UNITS, found, np.nan)
