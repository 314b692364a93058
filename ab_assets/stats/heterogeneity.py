"""Whether an effect differs between groups (dimension values, experiments).

What belongs here: Cochran's Q and what follows from it. What does not: corrected estimates of each
group (``shrinkage``), one effect of all groups (``meta_analysis``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import chdtrc

from ab_assets.stats.arrays import Array, Codes, quiet
from ab_assets.stats.reasons import Reason, first_reason, only_where_valid

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """Spread of effects beyond their noise.

    Attributes:
        q: Cochran's Q, Σ(τ_h − τ̂)²/v_h.
        df: groups − 1.
        p_value: of Q; adjust it over the dimensions looked at, as over any table of tests.
        between_variance: τ², the moment estimate of the variance between groups, not below 0.
        share: I², the share of the spread that is not noise.
        reason: why it is NaN.
    """

    q: Array
    df: Array
    p_value: Array
    between_variance: Array
    share: Array
    reason: Codes


@quiet
def cochran_q(effects: ArrayLike, variances: ArrayLike) -> Heterogeneity:
    """Test that all groups have the same effect (Cochran 1954, Biometrics 10, 101–129).

    Groups without an effect or a variance are left out of Q and of its degrees of freedom.

    Args:
        effects: of the groups, ``(..., groups)``.
        variances: of the effects.

    Examples:
        >>> result = cochran_q([1.0, 2.0, 6.0], [1.0, 1.0, 1.0])
        >>> float(result.q), float(result.p_value).__round__(6)
        (14.0, 0.000912)
    """
    effect, variance = np.broadcast_arrays(
        np.asarray(effects, np.float64), np.asarray(variances, np.float64)
    )
    usable = np.isfinite(effect) & np.isfinite(variance) & (variance > 0)
    weight = np.where(usable, 1.0 / variance, 0.0)
    total = weight.sum(axis=-1)
    value = np.where(usable, effect, 0.0)
    mean = (weight * value).sum(axis=-1) / total
    q = (weight * (value - mean[..., None]) ** 2).sum(axis=-1)
    df = usable.sum(axis=-1) - 1.0
    between = (q - df) / (total - (weight**2).sum(axis=-1) / total)
    reason = first_reason((df < 1, Reason.TOO_FEW_GROUPS))
    q, p_value, between, share = only_where_valid(
        reason,
        q,
        np.asarray(chdtrc(np.maximum(df, 1.0), q)),
        np.maximum(between, 0.0),
        np.where(q > 0, np.maximum(1.0 - df / q, 0.0), 0.0),
    )
    return Heterogeneity(q, df, p_value, between, share, reason)
