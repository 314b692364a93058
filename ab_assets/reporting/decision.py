"""The decision: a rule table over one variation's comparisons.

What belongs here: the rules, in the order they are asked, and their sentences. What does not: the
numbers they read. `docs/statistics.md` shows the table with an example.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil, isnan

from ab_assets.modules.model import Direction, Role

DAYS_A_WEEK = 7
NOT_TRUSTED = "not trusted: "
# A day ends with its last microsecond: a week so far is 6.99999999999 days long.
_DIGITS_OF_DAYS = 6


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
        beyond_margin: Whether it is worse than the margin at any look: the always-valid interval
            lies wholly beyond it.
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
    beyond_margin: bool
    users: float
    users_needed: float
    days_needed: float
    enough: bool

    @property
    def improvement(self) -> float:
        """The effect, positive where it points the way it should."""
        return self.effect if self.direction is Direction.UP else -self.effect

    @property
    def size_reached(self) -> bool:
        """Whether the planned size is there, so that a fixed-horizon p-value may be read."""
        return self.users >= self.users_needed

    @property
    def is_open(self) -> bool:
        """Whether more users could still show an effect: its planned size is not reached.

        A metric that has its users and no number (every unit the same) never will have one; it
        holds nothing up.
        """
        return not self.enough or not (self.size_reached or isnan(self.p_value))

    def is_established(self, alpha: float) -> bool:
        """Whether there is an effect.

        Significant at the planned size, or at any size in a test that may be read every day.
        """
        if not self.enough or not self.p_value < alpha or self.effect == 0:
            return False
        return self.size_reached or self.sequential_p_value < alpha

    def breaches_margin(self, alpha: float) -> bool:
        """Whether it is worse than its margin allows.

        By the test at the planned size, or at any size by an interval that may be read every day.
        """
        if not self.enough or not self.improvement < 0 or not self.margin_p_value > 1 - alpha:
            return False
        return self.size_reached or self.beyond_margin


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision and why."""

    decision: Decision
    reason: str


@dataclass(frozen=True, slots=True)
class _Case:
    goals: Sequence[Evidence]
    guardrails: Sequence[Evidence]
    distrust: str
    days: float
    ended: bool
    alpha: float

    def established(self, sign: int) -> list[str]:
        """Goals with an effect for the better (1) or the worse (−1)."""
        return [
            item.metric
            for item in self.goals
            if item.is_established(self.alpha) and sign * item.improvement > 0
        ]


def decide(
    evidence: Sequence[Evidence], *, distrust: str, days: float, alpha: float, ended: bool = False
) -> Decided:
    """Applies the rules in order; the first that holds decides.

    1. not trusted → none
    2. a guardrail worse than its margin → rollback
    3. a goal established to be worse → rollback
    4. no goal with a number → none
    5. less than a whole week → extend to the week (none where the phase has ended)
    6. a goal established to be better → ship (guardrails not proven harmless are named)
    7. every goal's planned size reached → stop: no effect worth finding
    8. otherwise → extend by the days the slowest goal still needs (stop where the phase has ended)

    Args:
        evidence: Every metric of the variation, over all users.
        distrust: Why the experiment is not trusted; empty when it is.
        days: Days of the phase so far.
        alpha: Error rate.
        ended: Whether the phase has ended: nothing can be extended then.
    """
    case = _Case(
        goals=[item for item in evidence if item.role is Role.GOAL],
        guardrails=[item for item in evidence if item.role is Role.GUARDRAIL],
        distrust=distrust,
        days=round(days, _DIGITS_OF_DAYS),
        ended=ended,
        alpha=alpha,
    )
    answers = (rule(case) for rule in _RULES)
    return next(answer for answer in answers if answer is not None)


def _not_trusted(case: _Case) -> Decided | None:
    if not case.distrust:
        return None
    return Decided(Decision.NONE, f"{NOT_TRUSTED}{case.distrust}")


def _guardrail_worse(case: _Case) -> Decided | None:
    breached = [item.metric for item in case.guardrails if item.breaches_margin(case.alpha)]
    if not breached:
        return None
    return Decided(Decision.ROLLBACK, f"guardrail worse than its margin: {', '.join(breached)}")


def _goal_worse(case: _Case) -> Decided | None:
    worse = case.established(-1)
    return Decided(Decision.ROLLBACK, f"goal worse: {', '.join(worse)}") if worse else None


def _no_number(case: _Case) -> Decided | None:
    if any(not isnan(item.p_value) for item in case.goals):
        return None
    return Decided(Decision.NONE, "no goal has a number yet")


def _no_whole_week(case: _Case) -> Decided | None:
    if case.days >= DAYS_A_WEEK:
        return None
    if case.ended:
        reason = f"the phase ended after {case.days:.1f} days, less than a whole week"
        return Decided(Decision.NONE, reason)
    missing = ceil(DAYS_A_WEEK - case.days)
    verb = "makes" if missing == 1 else "make"
    return Decided(Decision.EXTEND, f"{_more_days(missing)} {verb} a whole week")


def _goal_better(case: _Case) -> Decided | None:
    better = case.established(1)
    if not better:
        return None
    reason = f"goal better: {', '.join(better)}"
    unproven = [item.metric for item in case.guardrails if not item.margin_p_value <= case.alpha]
    if unproven:
        reason = f"{reason}; not yet proven harmless: {', '.join(unproven)}"
    return Decided(Decision.SHIP, reason)


def _nothing_to_find(case: _Case) -> Decided | None:
    if any(item.is_open for item in case.goals):
        return None
    return Decided(Decision.STOP, "the planned size is reached and no goal moved")


def _more_needed(case: _Case) -> Decided:
    still = [item for item in case.goals if item.is_open]
    if case.ended:
        names = ", ".join(item.metric for item in still)
        return Decided(Decision.STOP, f"the phase ended before its planned size: {names}")
    known = [item for item in still if not (item.size_reached or isnan(item.days_needed))]
    if not known:
        names = ", ".join(item.metric for item in still)
        return Decided(Decision.EXTEND, f"too few users to plan with: {names}")
    slowest = max(known, key=lambda item: item.days_needed)
    weeks = ceil(slowest.days_needed / DAYS_A_WEEK)
    more = max(ceil(weeks * DAYS_A_WEEK - case.days), 1)
    until = f"until {slowest.metric} has {slowest.users_needed:,.0f} users"
    return Decided(Decision.EXTEND, f"{_more_days(more)} {until}")


_RULES: tuple[Callable[[_Case], Decided | None], ...] = (
    _not_trusted,
    _guardrail_worse,
    _goal_worse,
    _no_number,
    _no_whole_week,
    _goal_better,
    _nothing_to_find,
    _more_needed,
)


def _more_days(count: int) -> str:
    return f"{count:,} more {'day' if count == 1 else 'days'}"
