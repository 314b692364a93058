"""The normal posterior of the absolute difference, with what a decision needs from it.

What belongs here: the conjugate normal update, chance to win, expected loss. What does not:
proportions' exact posterior (``beta_binomial``) and the choice among many arms (``best_arm``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from ab_assets.stats import normal
from ab_assets.stats.arrays import Array, Codes, floats, quiet
from ab_assets.stats.intervals import Interval, Provenance
from ab_assets.stats.reasons import Reason, either, first_reason, only_where_valid

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ab_assets.stats.contrast import Contrast


@dataclass(frozen=True, slots=True)
class NormalPrior:
    """What is believed of the effect before the data; flat unless told otherwise.

    Attributes:
        mean: expected effect.
        deviation: its standard deviation; inf is flat.
        scale: ``relative`` means a share of |control mean|; it is honoured on either scale.
    """

    mean: ArrayLike = 0.0
    deviation: ArrayLike = np.inf
    scale: Literal["absolute", "relative"] = "relative"


FLAT = NormalPrior()


@dataclass(frozen=True, slots=True)
class Posterior:
    """Posterior of treatment minus control.

    Attributes:
        mean: posterior mean.
        deviation: posterior standard deviation.
        interval: central credible interval.
        chance_to_win: P(the treatment is the better arm).
        loss_if_shipped: expected loss of shipping the treatment.
        loss_if_kept: expected loss of keeping the control.
        reason: why all of it is NaN.
    """

    mean: Array
    deviation: Array
    interval: Interval
    chance_to_win: Array
    loss_if_shipped: Array
    loss_if_kept: Array
    reason: Codes


@quiet
def normal_posterior(
    contrast: Contrast,
    prior: NormalPrior = FLAT,
    alpha: ArrayLike = 0.05,
    *,
    higher_is_better: ArrayLike = True,
) -> Posterior:
    """Posterior of the difference under a normal likelihood (Gelman et al. 2013, BDA3, eq. 2.10).

    Args:
        contrast: the two arms.
        prior: on the absolute difference, or on the uplift; a relative prior is scaled by
            |m_a|.
        alpha: 1 − probability of the credible interval.
        higher_is_better: False for metrics that should fall; turns chance and losses round.

    Examples:
        >>> from ab_assets.stats.proportion import proportion_contrast
        >>> posterior = normal_posterior(proportion_contrast(20, 100, 30, 100))
        >>> float(posterior.chance_to_win).__round__(3)
        0.949
        >>> float(posterior.loss_if_shipped).__round__(5)
        0.00131
    """
    unit = np.abs(contrast.control.value) if prior.scale == "relative" else np.float64(1.0)
    flat = np.isinf(np.asarray(prior.deviation, np.float64))
    prior_precision = np.where(flat, 0.0, 1.0 / (np.asarray(prior.deviation) * unit) ** 2)
    variance = 1.0 / (prior_precision + 1.0 / contrast.variance)
    # A flat prior pulls nowhere, not to 0·inf on a control mean that is infinite or 0.
    pull = np.where(flat, 0.0, prior_precision * variance * np.asarray(prior.mean) * unit)
    mean = contrast.difference * (variance / contrast.variance) + pull
    deviation = np.sqrt(variance)
    improper = first_reason(
        (~(np.asarray(prior.deviation) > 0), Reason.NOT_POSITIVE),
        (~np.isfinite(prior_precision), Reason.ZERO_CONTROL_MEAN),
    )
    return posterior_summary(
        mean,
        deviation,
        alpha,
        reason=either(contrast.reason, improper),
        higher_is_better=higher_is_better,
        adjustment=contrast.adjustment,
    )


@quiet
def posterior_summary(
    mean: Array,
    deviation: Array,
    alpha: ArrayLike = 0.05,
    *,
    reason: Codes | None = None,
    higher_is_better: ArrayLike = True,
    adjustment: str = "none",
) -> Posterior:
    """Chance to win, losses and credible interval of an effect distributed N(mean, deviation²).

    >>> float(posterior_summary(np.array(0.0), np.array(1.0)).chance_to_win)
    0.5
    """
    half = -normal.quantile(np.asarray(alpha, np.float64) / 2.0)
    mean, deviation, half, outside = floats(mean, deviation, half, alpha)
    problem = np.zeros(mean.shape, np.int8) if reason is None else reason
    mean, deviation = only_where_valid(problem, mean, deviation)
    reach = half * deviation
    better = np.where(np.asarray(higher_is_better, np.bool_), 1.0, -1.0) * mean
    shipped, kept = normal.expected_losses(better, deviation)
    return Posterior(
        mean=mean,
        deviation=deviation,
        interval=Interval(
            mean - reach,
            mean + reach,
            1.0 - outside,
            Provenance("absolute", "normal-posterior", adjustment),
        ),
        chance_to_win=normal.cumulative(better / deviation),
        loss_if_shipped=shipped,
        loss_if_kept=kept,
        reason=problem,
    )
