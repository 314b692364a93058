"""Many tests at once: p-values adjusted over a whole family.

What belongs here: adjustments of p-values. What does not: choosing the family (the report does:
all goal metrics × variations of an experiment, never one row), and intervals after selection
(``false_coverage``).

Each function adjusts along the last axis, leading axes being families of their own. NaN is no
test: it stays NaN and does not count. :func:`within_families` serves long tables with a family
label per row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ab_assets.stats.arrays import Array, quiet

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike


@quiet
def bonferroni(p_values: ArrayLike) -> Array:
    """p·m, valid under any dependence (Dunn 1961, JASA 56, 52–64).

    >>> bonferroni([0.01, 0.04, np.nan]).tolist()
    [0.02, 0.08, nan]
    """
    p = np.asarray(p_values, np.float64)
    return np.asarray(np.minimum(p * _tests(p), 1.0))


@quiet
def holm(p_values: ArrayLike) -> Array:
    """Step-down Bonferroni: as valid, never weaker (Holm 1979, Scand. J. Stat. 6, 65–70).

    >>> holm([0.01, 0.04, 0.03, 0.005]).round(12).tolist()
    [0.03, 0.06, 0.06, 0.02]
    """
    p = np.asarray(p_values, np.float64)

    def step_down(ordered: Array, rank: Array, tests: Array) -> Array:
        return np.asarray(np.maximum.accumulate(ordered * (tests - rank + 1.0), axis=-1))

    return _by_rank(p, step_down)


@quiet
def benjamini_hochberg(p_values: ArrayLike) -> Array:
    """Step-up adjustment of the false discovery rate (Benjamini & Hochberg 1995, JRSS B 57).

    >>> benjamini_hochberg([0.01, 0.04, 0.03, 0.005]).round(12).tolist()
    [0.02, 0.04, 0.04, 0.02]
    """
    return _by_rank(np.asarray(p_values, np.float64), _step_up)


@quiet
def benjamini_yekutieli(p_values: ArrayLike) -> Array:
    """Benjamini–Hochberg × Σ1/i: valid under any dependence (Benjamini & Yekutieli 2001).

    >>> benjamini_yekutieli([0.01, 0.04, 0.03, 0.005]).round(6).tolist()
    [0.041667, 0.083333, 0.083333, 0.041667]
    """
    p = np.asarray(p_values, np.float64)
    harmonic = np.cumsum(1.0 / np.arange(1.0, p.shape[-1] + 1.0))
    penalty = harmonic[np.maximum(_tests(p).astype(np.intp) - 1, 0)]
    return np.asarray(np.minimum(_by_rank(p, _step_up) * penalty, 1.0))


def within_families(
    p_values: ArrayLike, families: ArrayLike, method: Callable[[ArrayLike], Array]
) -> Array:
    """Adjusts a long table's p-values within each family of rows.

    Args:
        p_values: one per row.
        families: a label per row; rows with the same label are one family.
        method: one of this module's adjustments.

    Examples:
        >>> within_families([0.01, 0.02, 0.03], ["a", "b", "a"], bonferroni).tolist()
        [0.02, 0.02, 0.06]
    """
    p = np.asarray(p_values, np.float64)
    _, family, size = np.unique(np.asarray(families), return_inverse=True, return_counts=True)
    order = np.argsort(family, kind="stable")
    place = np.empty(p.size, dtype=np.intp)
    place[order] = np.arange(p.size) - np.repeat(np.cumsum(size) - size, size)
    padded = np.full((size.size, int(size.max(initial=0))), np.nan)
    padded[family, place] = p
    return method(padded)[family, place]


def _tests(p: Array) -> Array:
    return np.asarray(np.isfinite(p).sum(axis=-1, keepdims=True), dtype=np.float64)


def _step_up(ordered: Array, rank: Array, tests: Array) -> Array:
    scaled = np.where(np.isnan(ordered), np.inf, ordered * tests / rank)
    smallest = np.minimum.accumulate(scaled[..., ::-1], axis=-1)[..., ::-1]
    return np.where(np.isnan(ordered), np.nan, smallest)


def _by_rank(p: Array, adjust: Callable[[Array, Array, Array], Array]) -> Array:
    """``adjust`` on the p-values in ascending order (NaN last), put back into their places."""
    order = np.argsort(p, axis=-1)
    ordered = np.take_along_axis(p, order, axis=-1)
    rank = np.arange(1.0, p.shape[-1] + 1.0)
    adjusted = np.minimum(adjust(ordered, rank, _tests(p)), 1.0)
    result = np.empty_like(p)
    np.put_along_axis(result, order, adjusted, axis=-1)
    return result
