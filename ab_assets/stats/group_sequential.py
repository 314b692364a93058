"""Designs with a few planned looks: boundaries for success, and for futility.

What belongs here: boundaries from spending functions and the classical constant shapes, and the
decision at a look. What does not: inference at unplanned times (``always_valid``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.optimize import brentq

from ab_assets.stats import normal
from ab_assets.stats.arrays import Array, Flags, floats, quiet
from ab_assets.stats.intervals import Interval, Provenance
from ab_assets.stats.reasons import only_where_valid
from ab_assets.stats.spending import Spending, spent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ab_assets.stats.contrast import Contrast

NODES, WEIGHTS = np.polynomial.legendre.leggauss(160)
#: Bounds on a standardised statistic beyond which probabilities are below 1e-20.
FARTHEST = 9.5


@dataclass(frozen=True, slots=True)
class GroupSequentialDesign:
    """Boundaries of a test with planned looks.

    Attributes:
        fractions: information fractions of the looks, the last being 1.
        efficacy: stop for an effect when |z| is at least this.
        futility: stop for lack of one when z is at most this; −inf where it is never done.
        alpha: two-sided error rate over all looks.
        drift: expected z at the last look for which the power is as planned (NaN without futility).
    """

    fractions: Array
    efficacy: Array
    futility: Array
    alpha: float
    drift: float


@dataclass(frozen=True, slots=True)
class _Process:
    """Density of the statistic's Brownian path S(t) = z·√t among paths not stopped yet."""

    time: float
    points: Array
    masses: Array

    def advanced(self, time: float, low: float, high: float, drift: float) -> _Process:
        """The process at a later time, continued only between two values of z."""
        root = np.sqrt(time)
        floor, ceiling = (max(low, drift * root - FARTHEST), min(high, drift * root + FARTHEST))
        half = max(ceiling - floor, 0.0) * root / 2.0
        points = (floor * root) + half * (1.0 + NODES)
        step = np.sqrt(time - self.time)
        z = (points[:, None] - self.points - drift * (time - self.time)) / step
        density = (np.exp(-0.5 * z * z) / (normal.SQRT_2_PI * step)) @ self.masses
        return _Process(time, points, density * half * WEIGHTS)

    def above(self, time: float, z: float, drift: float) -> float:
        """Probability to be at or above z at a later time."""
        distance = self.points + drift * (time - self.time) - z * np.sqrt(time)
        return float(self.masses @ normal.cumulative(distance / np.sqrt(time - self.time)))

    def below(self, time: float, z: float, drift: float) -> float:
        """Probability to be at or below z at a later time."""
        distance = z * np.sqrt(time) - self.points - drift * (time - self.time)
        return float(self.masses @ normal.cumulative(distance / np.sqrt(time - self.time)))


START = _Process(0.0, np.zeros(1), np.ones(1))


def spending_design(
    fractions: Sequence[float], alpha: float = 0.05, spending: Spending = "obrien-fleming"
) -> GroupSequentialDesign:
    """Two-sided boundaries that spend α/2 on each side (Lan & DeMets 1983).

    Found by recursive integration, as Armitage, McPherson & Rowe (1969, JRSS A 132), on
    Gauss–Legendre nodes.

    Args:
        fractions: information at each look over the planned information, rising, the last 1.
        alpha: two-sided error rate.
        spending: how it is spread over the looks.

    Examples:
        >>> spending_design([0.2, 0.4, 0.6, 0.8, 1.0]).efficacy.round(4).tolist()
        [4.8769, 3.357, 2.6803, 2.2898, 2.031]
    """
    times = _checked(fractions)
    steps = np.diff(spent(times, alpha / 2.0, spending), prepend=0.0)
    return _design(times, _efficacy(times, steps), alpha)


def classical_design(
    looks: int, alpha: float = 0.05, shape: Literal["obrien-fleming", "pocock"] = "obrien-fleming"
) -> GroupSequentialDesign:
    """Constant-shape boundaries for equal looks: c/√t (O'Brien & Fleming 1979) or c (Pocock 1977).

    Args:
        looks: how many, equally spaced.
        alpha: two-sided error rate.
        shape: which.

    Examples:
        >>> float(classical_design(5).efficacy[-1]).__round__(4)
        2.0401
    """
    times = np.arange(1, looks + 1) / looks
    power = 0.5 if shape == "obrien-fleming" else 0.0

    def excess(constant: float) -> float:
        return float(crossing_probability(times, constant * times**-power).sum()) - alpha

    constant = brentq(excess, 0.5, 8.0, xtol=1e-12)
    return _design(times, constant * times**-power, alpha)


def with_futility(
    design: GroupSequentialDesign, power: float = 0.8, spending: Spending = "obrien-fleming"
) -> GroupSequentialDesign:
    """Adds lower boundaries that spend 1 − power under the planned effect (Pampallona et al. 2001).

    They are non-binding: the efficacy boundaries stay as they are, so that ignoring a futility
    signal costs no validity. The planned effect is the one for which both boundaries meet at the
    last look.

    Args:
        design: with efficacy boundaries.
        power: to be had at the planned effect.
        spending: how the type II error is spread over the looks.

    Examples:
        >>> with_futility(spending_design([0.5, 1.0])).futility.round(3).tolist()
        [0.559, 1.969]
    """
    beta = np.diff(spent(design.fractions, 1.0 - power, spending), prepend=0.0)

    def gap(drift: float) -> float:
        return min(float(_futility(design, beta, drift)[-1] - design.efficacy[-1]), FARTHEST)

    drift = brentq(gap, 0.1, 20.0, xtol=1e-10)
    lower = _futility(design, beta, drift)
    lower[-1] = design.efficacy[-1]
    return GroupSequentialDesign(design.fractions, design.efficacy, lower, design.alpha, drift)


def crossing_probability(
    fractions: Sequence[float] | Array, efficacy: Array, drift: float = 0.0
) -> Array:
    """Probability to cross ±``efficacy`` for the first time at each look, for a given drift.

    >>> float(crossing_probability([0.5, 1.0], np.array([2.1783, 2.1783])).sum()).__round__(4)
    0.05
    """
    process, crossed = START, []
    for time, bound in zip(fractions, efficacy, strict=True):
        crossed.append(process.above(time, bound, drift) + process.below(time, -bound, drift))
        process = process.advanced(time, -bound, bound, drift)
    return np.array(crossed)


def undecided(fractions: Sequence[float] | Array, efficacy: Array) -> tuple[Array, Array]:
    """Where paths without drift that have crossed at no look are at the last one.

    Under a drift δ each mass is multiplied by exp(δ·S − δ²·t/2), its likelihood ratio: one
    integration serves every drift.

    Returns:
        Values of S(t) = z·√t, and the probability at each.

    Examples:
        >>> points, masses = undecided([0.5, 1.0], np.array([2.1783, 2.1783]))
        >>> float(masses.sum()).__round__(4)
        0.95
    """
    process = START
    for time, bound in zip(fractions, efficacy, strict=True):
        process = process.advanced(time, -bound, bound, 0.0)
    return process.points, process.masses


@dataclass(frozen=True, slots=True)
class LookDecision:
    """What a planned look says.

    Attributes:
        interval: repeated confidence interval of the difference (Jennison & Turnbull 1989).
        effective: stop, there is an effect.
        futile: stop, the planned effect has become unlikely.
    """

    interval: Interval
    effective: Flags
    futile: Flags


@quiet
def decide(contrast: Contrast, design: GroupSequentialDesign, look: int) -> LookDecision:
    """The decision at the ``look``-th look (counted from 0).

    >>> from ab_assets.stats.proportion import proportion_contrast
    >>> design = spending_design([0.5, 1.0])
    >>> bool(decide(proportion_contrast(500, 1000, 600, 1000), design, 0).effective)
    True
    """
    (error,) = only_where_valid(contrast.reason, np.sqrt(contrast.variance))
    bound = design.efficacy[look]
    z = contrast.difference / error
    low, high, level = floats(
        contrast.difference - bound * error, contrast.difference + bound * error, 1 - design.alpha
    )
    provenance = Provenance(
        "absolute", "repeated-interval", contrast.adjustment, validity="group-sequential"
    )
    return LookDecision(
        interval=Interval(low, high, level, provenance),
        effective=np.asarray(np.abs(z) >= bound),
        futile=np.asarray(z <= design.futility[look]),
    )


def _checked(fractions: Sequence[float]) -> Array:
    times = np.asarray(fractions, np.float64)
    if times.size == 0 or times[0] <= 0 or (np.diff(times) <= 0).any() or times[-1] > 1:
        text = f"information fractions must rise within (0, 1], got {list(fractions)}"
        raise ValueError(text)
    return times


def _design(times: Array, efficacy: Array, alpha: float) -> GroupSequentialDesign:
    return GroupSequentialDesign(
        times, efficacy, np.full_like(efficacy, -np.inf), alpha, float("nan")
    )


def _root(function: Callable[[float], float]) -> float:
    return float(brentq(function, -FARTHEST, FARTHEST, xtol=1e-12))


def _efficacy(times: Array, steps: Array) -> Array:
    process, bounds = START, np.empty_like(times)
    for look, (time, step) in enumerate(zip(times, steps, strict=True)):
        # So little may be spent that no reachable z would cross: the look is only taken.
        if process.above(time, FARTHEST, 0.0) >= step:
            bounds[look] = np.inf
        else:
            here = process
            bounds[look] = _root(lambda z: here.above(time, z, 0.0) - step)  # noqa: B023
        process = process.advanced(time, -bounds[look], bounds[look], 0.0)
    return bounds


def _futility(design: GroupSequentialDesign, steps: Array, drift: float) -> Array:
    process, bounds = START, np.full_like(design.fractions, np.inf)
    for look, (time, step) in enumerate(zip(design.fractions, steps, strict=True)):
        here, centre = process, drift * np.sqrt(time)
        if here.below(time, centre + FARTHEST, drift) <= step:
            break  # Fewer paths are left than may be stopped: the drift is too large.
        if here.below(time, centre - FARTHEST, drift) >= step:
            bounds[look] = -np.inf
        else:
            bounds[look] = centre + _root(
                lambda z: here.below(time, centre + z, drift) - step  # noqa: B023
            )
        process = process.advanced(time, bounds[look], design.efficacy[look], drift)
    return bounds
