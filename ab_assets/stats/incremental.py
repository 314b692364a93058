"""What the treatment brought in total over the units that were treated.

What belongs here: the net incremental total. What does not: projections to units outside the
experiment.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ab_assets.stats.arrays import Array, Codes, quiet
from ab_assets.stats.intervals import Interval

if TYPE_CHECKING:
    from ab_assets.stats.contrast import Contrast
    from ab_assets.stats.difference import DifferenceTest


@dataclass(frozen=True, slots=True)
class IncrementalTotal:
    """Net total gained or lost because these units had the treatment and not the control.

    Attributes:
        total: difference × treated units.
        interval: of the total, given the units that were treated.
        reason: why the interval is NaN.
    """

    total: Array
    interval: Interval
    reason: Codes


@quiet
def incremental_total(contrast: Contrast, test: DifferenceTest) -> IncrementalTotal:
    """Difference × treated units, with the interval of the difference on that scale.

    >>> from ab_assets.stats.difference import difference_test
    >>> from ab_assets.stats.proportion import proportion_contrast
    >>> contrast = proportion_contrast(20, 100, 30, 200)
    >>> float(incremental_total(contrast, difference_test(contrast)).total).__round__(9)
    -10.0
    """
    treated = contrast.treatment.n
    return IncrementalTotal(
        total=contrast.difference * treated,
        interval=Interval(
            test.interval.low * treated,
            test.interval.high * treated,
            test.interval.level,
            replace(test.interval.provenance, scale="total"),
        ),
        reason=test.reason,
    )
