"""What GrowthBook concludes from an effect.

What belongs here: its tests, sequential tests, posterior, neutral answers and intervals after
correction. What does not: estimating the effect (``effect``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ab_assets.stats import normal, student_t
from ab_assets.stats.always_valid import boundary, log_p_value
from ab_assets.stats.arrays import Array, Flags, floats, quiet
from ab_assets.stats.posterior import posterior_summary
from ab_assets.stats.sample_ratio import sample_ratio

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ab_assets.stats.difference import Alternative
    from ab_assets.stats.growthbook.effect import Effect

#: Its one-sided sequential p is searched between these and clamped to them.
SMALLEST_P, LARGEST_P = 1e-5, 0.4999
HALVINGS = 60


@dataclass(frozen=True, slots=True)
class Test:
    """A frequentist result; neutral (0, [0, 0], p = 1) where nothing can be computed."""

    estimate: Array
    standard_error: Array
    low: Array
    high: Array
    p_value: Array


@dataclass(frozen=True, slots=True)
class Bayes:
    """A Bayesian result; neutral (0, [0, 0], ½) where nothing can be computed."""

    estimate: Array
    standard_error: Array
    low: Array
    high: Array
    chance_to_win: Array
    risk_control: Array
    risk_treatment: Array


@quiet
def t_test(effect: Effect, alpha: ArrayLike = 0.05, alternative: Alternative = "two-sided") -> Test:
    """Welch's t on the (relative) effect.

    >>> from ab_assets.stats.growthbook.effect import mean_effect, proportion_moments
    >>> arms = proportion_moments(14, 28), proportion_moments(16, 30)
    >>> float(t_test(mean_effect(*arms)).p_value).__round__(5)
    0.80707
    """
    error = np.sqrt(effect.variance)
    t = effect.estimate / error
    sides = 2.0 if alternative == "two-sided" else 1.0
    towards = {"two-sided": -np.abs(t), "greater": -t, "less": t}[alternative]
    level = np.asarray(alpha, np.float64)
    reach = -student_t.quantile(level / sides, effect.df) * error
    p_value = sides * student_t.lower_tail(towards, effect.df)
    return _test(effect, error, reach, p_value, alternative)


@quiet
def sequential_test(
    effect: Effect,
    alpha: float = 0.05,
    tuning: float = 5000.0,
    alternative: Alternative = "two-sided",
) -> Test:
    """Its confidence sequence, on the (relative) effect, with an approximate ρ.

    >>> from ab_assets.stats.growthbook.effect import mean_effect, proportion_moments
    >>> arms = proportion_moments(1396, 3000), proportion_moments(2422, 3461)
    >>> float(sequential_test(mean_effect(*arms)).low).__round__(5)
    0.40098
    """
    error = np.sqrt(effect.variance)
    z = effect.estimate / error
    if alternative == "two-sided":
        rho2 = approximate_rho2(alpha, tuning)
        reach = boundary(effect.units, rho2, alpha) * error
        p_value = np.exp(log_p_value(z, effect.units, rho2))
    else:
        rho2 = approximate_rho2(2.0 * alpha, tuning)
        reach = boundary(effect.units, rho2, alpha, two_sided=False) * error
        p_value = _searched_p(z if alternative == "greater" else -z, effect.units, tuning)
    return _test(effect, error, reach, p_value, alternative)


@quiet
def approximate_rho2(alpha: ArrayLike, tuning: ArrayLike) -> Array:
    """(−2·log α + log(1 − 2·log α)) / N*, an expansion of the exact optimum.

    >>> float(approximate_rho2(0.05, 1.0)).__round__(4)
    7.9362
    """
    level, planned = floats(alpha, tuning)
    twice = -2.0 * np.log(level)
    return np.asarray((twice + np.log1p(twice)) / planned)


@quiet
def posterior(
    effect: Effect,
    prior_mean: ArrayLike = 0.0,
    prior_variance: ArrayLike = np.inf,
    alpha: ArrayLike = 0.05,
) -> Bayes:
    """Normal posterior; the prior is always on the relative scale.

    >>> from ab_assets.stats.growthbook.effect import mean_effect, proportion_moments
    >>> arms = proportion_moments(49, 100), proportion_moments(51, 100)
    >>> float(posterior(mean_effect(*arms)).chance_to_win).__round__(5)
    0.60918
    """
    unit = 1.0 if effect.relative else effect.control_size
    precision = 1.0 / (np.asarray(prior_variance, np.float64) * unit**2)
    share = 1.0 / (1.0 + precision * effect.variance)
    mean = share * effect.estimate + (1.0 - share) * np.asarray(prior_mean) * unit
    deviation = np.sqrt(share * effect.variance)
    result = posterior_summary(mean, deviation, alpha)
    neutral = _unusable(effect)
    return Bayes(
        estimate=np.where(neutral, 0.0, mean),
        standard_error=np.where(neutral, 0.0, deviation),
        low=np.where(neutral, 0.0, result.interval.low),
        high=np.where(neutral, 0.0, result.interval.high),
        chance_to_win=np.where(neutral, 0.5, result.chance_to_win),
        risk_control=np.where(neutral, 0.0, result.loss_if_kept),
        risk_treatment=np.where(neutral, 0.0, result.loss_if_shipped),
    )


@quiet
def interval_from_adjusted_p(
    estimate: ArrayLike, p_adjusted: ArrayLike, alpha: ArrayLike = 0.05
) -> tuple[Array, Array]:
    """Its interval after a correction: the normal one whose width would have given that p.

    Not an interval with a guaranteed false coverage rate; that is ``stats.false_coverage``.

    >>> [float(end).__round__(6) for end in interval_from_adjusted_p(0.1, 0.049999999)]
    [0.0, 0.2]
    """
    value, p, level = floats(estimate, p_adjusted, alpha)
    error = np.abs(value) / -normal.quantile(p / 2.0)
    reach = -normal.quantile(level / 2.0) * error
    return value - reach, value + reach


@quiet
def sample_ratio_p_value(units: ArrayLike, weights: ArrayLike) -> Array:
    """The chi-square p, 1 where there is nothing to test.

    >>> float(sample_ratio_p_value([0, 0], [0.5, 0.5]))
    1.0
    """
    ratio = sample_ratio(units, weights)
    return np.where(ratio.reason == 0, ratio.p_value, 1.0)


def _unusable(effect: Effect) -> Flags:
    broken = ~np.isfinite(effect.estimate) | ~(effect.variance > 0)
    return broken | (effect.control_size == 0) if effect.relative else broken


def _test(
    effect: Effect, error: Array, reach: Array, p_value: Array, alternative: Alternative
) -> Test:
    neutral = _unusable(effect)
    low, high = effect.estimate - reach, effect.estimate + reach
    low = np.full_like(low, -np.inf) if alternative == "less" else low
    high = np.full_like(high, np.inf) if alternative == "greater" else high
    return Test(
        estimate=np.where(neutral, 0.0, effect.estimate),
        standard_error=np.where(neutral, 0.0, error),
        low=np.where(neutral, 0.0, low),
        high=np.where(neutral, 0.0, high),
        p_value=np.where(neutral, 1.0, p_value),
    )


def _searched_p(z: Array, units: Array, tuning: float) -> Array:
    """The α, tuning included, whose one-sided boundary is z; between 1e-5 and 0.4999."""
    low, high = np.full(z.shape, SMALLEST_P), np.full(z.shape, LARGEST_P)
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        rho2 = approximate_rho2(2.0 * middle, tuning)
        crossed = boundary(units, rho2, middle, two_sided=False) < z
        low, high = np.where(crossed, low, middle), np.where(crossed, middle, high)
    return high
