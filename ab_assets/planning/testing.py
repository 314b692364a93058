"""The test of a plan as a design with looks.

What belongs here: which boundaries a choice means, and the drift it needs, remembered because they
are found by integration. What does not: users.
"""

from functools import lru_cache

from ab_assets.planning.request import (
    DEFAULT_DAILY_LOOKS,
    DEFAULT_LOOKS,
    MOST_LOOKS,
    Judgement,
)
from ab_assets.stats.group_sequential import GroupSequentialDesign, spending_design
from ab_assets.stats.sequential_power import PowerByDrift, monitored_design, single_look

FIXED = Judgement()
ALWAYS_VALID = Judgement("always-valid")
GROUP_SEQUENTIAL = Judgement("group-sequential")


def looks_of(test: Judgement, counting_days: int | None) -> int:
    """How often the test is read.

    Args:
        test: The choice.
        counting_days: Days on which users are added; ``None`` where that is not known.
    """
    if test.kind == "fixed":
        return 1
    if test.looks is not None:
        return test.looks
    if test.kind == "group-sequential":
        return DEFAULT_LOOKS
    days = DEFAULT_DAILY_LOOKS if counting_days is None else counting_days
    return min(max(days, 1), MOST_LOOKS)


@lru_cache(maxsize=512)
def design_of(test: Judgement, looks: int, alpha: float) -> GroupSequentialDesign:
    """The boundaries of the test at equally spaced looks."""
    if test.kind == "fixed":
        return single_look(alpha)
    if test.kind == "always-valid":
        return monitored_design(looks, alpha)
    fractions = [look / looks for look in range(1, looks + 1)]
    return spending_design(fractions, alpha, test.spending)


@lru_cache(maxsize=512)
def power_of(test: Judgement, looks: int, alpha: float) -> PowerByDrift:
    """The power of the test by the standard errors the effect is away from 0."""
    return PowerByDrift.of(design_of(test, looks, alpha))


@lru_cache(maxsize=512)
def needed_drift(test: Judgement, looks: int, alpha: float, power: float) -> float:
    """Standard errors the effect has to be away from 0 at the planned size."""
    return power_of(test, looks, alpha).drift(power)
