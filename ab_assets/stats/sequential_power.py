"""What a test that may stop early can find, and what stopping early costs.

What belongs here: power, the drift a power needs, inflation of the size and expected size of a test
with looks, the always-valid test at planned looks included. What does not: boundaries with planned
error spending (``group_sequential``), units (``planned_size``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq

from ab_assets.stats import normal
from ab_assets.stats.always_valid import boundary, tuned_rho2
from ab_assets.stats.group_sequential import (
    GroupSequentialDesign,
    crossing_probability,
    spending_design,
    undecided,
)

if TYPE_CHECKING:
    from ab_assets.stats.arrays import Array


def single_look(alpha: float = 0.05) -> GroupSequentialDesign:
    """The fixed-size test as a design with its one look at the end.

    >>> single_look().efficacy.round(4).tolist()
    [1.96]
    """
    return spending_design([1.0], alpha)


def monitored_design(looks: int, alpha: float = 0.05) -> GroupSequentialDesign:
    """The always-valid test, tuned for the planned size and read at equal steps up to it.

    Its boundary at a fraction t of the planned units depends on t alone: with ρ² tuned for N units,
    Nρ² is a constant of α (Waudby-Smith et al. 2024, appendix B.2).

    Args:
        looks: how often it is read, the last time at the planned size.
        alpha: error rate over all looks, however many.

    Examples:
        >>> monitored_design(4).efficacy.round(3).tolist()
        [3.251, 3.079, 3.042, 3.035]
    """
    fractions = np.arange(1, looks + 1) / looks
    efficacy = boundary(fractions, tuned_rho2(alpha, 1.0), alpha)
    never = np.full_like(fractions, -np.inf)
    return GroupSequentialDesign(fractions, efficacy, never, alpha, float("nan"))


def power_at_drift(design: GroupSequentialDesign, drift: float) -> float:
    """Probability to find an effect at any look, both directions counted.

    Args:
        design: boundaries; futility is not acted on, so this is the power of who ignores it.
        drift: effect over its standard error at the last look.

    Examples:
        >>> round(power_at_drift(single_look(), 0.0), 12)
        0.05
        >>> round(power_at_drift(single_look(), 2.801582), 6)
        0.8
    """
    return float(crossing_probability(design.fractions, design.efficacy, abs(drift)).sum())


@dataclass(frozen=True, slots=True)
class PowerByDrift:
    """The power of one design at any drift, after one integration.

    Attributes:
        points: where paths without drift and without a finding are at the last look.
        masses: their probabilities.
        time: information fraction of the last look.
        enough: a drift at which the last look alone has half the power.
    """

    points: Array
    masses: Array
    time: float
    enough: float

    @classmethod
    def of(cls, design: GroupSequentialDesign) -> PowerByDrift:
        """Integrates once over the looks.

        >>> round(PowerByDrift.of(single_look()).power(2.801582), 6)
        0.8
        """
        last = float(design.fractions[-1])
        points, masses = undecided(design.fractions, design.efficacy)
        return cls(points, masses, last, float(design.efficacy[-1] / np.sqrt(last)))

    def power(self, drift: float) -> float:
        """The same as :func:`power_at_drift`, to 1e-9."""
        tilted = np.exp(abs(drift) * self.points - 0.5 * drift * drift * self.time)
        return float(np.clip(1.0 - self.masses @ tilted, 0.0, 1.0))

    def drift(self, power: float) -> float:
        """The drift with this power; 0 where it is no more than the error rate."""
        if self.power(0.0) >= power * (1.0 - 1e-12):
            return 0.0
        # The last look alone has the power there; all looks together reach it sooner.
        beyond = float(normal.quantile(np.asarray(power))) / np.sqrt(self.time)
        upper = max(self.enough + beyond, 0.0) + 1e-6
        return float(brentq(lambda drift: self.power(drift) - power, 0.0, upper, xtol=1e-12))


def drift_needed(design: GroupSequentialDesign, power: float = 0.8) -> float:
    """The effect, in standard errors at the last look, that is found with this power.

    0 where the power asked for is no more than the error rate.

    >>> round(drift_needed(single_look(), 0.8), 6)
    2.801582
    """
    return PowerByDrift.of(design).drift(power)


def size_inflation(design: GroupSequentialDesign, power: float = 0.8) -> float:
    """Largest size of the design over the size of the fixed test with the same α and power.

    Jennison & Turnbull (1999), *Group Sequential Methods*, ch. 2: their R_P and R_B, which count
    only findings in the effect's own direction and differ by less than 0.001 for it.

    >>> from ab_assets.stats.group_sequential import classical_design
    >>> round(size_inflation(classical_design(5), 0.8), 3)
    1.028
    """
    fixed = drift_needed(single_look(design.alpha), power)
    return (drift_needed(design, power) / fixed) ** 2


def expected_fraction(design: GroupSequentialDesign, drift: float) -> float:
    """Expected size when the test stops as soon as it finds something, over its largest size.

    >>> from ab_assets.stats.group_sequential import classical_design
    >>> round(expected_fraction(classical_design(5), 0.0), 3)
    0.993
    """
    crossed = crossing_probability(design.fractions, design.efficacy, abs(drift))
    return float(crossed @ design.fractions) + (1.0 - float(crossed.sum())) * float(
        design.fractions[-1]
    )
