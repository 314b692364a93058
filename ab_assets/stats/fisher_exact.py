"""Fisher's exact test of two proportions.

What belongs here: the two-sided exact p-value, vectorised. What does not: when to use it
(``small_counts``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import betaln

from ab_assets.stats.arrays import Array, floats, quiet
from ab_assets.stats.proportion import count_problem

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: Tables this close to the observed one in log probability count as equally likely (as in R).
TIE = 1e-7
NEGLIGIBLE = 1e-18


@quiet
def fisher_exact(
    control: ArrayLike, control_n: ArrayLike, treatment: ArrayLike, treatment_n: ArrayLike
) -> Array:
    """Two-sided p: the tables no likelier than the one seen, margins fixed (Fisher 1935, JRSS 98).

    Args:
        control: successes in the control.
        control_n: units in the control.
        treatment: successes in the treatment.
        treatment_n: units in the treatment.

    Returns:
        p-values; NaN where the counts are no counts.

    Examples:
        >>> float(fisher_exact(2, 10, 8, 10)).__round__(6)
        0.023014
    """
    a, n_a, b, n_b = floats(control, control_n, treatment, treatment_n)
    valid = (count_problem(a, n_a) == 0) & (count_problem(b, n_b) == 0) & (n_a > 0) & (n_b > 0)
    valid &= np.isfinite(n_a) & np.isfinite(n_b)
    p_value = np.full(a.shape, np.nan)
    if valid.any():
        p_value[valid] = _two_sided(a[valid], _Margins(n_a[valid], n_b[valid], (a + b)[valid]))
    return p_value


@dataclass(frozen=True, slots=True)
class _Margins:
    """The margins of 2 × 2 tables; tables are told apart by their first cell."""

    n_a: Array
    n_b: Array
    successes: Array

    @property
    def lowest(self) -> Array:
        return np.maximum(0.0, self.successes - self.n_b)

    @property
    def highest(self) -> Array:
        return np.minimum(self.successes, self.n_a)

    @property
    def mode(self) -> Array:
        return np.floor((self.successes + 1) * (self.n_a + 1) / (self.n_a + self.n_b + 2))

    def log_probability(self, cell: Array) -> Array:
        """Log of C(n_a, a)·C(n_b, k − a)/C(n_a + n_b, k), the hypergeometric probability."""
        return (
            _log_choose(self.n_a, cell)
            + _log_choose(self.n_b, self.successes - cell)
            - _log_choose(self.n_a + self.n_b, self.successes)
        )


def _log_choose(n: Array, k: Array) -> Array:
    return np.asarray(-np.log1p(n) - betaln(n - k + 1, k + 1))


def _two_sided(cell: Array, margins: _Margins) -> Array:
    outward = np.where(cell <= margins.mode, -1.0, 1.0)
    own_side = _tail(cell, outward, margins)
    other_side = _tail(_opposite(cell, outward, margins), -outward, margins)
    return np.minimum(own_side + other_side, 1.0)


def _opposite(cell: Array, outward: Array, margins: _Margins) -> Array:
    """The first table beyond the mode that is no likelier than the one seen, by bisection."""
    below = outward < 0
    limit = margins.log_probability(cell) + TIE
    likelier = np.where(
        below, np.maximum(margins.mode - 1, cell), np.minimum(margins.mode + 1, cell)
    )
    unlikelier = np.where(below, margins.highest + 1, margins.lowest - 1)
    while np.any(active := np.abs(unlikelier - likelier) > 1):
        middle = np.floor((likelier + unlikelier) / 2)
        is_likelier = margins.log_probability(middle) > limit
        likelier = np.where(active & is_likelier, middle, likelier)
        unlikelier = np.where(active & ~is_likelier, middle, unlikelier)
    return unlikelier


def _tail(start: Array, step: Array, margins: _Margins) -> Array:
    """Probability of ``start`` and of every table beyond it in the direction of ``step``."""
    lowest, highest = margins.lowest, margins.highest
    possible = (start >= lowest) & (start <= highest)
    cell = np.where(possible, start, lowest)
    term = np.where(possible, np.exp(margins.log_probability(cell)), 0.0)
    total = term.copy()
    while np.any(term > NEGLIGIBLE * total):
        failures_b = margins.n_b - margins.successes + cell
        up = (margins.n_a - cell) * (margins.successes - cell) / ((cell + 1) * (failures_b + 1))
        down = cell * failures_b / ((margins.n_a - cell + 1) * (margins.successes - cell + 1))
        term = term * np.where(step > 0, up, down)
        cell = np.clip(cell + step, lowest, highest)
        total = total + term
    return total
