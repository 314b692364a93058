"""Events of exposed units: units that saw a variation and never did anything.

What belongs here: how many there are, in all and by arm. What does not: metrics
(``metric_missing``).

An exposure and an event of the same person must carry the same id. Where they do not, every metric
is 0 for nearly every unit, and no difference is ever found; where it happens in one arm only, a
large one is.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ab_assets.health.finding import Check, Finding, Status
from ab_assets.health.measure_sums import ArmSums
from ab_assets.modules.health_limits import DEFAULT_LIMITS, EventJoinLimits
from ab_assets.stats.contingency import chi_square

# Below it a chi-square of a 2 × 2 table does not hold.
_FEWEST_EXPECTED = 5.0


@dataclass(frozen=True, slots=True)
class _Gap:
    """The arm whose share of silent units is furthest from that of the others."""

    key: str
    share: float
    others: float
    p_value: float | None

    @property
    def size(self) -> float:
        return abs(self.share - self.others)


def check_event_join(
    experiment_id: str,
    arms: Mapping[str, ArmSums],
    limits: EventJoinLimits = DEFAULT_LIMITS.event_join,
) -> Finding:
    """Holds the share of units without any event to its limit, and compares it between the arms.

    A small difference between arms may be the treatment's own effect, so it has to be established
    and large before it means that events of one arm are lost.
    """
    units = sum(arm.units for arm in arms.values())
    silent = sum(arm.silent for arm in arms.values())
    share = silent / units if units else 0.0
    gap = _widest_gap(arms)
    established = gap is not None and gap.p_value is not None and gap.p_value < limits.alpha
    detail = {
        "units": {key: arm.units for key, arm in arms.items()},
        "without_event": {key: arm.silent for key, arm in arms.items()},
    }

    def finding(status: Status, message: str, distrust: str = "") -> Finding:
        return Finding(
            experiment_id,
            Check.EVENT_JOIN,
            status,
            message,
            value=share,
            threshold=limits.silent,
            p_value=gap.p_value if gap else None,
            detail=detail,
            distrust=distrust,
        )

    if not all(arm.counted for arm in arms.values()):
        return finding(Status.PASS, "these rows were made before all events were counted")
    told = f"{silent:,} of {units:,} exposed units ({share:.1%}) have no event since"
    if units >= max(limits.minimum_units, 1) and share >= limits.silent:
        message = f"{told}: exposures and events do not carry the same ids"
        return finding(Status.FAIL, message, "events of exposed units fail to join")
    if gap is not None and established and gap.size >= limits.warn:
        message = (
            f"{gap.share:.1%} of the units of {gap.key!r} have no event, {gap.others:.1%} of the "
            f"others (p = {gap.p_value:.2g})"
        )
        if gap.size >= limits.fail:
            return finding(Status.FAIL, message, "events of one arm fail to join")
        return finding(Status.WARN, message)
    return finding(Status.PASS, told)


def _widest_gap(arms: Mapping[str, ArmSums]) -> _Gap | None:
    present = {key: arm for key, arm in arms.items() if arm.units}
    if len(present) < 2:  # noqa: PLR2004 (nothing to compare with)
        return None
    units = np.array([arm.units for arm in present.values()], float)
    silent = np.array([arm.silent for arm in present.values()], float)
    test = chi_square(np.stack([silent, units - silent], axis=-1))
    holds = bool(test.reason == 0) and float(np.min(test.expected)) >= _FEWEST_EXPECTED
    others = (silent.sum() - silent) / (units.sum() - units)
    place = int(np.argmax(np.abs(silent / units - others)))
    return _Gap(
        list(present)[place],
        float(silent[place] / units[place]),
        float(others[place]),
        float(test.p_value) if holds else None,
    )
