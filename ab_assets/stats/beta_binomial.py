"""The exact posterior of two proportions.

What belongs here: beta posteriors, chance to win, expected losses and the interval of the
difference. What does not: the normal posterior (``posterior``), which is faster and enough for
large counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import betainc, betaln, expit, ndtri, polygamma, psi

from ab_assets.stats.arrays import Array, Codes, floats, quiet
from ab_assets.stats.intervals import Interval, Provenance
from ab_assets.stats.proportion import count_problem
from ab_assets.stats.reasons import Reason, either, first_reason, only_where_valid

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

#: Spacing of the grid: in standard deviations of the narrower posterior, and in logits.
STEP, LONGEST_STEP = 0.5, 0.25
#: How far the grid reaches: standard deviations, and log density given up in exponential tails.
REACH, TAIL = 9.5, 42.0
ROWS_AT_ONCE = 4096
NEWTON_STEPS = 14


@dataclass(frozen=True, slots=True)
class BetaPrior:
    """Belief about a proportion before the data; uniform unless told otherwise.

    ``BetaPrior.of(0.2, weight=50)`` says: about 20 %, as sure as after 50 units.
    """

    successes: ArrayLike = 1.0
    failures: ArrayLike = 1.0

    @classmethod
    def of(cls, mean: float, weight: float) -> BetaPrior:
        """A prior with this mean that counts as much as ``weight`` units."""
        return cls(mean * weight, (1.0 - mean) * weight)


UNIFORM = BetaPrior()


@dataclass(frozen=True, slots=True)
class BetaPosterior:
    """Posterior of two proportions.

    Attributes:
        control_mean: posterior mean of the control's proportion.
        treatment_mean: of the treatment's.
        mean: of the difference, treatment − control.
        deviation: of the difference.
        chance_to_win: P(treatment > control).
        loss_if_shipped: E max(control − treatment, 0).
        loss_if_kept: E max(treatment − control, 0).
        reason: why all of it is NaN.
    """

    control_mean: Array
    treatment_mean: Array
    mean: Array
    deviation: Array
    chance_to_win: Array
    loss_if_shipped: Array
    loss_if_kept: Array
    reason: Codes


@dataclass(frozen=True, slots=True)
class _Beta:
    """A beta distribution on the logit scale, where it is smooth and has exponential tails."""

    a: Array
    b: Array

    @property
    def mean(self) -> Array:
        return self.a / (self.a + self.b)

    @property
    def variance(self) -> Array:
        total = self.a + self.b
        return self.a * self.b / (total * total * (total + 1.0))

    @property
    def logit_deviation(self) -> Array:
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
        a, b = self.a[..., None], self.b[..., None]
        inside = (p > 0) & (p < 1)
        safe = np.where(inside, p, 0.5)
        logarithm = (a - 1.0) * np.log(safe) + (b - 1.0) * np.log1p(-safe) - betaln(a, b)
        return np.where(inside, np.exp(logarithm), 0.0)

    def below(self, p: Array) -> Array:
        return np.asarray(betainc(self.a[..., None], self.b[..., None], p))

    def above(self, p: Array) -> Array:
        """1 − F without cancellation: the mirrored beta's distribution function."""
        return np.asarray(betainc(self.b[..., None], self.a[..., None], 1.0 - p))

    def rows(self, chosen: slice) -> _Beta:
        return _Beta(self.a[chosen], self.b[chosen])


@quiet
def beta_posterior(
    control: ArrayLike,
    control_n: ArrayLike,
    treatment: ArrayLike,
    treatment_n: ArrayLike,
    prior: BetaPrior = UNIFORM,
    *,
    control_prior: BetaPrior | None = None,
) -> BetaPosterior:
    """Beta posteriors compared exactly (Miller 2014, "Formulas for Bayesian A/B testing").

    P(B > A) = ∫f_B(p)·F_A(p)dp and E max(A − B, 0) = ∫F_B(p)·(1 − F_A(p))dp, by the trapezoid rule
    in logits. On analytic integrands with exponential tails it converges like no polynomial rule,
    and unlike the finite sums it takes priors that are no whole numbers, and counts of any size.

    Args:
        control: successes in the control.
        control_n: units in the control.
        treatment: successes in the treatment.
        treatment_n: units in the treatment.
        prior: of both proportions.
        control_prior: of the control's, if it differs.

    Examples:
        >>> posterior = beta_posterior(10, 1000, 20, 1000)
        >>> round(float(posterior.chance_to_win), 6), float(posterior.loss_if_shipped).__round__(8)
        (0.965704, 7.635e-05)
    """
    a, b, reason = _posteriors(control, control_n, treatment, treatment_n, (control_prior, prior))
    win, shipped = _over_rows(_chance_and_loss, a, b)
    difference = b.mean - a.mean
    kept = np.maximum(shipped + difference, 0.0)
    spread = np.sqrt(a.variance + b.variance)
    control_mean, treatment_mean, mean, deviation = only_where_valid(
        reason, a.mean, b.mean, difference, spread
    )
    win, shipped, kept = only_where_valid(reason, win, shipped, kept)
    return BetaPosterior(control_mean, treatment_mean, mean, deviation, win, shipped, kept, reason)


@quiet
def beta_difference_interval(
    control: ArrayLike,
    control_n: ArrayLike,
    treatment: ArrayLike,
    treatment_n: ArrayLike,
    prior: BetaPrior = UNIFORM,
    *,
    control_prior: BetaPrior | None = None,
    alpha: float = 0.05,
) -> Interval:
    """Central credible interval of p_b − p_a, by inverting its distribution function.

    Args:
        control: successes in the control.
        control_n: units in the control.
        treatment: successes in the treatment.
        treatment_n: units in the treatment.
        prior: of both proportions.
        control_prior: of the control's, if it differs.
        alpha: 1 − probability of the interval.

    Examples:
        >>> ends = beta_difference_interval(10, 1000, 20, 1000)
        >>> float(ends.low).__round__(4), float(ends.high).__round__(4)
        (-0.0008, 0.0213)
    """
    a, b, reason = _posteriors(control, control_n, treatment, treatment_n, (control_prior, prior))

    def ends(one: _Beta, other: _Beta) -> tuple[Array, Array]:
        return _difference_quantile(one, other, alpha / 2), _difference_quantile(
            one, other, 1.0 - alpha / 2
        )

    low, high = only_where_valid(reason, *_over_rows(ends, a, b))
    level = np.full_like(low, 1.0 - alpha)
    return Interval(low, high, level, Provenance("absolute", "beta-binomial"))


def _posteriors(
    control: ArrayLike,
    control_n: ArrayLike,
    treatment: ArrayLike,
    treatment_n: ArrayLike,
    priors: tuple[BetaPrior | None, BetaPrior],
) -> tuple[_Beta, _Beta, Codes]:
    own, common = priors[0] or priors[1], priors[1]
    x_a, n_a, x_b, n_b, a_1, a_2, b_1, b_2 = floats(
        control, control_n, treatment, treatment_n,
        own.successes, own.failures, common.successes, common.failures,
    )  # fmt: skip
    proper = (a_1 > 0) & (a_2 > 0) & (b_1 > 0) & (b_2 > 0)
    reason = either(
        first_reason(
            (~(np.isfinite(x_a + n_a) & np.isfinite(x_b + n_b)), Reason.NOT_FINITE),
            (~proper, Reason.NOT_POSITIVE),
        ),
        count_problem(x_a, n_a),
        count_problem(x_b, n_b),
    )
    fine = reason == 0

    def posterior(x: Array, n: Array, successes: Array, failures: Array) -> _Beta:
        return _Beta(np.where(fine, x + successes, 1.0), np.where(fine, n - x + failures, 1.0))

    return posterior(x_a, n_a, a_1, a_2), posterior(x_b, n_b, b_1, b_2), reason


def _over_rows(
    method: Callable[[_Beta, _Beta], tuple[Array, Array]], a: _Beta, b: _Beta
) -> tuple[Array, Array]:
    """``method`` on flat blocks of rows, so that the grids fit into memory."""
    shape = a.a.shape
    flat_a, flat_b = (_Beta(np.ravel(one.a), np.ravel(one.b)) for one in (a, b))
    results = np.empty((2, flat_a.a.size))
    for start in range(0, flat_a.a.size, ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        results[:, rows] = method(flat_a.rows(rows), flat_b.rows(rows))
    return results[0].reshape(shape), results[1].reshape(shape)


def _grid(low: Array, high: Array, a: _Beta, b: _Beta) -> tuple[Array, Array]:
    """Logits from low to high, as many for every row as the neediest row needs; their step."""
    step = np.minimum(STEP * np.minimum(a.logit_deviation, b.logit_deviation), LONGEST_STEP)
    intervals = int(np.ceil(np.max((high - low) / step, initial=1.0)))
    width = (high - low) / intervals
    return low[:, None] + width[:, None] * np.arange(intervals + 1), width


def _chance_and_loss(a: _Beta, b: _Beta) -> tuple[Array, Array]:
    x, _ = _grid(*b.range(), a, b)
    win = (b.masses(x) * a.below(expit(x))).sum(axis=-1)
    # F_B·(1 − F_A) lives where B may be below and A above: from B's lower to A's upper end.
    low, high = b.range()[0], a.range()[1]
    x, width = _grid(low, np.maximum(high, low + LONGEST_STEP), a, b)
    p = expit(x)
    overlap = b.below(p) * a.above(p) * p * expit(-x)
    return np.clip(win, 0.0, 1.0), overlap.sum(axis=-1) * width


def _difference_quantile(a: _Beta, b: _Beta, probability: float) -> Array:
    """Where the distribution function of p_b − p_a reaches the probability: bounded Newton."""
    x, _ = _grid(*b.range(), a, b)
    p, mass = expit(x), b.masses(x)
    low, high = np.full(a.a.shape, -1.0), np.full(a.a.shape, 1.0)
    spread = np.sqrt(a.variance + b.variance)
    guess = b.mean - a.mean + float(ndtri(probability)) * spread
    for _ in range(NEWTON_STEPS):
        guess = np.where((guess > low) & (guess < high), guess, (low + high) / 2.0)
        partner = p - guess[:, None]
        excess = (mass * a.above(np.clip(partner, 0.0, 1.0))).sum(axis=-1) - probability
        low, high = np.where(excess < 0, guess, low), np.where(excess < 0, high, guess)
        slope = (mass * a.density(partner)).sum(axis=-1)
        guess = guess - np.clip(excess / slope, -spread, spread)
    return np.clip(guess, low, high)
