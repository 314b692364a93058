"""The interval of the difference of two proportions under beta posteriors.

What belongs here: the distribution of p_b − p_a and its quantiles, and the whole posterior of it.
What does not: chance to win and losses (``beta_binomial``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import betainc, expit, logit, ndtri

from ab_assets.stats.arrays import Array, Flags, quiet
from ab_assets.stats.beta import LONGEST_STEP, Beta, grid, over_rows
from ab_assets.stats.beta_binomial import (
    UNIFORM,
    BetaPrior,
    beta_posterior,
    beta_posteriors,
)
from ab_assets.stats.intervals import Interval, Provenance
from ab_assets.stats.posterior import Posterior
from ab_assets.stats.reasons import only_where_valid

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: Newton's error squares with each step: after a step of 1e-7 spreads it is below 1e-13.
NEWTON_STEPS, CONVERGED = 20, 1e-7
#: Logits of mapped proportions end here: what is left beyond is below 1e-17.
FARTHEST = 40.0


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
    a, b, reason = beta_posteriors(
        control, control_n, treatment, treatment_n, prior=prior, control_prior=control_prior
    )

    def ends(one: Beta, other: Beta) -> tuple[Array, Array]:
        return _difference_quantile(one, other, alpha / 2), _difference_quantile(
            one, other, 1.0 - alpha / 2
        )

    low, high = only_where_valid(reason, *over_rows(ends, a, b))
    level = np.full_like(low, 1.0 - alpha)
    return Interval(low, high, level, Provenance("absolute", "beta-binomial"))


@quiet
def beta_difference_posterior(
    control: ArrayLike,
    control_n: ArrayLike,
    treatment: ArrayLike,
    treatment_n: ArrayLike,
    prior: BetaPrior = UNIFORM,
    *,
    alpha: float = 0.05,
    higher_is_better: ArrayLike = True,
) -> Posterior:
    """Everything reported of the difference of two proportions under beta posteriors.

    Args:
        control: successes in the control.
        control_n: units in the control.
        treatment: successes in the treatment.
        treatment_n: units in the treatment.
        prior: of both proportions.
        alpha: 1 − probability of the credible interval.
        higher_is_better: False for proportions that should fall; turns chance and losses round.

    Examples:
        >>> posterior = beta_difference_posterior(10, 1000, 20, 1000, higher_is_better=False)
        >>> float(posterior.chance_to_win).__round__(6)
        0.034296
    """
    counts = (control, control_n, treatment, treatment_n)
    exact = beta_posterior(*counts, prior)
    up = np.broadcast_to(np.asarray(higher_is_better, np.bool_), exact.mean.shape)
    return Posterior(
        mean=exact.mean,
        deviation=exact.deviation,
        interval=beta_difference_interval(*counts, prior, alpha=alpha),
        chance_to_win=np.where(up, exact.chance_to_win, 1.0 - exact.chance_to_win),
        loss_if_shipped=np.where(up, exact.loss_if_shipped, exact.loss_if_kept),
        loss_if_kept=np.where(up, exact.loss_if_kept, exact.loss_if_shipped),
        reason=exact.reason,
    )


def _difference_quantile(a: Beta, b: Beta, probability: float) -> Array:
    """Where the distribution function of p_b − p_a reaches the probability: bounded Newton."""
    spread = np.sqrt(a.variance + b.variance)
    least, most = np.full(spread.shape, -1.0), np.full(spread.shape, 1.0)
    guess = _expansion(a, b, probability, spread)
    moving = np.arange(spread.size)
    for _ in range(NEWTON_STEPS):
        bottom, top, at = least[moving], most[moving], guess[moving]
        at = np.where((at >= bottom) & (at <= top), at, (bottom + top) / 2.0)
        reached, slope = _distribution(a.rows(moving), b.rows(moving), at)
        excess = reached - probability
        least[moving] = np.where(excess < 0, at, bottom)
        most[moving] = np.where(excess < 0, top, at)
        step = np.clip(excess / slope, -spread[moving], spread[moving])
        guess[moving] = np.clip(at - step, least[moving], most[moving])
        moving = moving[np.abs(step) > CONVERGED * spread[moving]]
        if not moving.size:
            break
    return guess


def _expansion(a: Beta, b: Beta, probability: float, spread: Array) -> Array:
    """The quantile from four cumulants (Cornish & Fisher 1938): close, not exact."""
    z = float(ndtri(probability))
    skewness = (b.third_cumulant - a.third_cumulant) / spread**3
    excess = (b.fourth_cumulant + a.fourth_cumulant) / spread**4
    steps = (
        z
        + (z * z - 1.0) * skewness / 6.0
        + (z**3 - 3.0 * z) * excess / 24.0
        - (2.0 * z**3 - 5.0 * z) * skewness**2 / 36.0
    )
    return b.mean - a.mean + steps * spread


def _distribution(a: Beta, b: Beta, difference: Array) -> tuple[Array, Array]:
    """P(p_b − p_a ≤ d) and its derivative.

    For d > 0 it is ∫f_A(p)·F_B(p + d)dp, for d < 0 ∫f_B(p)·(1 − F_A(p + |d|))dp, over p in
    (0, 1 − |d|); beyond, the inner function is 1 or 0. That range is mapped to the logits, so that
    the integrand falls off exponentially at both ends, whatever the densities do there.
    """
    up, shift = difference > 0, np.abs(difference)
    outer, inner = _either(up, a, b), _either(up, b, a)
    room = 1.0 - shift
    low, high = (
        np.minimum(logit(np.minimum(expit(end) / room, 1.0)), FARTHEST) for end in outer.range()
    )
    mean = outer.mean
    step = np.minimum(outer.logit_deviation, np.sqrt(inner.variance) / (mean * (1.0 - mean)))
    x, width = grid(low, np.maximum(high, low + LONGEST_STEP), step)
    p, rest = room[:, None] * expit(x), room[:, None] * expit(-x)
    mass = outer.density(p) * p * expit(-x) * width[:, None]
    partner = p + shift[:, None]
    first, second = inner.a[:, None], inner.b[:, None]
    above = np.where(up, outer.above(room[:, None])[:, 0], 0.0)
    reached = betainc(
        np.where(up[:, None], first, second),
        np.where(up[:, None], second, first),
        np.where(up[:, None], partner, rest),
    )
    return (mass * reached).sum(axis=-1) + above, (mass * inner.density(partner)).sum(axis=-1)


def _either(where: Flags, one: Beta, other: Beta) -> Beta:
    return Beta(np.where(where, one.a, other.a), np.where(where, one.b, other.b))
