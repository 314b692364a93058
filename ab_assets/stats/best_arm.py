"""Which of several arms is best, and what choosing wrongly costs.

What belongs here: exact probabilities and losses among any number of normal posteriors. What does
not: turning them into traffic (``bandit``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ab_assets.stats import normal
from ab_assets.stats.arrays import Array, Codes, quiet
from ab_assets.stats.reasons import Reason, first_reason, only_where_valid

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: Breakpoints per arm in its standard deviations; Gauss–Legendre nodes between two neighbours.
BREAKPOINTS = np.linspace(-9.0, 9.0, 19)
NODES, WEIGHTS = np.polynomial.legendre.leggauss(8)
ROWS_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class BestArm:
    """Each arm's chance and cost of being chosen, ``(..., arms)``.

    Attributes:
        probability: P(the arm is the best of all).
        expected_loss: expected shortfall against the best arm, if this one is chosen.
        reason: why both are NaN.
    """

    probability: Array
    expected_loss: Array
    reason: Codes


@quiet
def best_arm(means: ArrayLike, deviations: ArrayLike) -> BestArm:
    """P(arm k is best) = ∫φ_k(x)·Π_{i≠k}Φ_i(x)dx, for independent normal posteriors.

    Integrated piecewise between the union of all arms' breakpoints, so that a sharp arm is resolved
    beside a vague one; no simulation, and no rule centred on one arm, which misses the others.

    Args:
        means: posterior means, ``(..., arms)``; negate them where lower is better.
        deviations: posterior standard deviations.

    Examples:
        >>> best_arm([0.0, 0.1, 0.2], [0.1, 0.1, 0.1]).probability.round(6).tolist()
        [0.047151, 0.224098, 0.728751]
    """
    mean, deviation = np.broadcast_arrays(
        np.asarray(means, np.float64), np.asarray(deviations, np.float64)
    )
    reason = first_reason(
        (~(np.isfinite(mean) & np.isfinite(deviation)).all(axis=-1), Reason.NOT_FINITE),
        ((deviation <= 0).any(axis=-1), Reason.NOT_POSITIVE),
    )
    arms = mean.shape[-1]
    fine = (reason == 0)[..., None]
    rows = np.where(fine, mean, 0.0).reshape(-1, arms)
    spread = np.where(fine, deviation, 1.0).reshape(-1, arms)
    probability, highest = np.empty_like(rows), np.empty(len(rows))
    for start in range(0, len(rows), ROWS_AT_ONCE):
        block = slice(start, start + ROWS_AT_ONCE)
        probability[block], highest[block] = _integrals(rows[block], spread[block])
    loss = highest.reshape(mean.shape[:-1])[..., None] - mean
    every = np.broadcast_to(reason[..., None], mean.shape)
    probability, loss = only_where_valid(every, probability.reshape(mean.shape), loss)
    return BestArm(probability, loss, reason)


def _integrals(mean: Array, deviation: Array) -> tuple[Array, Array]:
    """Probabilities of the rows' arms, and the expected value of the best."""
    breakpoints = mean[:, :, None] + deviation[:, :, None] * BREAKPOINTS
    breakpoints = np.sort(breakpoints.reshape(len(mean), -1), axis=-1)
    half = np.diff(breakpoints, axis=-1)[..., None] / 2.0
    x = (breakpoints[:, :-1, None] + half * (1.0 + NODES)).reshape(len(mean), 1, -1)
    weight = (half * WEIGHTS).reshape(len(mean), 1, -1)
    z = (x - mean[..., None]) / deviation[..., None]
    below = normal.cumulative(z)
    density = np.exp(-0.5 * z * z) / (normal.SQRT_2_PI * deviation[..., None])
    others = np.stack(
        [np.delete(below, arm, axis=1).prod(axis=1) for arm in range(mean.shape[1])], axis=1
    )
    won = weight * density * others
    return won.sum(axis=-1), (won * x).sum(axis=(-2, -1))
