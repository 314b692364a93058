"""Whether two experiments that ran on the same units change each other's effect.

What belongs here: the 2 × 2 difference in differences. What does not: finding experiments that
overlap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ab_assets.stats.arrays import quiet
from ab_assets.stats.contrast import (
    ArmEstimate,
    Contrast,
    arm_estimate,
    contrast_of,
    satterthwaite,
)
from ab_assets.stats.reasons import either

if TYPE_CHECKING:
    from ab_assets.stats.arrays import Array


@quiet
def interaction(
    neither: ArmEstimate, first_only: ArmEstimate, second_only: ArmEstimate, both: ArmEstimate
) -> Contrast:
    """Effect of the first experiment under the second's treatment, less that under its control.

    (m₁₁ − m₀₁) − (m₁₀ − m₀₀), the variance being the sum of the four (Kohavi, Tang & Xu 2020, ch.
    4). The contrast's arms are the two effects; its difference is the interaction.

    >>> from ab_assets.stats.proportion import proportion_arm
    >>> cells = [proportion_arm(successes, 100) for successes in (10, 20, 10, 30)]
    >>> float(interaction(*cells).difference).__round__(12)
    0.1
    """
    cells = [(cell.variance, cell.df) for cell in (neither, first_only, second_only, both)]
    return contrast_of(
        _effect(neither, first_only),
        _effect(second_only, both),
        variance=sum((variance for variance, _ in cells[1:]), cells[0][0]),
        df=satterthwaite(*cells),
        method="welch-t",
        reason=either(neither.reason, first_only.reason, second_only.reason, both.reason),
    )


def _effect(control: ArmEstimate, treatment: ArmEstimate) -> ArmEstimate:
    n: Array = control.n + treatment.n
    return arm_estimate(n, treatment.value - control.value, control.variance + treatment.variance)
