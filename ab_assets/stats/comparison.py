"""One contrast, everything that is reported of it: the path every metric type takes.

What belongs here: calling each method once, in the order that shares work. What does not: any
formula.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ab_assets.stats.always_valid import SequentialPlan, SequentialTest, always_valid_test
from ab_assets.stats.difference import DifferenceTest, difference_test
from ab_assets.stats.incremental import IncrementalTotal, incremental_total
from ab_assets.stats.posterior import FLAT, NormalPrior, Posterior, normal_posterior
from ab_assets.stats.uplift import UpliftInterval, fieller

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ab_assets.stats.arrays import Codes
    from ab_assets.stats.contrast import Contrast


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that is known of treatment against control.

    Attributes:
        contrast: the arms compared.
        difference: the absolute test and interval.
        uplift: the relative uplift and Fieller's interval, at the same critical value.
        posterior: the normal posterior of the difference.
        total: the net incremental total.
        sequential: always-valid answers, if a plan was given.
    """

    contrast: Contrast
    difference: DifferenceTest
    uplift: UpliftInterval
    posterior: Posterior
    total: IncrementalTotal
    sequential: SequentialTest | None

    @property
    def reason(self) -> Codes:
        """Why there is no inference (parts may have reasons of their own, e.g. a burn-in)."""
        return self.difference.reason


def compare(
    contrast: Contrast,
    alpha: ArrayLike = 0.05,
    *,
    prior: NormalPrior = FLAT,
    plan: SequentialPlan | None = None,
    events: ArrayLike = np.inf,
    higher_is_better: ArrayLike = True,
) -> Comparison:
    """Everything reported of a contrast; one comparison or a hundred thousand.

    Args:
        contrast: from ``mean_contrast``, ``proportion_contrast``, ``ratio_contrast``, …
        alpha: 1 − confidence, scalar or one per comparison.
        prior: of the effect; flat by default.
        plan: asks for always-valid answers as well.
        events: units with an event in the arm that has fewer, for the burn-in of those answers.
        higher_is_better: False for metrics that should fall.

    Examples:
        >>> from ab_assets.stats.proportion import proportion_contrast
        >>> arms = [8502, 20], [44700, 100], [8279, 30], [45489, 100]
        >>> result = compare(proportion_contrast(*arms))
        >>> result.difference.p_value.round(6).tolist()
        [0.001557, 0.10351]
        >>> result.uplift.interval.high.round(6).tolist()
        [-0.016635, 1.641392]
    """
    difference = difference_test(contrast, alpha)
    return Comparison(
        contrast=contrast,
        difference=difference,
        uplift=fieller(contrast, difference.critical_value, alpha),
        posterior=normal_posterior(contrast, prior, alpha, higher_is_better=higher_is_better),
        total=incremental_total(contrast, difference),
        sequential=None
        if plan is None
        else always_valid_test(contrast, plan, alpha, events=events),
    )
