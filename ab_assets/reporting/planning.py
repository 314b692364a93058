"""What a comparison could find, and how much longer it needs.

What belongs here: power, detectable effect, users and days for the comparisons of a report. What
does not: their formulas (:mod:`ab_assets.stats.power`), planning ahead of an experiment.
"""

from collections.abc import Sequence

import numpy as np

from ab_assets.modules.engine import Engine
from ab_assets.reporting.arms import Arm
from ab_assets.reporting.inference import InferredGroup
from ab_assets.reporting.sums import Floats
from ab_assets.stats.duration import days_needed
from ab_assets.stats.power import design_of, power, relative_detectable_effect, units_needed


def planning_numbers(
    arms: Sequence[Arm], group: InferredGroup, engine: Engine, alphas: Floats
) -> dict[str, Floats]:
    """``power``, ``mde``, ``users_needed`` (both arms), ``days_needed`` (from the phase's start).

    All refer to the smallest relative effect worth finding, at the variances, split and pace seen
    so far, the adjustment included, and to a test that is corrected for the size of its family.

    Args:
        arms: The rows of the report.
        group: Comparisons of one estimator.
        engine: The module's choices.
        alphas: Error rate left to each row of the report.
    """
    chosen = [arms[place] for place in group.places]
    contrast = group.comparison.contrast
    effect = np.asarray([smallest_effect(arm, engine) for arm in chosen]) * np.abs(
        contrast.control.value
    )
    units = contrast.control.n + contrast.treatment.n
    design = design_of(contrast, alphas[group.places])
    with np.errstate(all="ignore"):
        possible = (contrast.reason == 0) & (effect > 0)
        numbers = {
            "power": power(design, effect, units),
            "mde": relative_detectable_effect(design, units, engine.power),
            "users_needed": units_needed(design, effect, engine.power),
        }
        days = np.asarray([arm.item.days for arm in chosen])
        numbers["days_needed"] = days_needed(numbers["users_needed"], units, days)
    return {name: np.where(possible, values, np.nan) for name, values in numbers.items()}


def smallest_effect(arm: Arm, engine: Engine) -> float:
    """The smallest relative effect of the metric worth finding."""
    own = arm.metric.minimum_effect
    return engine.minimum_effect if own is None else own
