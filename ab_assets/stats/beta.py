"""The beta distribution on the logit scale, where it is smooth and has exponential tails.

What belongs here: what integrals over beta distributions need: ranges, grids, masses, blocks of
rows. What does not: the integrals (``beta_binomial``, ``beta_difference``).

The trapezoid rule on an analytic integrand with exponential tails converges like no polynomial
rule, so equally spaced logits are all it takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import betainc, betaln, polygamma, psi

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ab_assets.stats.arrays import Array

#: Spacing of the grid: in standard deviations of the narrower posterior, and in logits.
STEP, LONGEST_STEP = 0.5, 0.25
#: How far the grid reaches: standard deviations, and log density given up in exponential tails.
REACH, TAIL = 9.5, 42.0
ROWS_AT_ONCE = 128


@dataclass(frozen=True, slots=True)
class Beta:
    """Beta distributions of many rows.

    Attributes:
        a: successes, prior included.
        b: failures, prior included.
    """

    a: Array
    b: Array

    @property
    def mean(self) -> Array:
        """Expected proportion."""
        return self.a / (self.a + self.b)

    @property
    def variance(self) -> Array:
        """Variance of the proportion."""
        total = self.a + self.b
        return self.a * self.b / (total * total * (total + 1.0))

    @property
    def third_cumulant(self) -> Array:
        """Third central moment of the proportion (Johnson, Kotz & Balakrishnan 1995, ch. 25)."""
        total = self.a + self.b
        return 2.0 * (self.b - self.a) / (total * (total + 2.0)) * self.variance

    @property
    def fourth_cumulant(self) -> Array:
        """Excess kurtosis × variance² of the proportion (the same chapter)."""
        total, product = self.a + self.b, self.a * self.b
        excess = (self.a - self.b) ** 2 * (total + 1.0) - product * (total + 2.0)
        return 6.0 * excess / (product * (total + 2.0) * (total + 3.0)) * self.variance**2

    @property
    def logit_deviation(self) -> Array:
        """Standard deviation of the proportion's logit."""
        return np.asarray(np.sqrt(polygamma(1, self.a) + polygamma(1, self.b)))

    def range(self) -> tuple[Array, Array]:
        """Logits beyond which nothing is left of the distribution."""
        centre, reach = psi(self.a) - psi(self.b), REACH * self.logit_deviation
        mode = np.log(self.a) - np.log(self.b)
        low = np.minimum(centre - reach, mode - TAIL / self.a)
        return low, np.maximum(centre + reach, mode + TAIL / self.b)

    def masses(self, x: Array) -> Array:
        """Weights of the points of a grid over the whole range; their sum is 1.

        Dividing by the sum and not by the beta function, whose logarithm loses digits as counts
        grow.
        """
        a, b = self.a[..., None], self.b[..., None]
        logarithm = -a * np.logaddexp(0.0, -x) - b * np.logaddexp(0.0, x)
        weights = np.exp(logarithm - logarithm.max(axis=-1, keepdims=True))
        return np.asarray(weights / weights.sum(axis=-1, keepdims=True))

    def density(self, p: Array) -> Array:
        """Density at proportions, 0 outside (0, 1)."""
        a, b = self.a[..., None], self.b[..., None]
        inside = (p > 0) & (p < 1)
        safe = np.where(inside, p, 0.5)
        logarithm = (a - 1.0) * np.log(safe) + (b - 1.0) * np.log1p(-safe) - betaln(a, b)
        return np.where(inside, np.exp(logarithm), 0.0)

    def below(self, p: Array) -> Array:
        """Distribution function, F."""
        return np.asarray(betainc(self.a[..., None], self.b[..., None], p))

    def above(self, p: Array) -> Array:
        """1 − F without cancellation: the mirrored beta's distribution function."""
        return np.asarray(betainc(self.b[..., None], self.a[..., None], 1.0 - p))

    def rows(self, chosen: NDArray[np.intp]) -> Beta:
        """Some of the rows."""
        return Beta(self.a[chosen], self.b[chosen])


def over_rows(
    method: Callable[[Beta, Beta], tuple[Array, Array]], a: Beta, b: Beta
) -> tuple[Array, Array]:
    """What a method makes of two distributions, in blocks of rows that need about the same grid."""
    shape = a.a.shape
    flat_a, flat_b = (Beta(np.ravel(one.a), np.ravel(one.b)) for one in (a, b))
    results = np.empty((2, flat_a.a.size))
    order = np.argsort(_need(flat_a, flat_b), kind="stable")
    for start in range(0, order.size, ROWS_AT_ONCE):
        rows = order[start : start + ROWS_AT_ONCE]
        results[:, rows] = method(flat_a.rows(rows), flat_b.rows(rows))
    return results[0].reshape(shape), results[1].reshape(shape)


def _need(a: Beta, b: Beta) -> Array:
    """Roughly how many points a row's grid has: the wider range in steps of the narrower."""
    low, high = (np.stack(ends) for ends in zip(a.range(), b.range(), strict=True))
    wide = np.max(high - low, axis=0)
    return np.asarray(wide / np.minimum(a.logit_deviation, b.logit_deviation))


def grid(low: Array, high: Array, deviation: Array) -> tuple[Array, Array]:
    """Logits from low to high, as many for every row as the neediest row needs; their step.

    Args:
        low: where each row's grid begins.
        high: where it ends.
        deviation: of what is integrated, in logits.
    """
    step = np.minimum(STEP * deviation, LONGEST_STEP)
    intervals = int(np.ceil(np.max((high - low) / step, initial=1.0)))
    width = (high - low) / intervals
    return low[:, None] + width[:, None] * np.arange(intervals + 1), width
