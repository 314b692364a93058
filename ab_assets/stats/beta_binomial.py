"""The exact posterior of two proportions.

What belongs here: beta posteriors, chance to win, expected losses and the interval of the
difference. What does not: the normal posterior (``posterior``), which is faster and enough for
large counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from ab_assets.stats.arrays import Array, Codes, floats, quiet
from ab_assets.stats.beta import LONGEST_STEP, Beta, grid, over_rows
from ab_assets.stats.proportion import count_problem
from ab_assets.stats.reasons import Reason, either, first_reason, only_where_valid

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


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
    a, b, reason = beta_posteriors(
        control, control_n, treatment, treatment_n, prior=prior, control_prior=control_prior
    )
    win, shipped = over_rows(_chance_and_loss, a, b)
    difference = b.mean - a.mean
    kept = np.maximum(shipped + difference, 0.0)
    spread = np.sqrt(a.variance + b.variance)
    control_mean, treatment_mean, mean, deviation = only_where_valid(
        reason, a.mean, b.mean, difference, spread
    )
    win, shipped, kept = only_where_valid(reason, win, shipped, kept)
    return BetaPosterior(control_mean, treatment_mean, mean, deviation, win, shipped, kept, reason)


@quiet
def beta_posteriors(
    control: ArrayLike,
    control_n: ArrayLike,
    treatment: ArrayLike,
    treatment_n: ArrayLike,
    *,
    prior: BetaPrior,
    control_prior: BetaPrior | None,
) -> tuple[Beta, Beta, Codes]:
    """The two posteriors, and why there are none."""
    own = control_prior or prior
    x_a, n_a, x_b, n_b, a_1, a_2, b_1, b_2 = floats(
        control, control_n, treatment, treatment_n,
        own.successes, own.failures, prior.successes, prior.failures,
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

    def posterior(x: Array, n: Array, successes: Array, failures: Array) -> Beta:
        return Beta(np.where(fine, x + successes, 1.0), np.where(fine, n - x + failures, 1.0))

    return posterior(x_a, n_a, a_1, a_2), posterior(x_b, n_b, b_1, b_2), reason


def _chance_and_loss(a: Beta, b: Beta) -> tuple[Array, Array]:
    narrower = np.minimum(a.logit_deviation, b.logit_deviation)
    x, _ = grid(*b.range(), narrower)
    win = (b.masses(x) * a.below(expit(x))).sum(axis=-1)
    # F_B·(1 − F_A) lives where B may be below and A above: from B's lower to A's upper end.
    low, high = b.range()[0], a.range()[1]
    x, width = grid(low, np.maximum(high, low + LONGEST_STEP), narrower)
    p = expit(x)
    overlap = b.below(p) * a.above(p) * p * expit(-x)
    return np.clip(win, 0.0, 1.0), overlap.sum(axis=-1) * width
