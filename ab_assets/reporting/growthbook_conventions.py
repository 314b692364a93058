"""The numbers GrowthBook would show, for modules with ``compat: growthbook``.

What belongs here: which columns take its conventions, so that its users see the number they know
beside the better one. What does not: the conventions themselves
(:mod:`ab_assets.stats.growthbook`).

Its relative test replaces p-value, statistic, uplift and their interval; the absolute difference,
its interval and everything valid at any look stay ours.
"""

from collections.abc import Sequence

import numpy as np

from ab_assets.modules.model import Direction
from ab_assets.reporting.arms import Arm
from ab_assets.reporting.inference import Estimator, InferredGroup
from ab_assets.reporting.sums import Floats
from ab_assets.stats.growthbook.effect import (
    Effect,
    mean_effect,
    proportion_moments,
    ratio_effect,
)
from ab_assets.stats.growthbook.inference import posterior, t_test
from ab_assets.stats.moments import Moments

METHOD = "growthbook relative t"


def growthbook_numbers(
    arms: Sequence[Arm], group: InferredGroup, alpha: float
) -> dict[str, Floats]:
    """The columns that differ; NaN where GrowthBook would show its neutral answer."""
    effect = _effect(group)
    test, bayes = t_test(effect, alpha), posterior(effect, alpha=alpha)
    chosen = [arms[place] for place in group.places]
    up = np.asarray([arm.metric.direction is Direction.UP for arm in chosen])
    usable = np.isfinite(effect.variance) & (effect.variance > 0)
    with np.errstate(all="ignore"):
        statistic = effect.estimate / np.sqrt(effect.variance)
    numbers = {
        "rel_uplift": effect.estimate,
        "rel_ci_low": test.low,
        "rel_ci_high": test.high,
        "statistic": statistic,
        "df": effect.df,
        "p_value": test.p_value,
        "chance_to_win": np.where(up, bayes.chance_to_win, 1.0 - bayes.chance_to_win),
    }
    return {name: np.where(usable, values, np.nan) for name, values in numbers.items()}


def _effect(group: InferredGroup) -> Effect:
    if group.estimator.is_ratio:
        return ratio_effect(group.control, group.treatment)
    if group.estimator is Estimator.SHARE:
        return mean_effect(*(_share(arm) for arm in (group.control, group.treatment)))
    return mean_effect(group.control, group.treatment)


def _share(moments: Moments) -> Moments:
    """Its variance of a share is p(1 − p), without n/(n − 1)."""
    with np.errstate(all="ignore"):
        return proportion_moments(np.round(moments.mean[:, 0] * moments.n), moments.n)
