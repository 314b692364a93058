"""Units, means and centred cross products of one arm: what every other module starts from.

What belongs here: turning the warehouse's shifted sums into centred moments, and adding the
moments of disjoint groups. What does not: any test or estimator.

Shapes: a trailing axis of k variables (two for cross products); all leading axes are comparisons.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ab_assets.stats.arrays import Array, quiet, without_rounding_noise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

EPSILON = float(np.finfo(np.float64).eps)
#: A sum of n squares is trusted to n roundings, but to no fewer and no more digits than these.
LEAST_NOISE, MOST_NOISE = 1e-14, 1e-9


@dataclass(frozen=True, slots=True)
class Moments:
    """First two moments of k variables over n units.

    Attributes:
        n: units, shape ``(...)``.
        mean: means, shape ``(..., k)``.
        scatter: sums of products of deviations from the mean, shape ``(..., k, k)``.
    """

    n: Array
    mean: Array
    scatter: Array

    @classmethod
    @quiet
    def from_sums(
        cls, n: ArrayLike, sums: ArrayLike, products: ArrayLike, shift: ArrayLike = 0.0
    ) -> Moments:
        """Moments from sums of ``v - shift`` and of its products.

        The shift makes a mean of 1e9 with a variance of 1 survive: squares of small numbers are
        summed, not of large ones (Chan, Golub & LeVeque 1983, The American Statistician 37,
        "shifted data"). Any constant near the mean will do.

        Args:
            n: units, ``(...)``.
            sums: sums of ``v - shift``, ``(..., k)``.
            products: upper triangle, row by row, of the sums of products of ``v - shift``,
                ``(..., k(k+1)/2)``: for x, y it is xx, xy, yy.
            shift: what was subtracted from each variable, ``(..., k)`` or a scalar.

        Examples:
            >>> Moments.from_sums(3, [3.0], [5.0], shift=1e9).variance().item()
            1.0
        """
        units, total = np.asarray(n, np.float64), np.asarray(sums, np.float64)
        raw = unpacked(products, total.shape[-1])
        centred_mean = total / units[..., None]
        scatter = raw - centred_mean[..., :, None] * total[..., None, :]
        diagonal = np.einsum("...ii->...i", raw)
        noise = np.clip(EPSILON * units, LEAST_NOISE, MOST_NOISE)[..., None]
        index = np.arange(total.shape[-1])
        scatter[..., index, index] = without_rounding_noise(
            scatter[..., index, index], diagonal, noise
        )
        # What does not vary has no covariance either, and a mean of 0 must not be what is left of
        # adding the shift again: a relative effect would divide by it.
        varies = scatter[..., index, index] != 0
        scatter = np.where(varies[..., :, None] & varies[..., None, :], scatter, 0.0)
        back = np.broadcast_to(np.asarray(shift, np.float64), total.shape)
        mean = without_rounding_noise(centred_mean + back, back, noise)
        return cls(units, mean, scatter)

    @classmethod
    def from_gram(cls, gram: ArrayLike, shift: ArrayLike = 0.0) -> Moments:
        """Moments from the packed Gram matrix of ``[1, v1, ..., vk]``: n, the sums, the products.

        Examples:
            >>> Moments.from_gram([2.0, 4.0, 10.0]).mean.tolist()
            [2.0]
        """
        packed = np.asarray(gram, np.float64)
        variables = triangle_side(packed.shape[-1]) - 1
        return cls.from_sums(
            packed[..., 0], packed[..., 1 : variables + 1], packed[..., variables + 1 :], shift
        )

    @classmethod
    @quiet
    def of(cls, values: ArrayLike) -> Moments:
        """Moments of rows, ``(..., n, k)``; for examples and tests, the engine never sees rows.

        Examples:
            >>> Moments.of([[1.0], [3.0]]).scatter.tolist()
            [[2.0]]
        """
        rows = np.asarray(values, np.float64)
        mean = rows.sum(axis=-2) / rows.shape[-2]
        deviations = rows - mean[..., None, :]
        scatter = np.swapaxes(deviations, -1, -2) @ deviations
        return cls(np.full(mean.shape[:-1], float(rows.shape[-2])), mean, scatter)

    @property
    @quiet
    def covariance(self) -> Array:
        """Sample covariance matrix (n - 1), NaN below two units."""
        degrees = np.where(self.n > 1, self.n - 1, np.nan)
        return self.scatter / degrees[..., None, None]

    @quiet
    def variance(self, variable: int = 0) -> Array:
        """Sample variance (n - 1) of one variable, NaN below two units."""
        return self.scatter[..., variable, variable] / np.where(self.n > 1, self.n - 1, np.nan)

    def select(self, *variables: int) -> Moments:
        """The moments of some of the variables, in the order given."""
        chosen = list(variables)
        return Moments(self.n, self.mean[..., chosen], self.scatter[..., chosen, :][..., :, chosen])

    @quiet
    def __add__(self, other: Moments) -> Moments:
        """Moments of the union of two disjoint groups (Chan, Golub & LeVeque 1979, eq. 2.1).

        Examples:
            >>> (Moments.of([[1.0]]) + Moments.of([[3.0]])).variance().item()
            2.0
        """
        n = self.n + other.n
        share = np.where(n > 0, other.n / n, 0.0)
        mine, theirs = (
            np.where(group.n[..., None] > 0, group.mean, 0.0) for group in (self, other)
        )
        gap = np.where((self.n > 0) & (other.n > 0), 1.0, 0.0)[..., None] * (theirs - mine)
        mean = np.where(self.n[..., None] > 0, mine + gap * share[..., None], theirs)
        between = (self.n * share)[..., None, None] * gap[..., :, None] * gap[..., None, :]
        scatter = sum(
            np.where(group.n[..., None, None] > 0, group.scatter, 0.0) for group in (self, other)
        )
        return Moments(n, np.where(n[..., None] > 0, mean, np.nan), scatter + between)


def merged(parts: Sequence[Moments]) -> Moments:
    """Moments of several disjoint groups together: merged arms, or a table put back together.

    Examples:
        >>> merged([Moments.of([[1.0]]), Moments.of([[2.0]]), Moments.of([[3.0]])]).mean.item()
        2.0
    """
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def unpacked(triangle: ArrayLike, side: int) -> Array:
    """The symmetric matrix of an upper triangle packed row by row.

    >>> unpacked([1.0, 2.0, 3.0], 2).tolist()
    [[1.0, 2.0], [2.0, 3.0]]
    """
    packed = np.asarray(triangle, np.float64)
    row, column = np.triu_indices(side)
    matrix = np.empty((*packed.shape[:-1], side, side))
    matrix[..., row, column] = packed
    matrix[..., column, row] = packed
    return matrix


def triangle_side(length: int) -> int:
    """The side of the matrix whose packed upper triangle has this length.

    >>> triangle_side(6)
    3
    """
    side = (math.isqrt(8 * length + 1) - 1) // 2
    if side * (side + 1) // 2 != length:
        text = f"{length} numbers are no packed triangle; k variables need (k+1)(k+2)/2 of them"
        raise ValueError(text)
    return side
