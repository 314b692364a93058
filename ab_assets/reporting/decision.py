"""The decision: a rule table over one variation's comparisons.

What belongs here: the rules, in the order they are asked, and their sentences. What does not: the
numbers they read. `docs/statistics.md` shows the table with an example.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil, isnan

from ab_assets.modules.model import Direction, Role

DAYS_A_WEEK = 7


class Decision(StrEnum):
    """What to do with a variation."""

    SHIP = "ship"
    ROLLBACK = "rollback"
    STOP = "stop"
    EXTEND = "extend"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One metric of one variation, over all users.

    Attributes:
        effect: Variation − control, absolute; NaN where unknown.
        p_value: Adjusted over its family.
        sequential_p_value: Valid at any look; NaN before the burn-in.
        margin_p_value: Of "worse by less than the margin".
        users: In both arms.
        users_needed: In both arms, to find the smallest effect worth finding; NaN where unknown.
        days_needed: From the start of the phase, at the pace so far.
        enough: Whether both arms have the metric's minimum sample.
    """

    metric: str
    role: Role
    direction: Direction
    effect: float
    p_value: float
    sequential_p_value: float
    margin_p_value: float
    users: float
    users_needed: float
    days_needed: float
    enough: bool

    @property
    def is_good(self) -> bool:
        """Whether the effect points the way it should."""
        return (self.effect > 0) == (self.direction is Direction.UP)

    @property
    def size_reached(self) -> bool:
        """Whether the planned size is there, so that a fixed-horizon p-value may be read."""
        return self.users >= self.users_needed

    def is_established(self, alpha: float) -> bool:
        """Whether there is an effect: significant at the planned size, or at any size in a test that
        may be read every day."""
        if not self.enough or isnan(self.p_value) or self.effect == 0:
            return False
        if self.sequential_p_value < alpha and self.p_value < alpha:
            return True
        return self.size_reached and self.p_value < alpha

    def breaches_margin(self, alpha: float) -> bool:
        """Whether it is worse than its margin allows, for sure."""
        return self.enough and not self.is_good and self.margin_p_value > 1 - alpha


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision and why."""

    decision: Decision
    reason: str


def decide(
    evidence: Sequence[Evidence], *, distrust: str, days: float, alpha: float
) -> Decided:
    """Applies the rules in order; the first that holds decides.

    1. not trusted → none
    2. a guardrail worse than its margin → rollback
    3. a goal established to be worse → rollback
    4. no goal with a number → none
    5. less than a whole week → extend to the week
    6. a goal established to be better → ship (guardrails not proven harmless are named)
    7. every goal's planned size reached → stop: no effect worth finding
    8. otherwise → extend by the days the slowest goal still needs

    Args:
        distrust: Why the experiment is not trusted; empty when it is.
        days: Days of the phase so far.
        alpha: Error rate.
    """
    if distrust:
        return Decided(Decision.NONE, f"not trusted: {distrust}")
    guardrails = [item for item in evidence if item.role is Role.GUARDRAIL]
    breached = [item.metric for item in guardrails if item.breaches_margin(alpha)]
    if breached:
        return Decided(Decision.ROLLBACK, f"guardrail worse than its margin: {', '.join(breached)}")
    goals = [item for item in evidence if item.role is Role.GOAL]
    established = [item for item in goals if item.is_established(alpha)]
    worse = [item.metric for item in established if not item.is_good]
    if worse:
        return Decided(Decision.ROLLBACK, f"goal worse: {', '.join(worse)}")
    readable = [item for item in goals if not isnan(item.p_value)]
    if not readable:
        return Decided(Decision.NONE, "no goal has a number yet")
    better = [item.metric for item in established]
    if days < DAYS_A_WEEK:
        missing = ceil(DAYS_A_WEEK - days)
        return Decided(Decision.EXTEND, f"{missing} more days make a whole week")
    if better:
        return Decided(Decision.SHIP, _ship_reason(better, guardrails, alpha))
    if all(item.enough and item.size_reached for item in readable):
        return Decided(Decision.STOP, "the planned size is reached and no goal moved")
    return Decided(Decision.EXTEND, _extend_reason(readable, days))


def _ship_reason(better: Sequence[str], guardrails: Sequence[Evidence], alpha: float) -> str:
    reason = f"goal better: {', '.join(better)}"
    unproven = [item.metric for item in guardrails if not item.margin_p_value <= alpha]
    if unproven:
        return f"{reason}; not yet proven harmless: {', '.join(unproven)}"
    return reason


def _extend_reason(goals: Sequence[Evidence], days: float) -> str:
    known = [item for item in goals if not isnan(item.days_needed) and not item.size_reached]
    if not known:
        return "a goal has too few users to plan with"
    slowest = max(known, key=lambda item: item.days_needed)
    weeks = ceil(slowest.days_needed / DAYS_A_WEEK)
    more = max(ceil(weeks * DAYS_A_WEEK - days), 1)
    return f"{more} more days until {slowest.metric} has {slowest.users_needed:,.0f} users"
