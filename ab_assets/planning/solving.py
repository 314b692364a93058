"""The answer to a plan.

What belongs here: users, effect or power, whichever was not given, and the days they take. What
does not: what else a reader wants to compare it with (:mod:`ab_assets.planning.outlook`), words.
"""

from dataclasses import dataclass
from math import ceil, isfinite, sqrt
from typing import Literal

from ab_assets.errors import ConfigurationError
from ab_assets.planning.request import PlanRequest
from ab_assets.planning.testing import looks_of, needed_drift, power_of
from ab_assets.planning.traffic import whole_weeks
from ab_assets.stats.planned_size import detectable, drift_of_effect, units_for_effect
from ab_assets.stats.small_sample_power import t_detectable, t_power, t_units

Unknown = Literal["users", "effect", "power"]
#: Below so many users of two arms a mean is planned by Student's t instead of the normal limit.
SMALL_SAMPLE = 1000
_MOST_USERS = 1e13
_LOOKS_SETTLE = 6


@dataclass(frozen=True, slots=True)
class Plan:
    """An answered plan.

    Attributes:
        unknown: What was solved for.
        effect: Absolute, with its sign.
        exact_users: In all arms, before rounding each arm up.
        arm_users: Counted in each arm, the control first.
        power: To find the effect with these users.
        days: From the first user until so many count; ``None`` where the traffic is not known or
            ten years are too few.
        looks: How often the test is read.
    """

    request: PlanRequest
    unknown: Unknown
    effect: float
    exact_users: float
    arm_users: tuple[int, ...]
    power: float
    days: int | None
    looks: int

    @property
    def users(self) -> int:
        """Counted in all arms."""
        return sum(self.arm_users)

    @property
    def relative_effect(self) -> float:
        """The effect over the size of the baseline; NaN for a baseline of 0."""
        size = abs(self.request.metric.baseline)
        return self.effect / size if size else float("nan")

    @property
    def whole_weeks(self) -> int | None:
        """The days rounded up to whole weeks."""
        return None if self.days is None else whole_weeks(self.days)


def solve(request: PlanRequest) -> Plan:
    """Solves for what the request leaves open.

    Raises:
        ConfigurationError: No number of users finds the effect, or no effect is large enough.
    """
    if request.effect is not None and request.users is None and request.days is None:
        return _solve_users(request, request.effect)
    users = _given_users(request)
    days = request.days
    if days is None:
        days = days_until(request, users)
    looks = looks_of(request.test, counting_days(request, days))
    if request.effect is None:
        effect = effect_found(request, users, looks)
        if not isfinite(effect):
            message = (
                f"{users:,.0f} users are too few: even a change to the end of the scale would not "
                f"be found with {request.power * 100:.0f} % power"
            )
            raise ConfigurationError(message)
        return Plan(request, "effect", effect, users, _split(request, users), request.power, days,
                    looks)  # fmt: skip
    power = power_with(request, request.effect, users, looks)
    return Plan(request, "power", request.effect, users, _split(request, users), power, days, looks)


def users_needed(request: PlanRequest, effect: float, looks: int) -> float:
    """Users of all arms, not rounded, that find an absolute effect with the power asked for."""
    drift = needed_drift(request.test, looks, request.alpha_each, request.power)
    pair = float(units_for_effect(request.arms, effect, drift))
    if _is_small(request, pair):
        pair = float(
            t_units(
                effect / _adjusted_spread(request),
                request.power,
                request.arms.treatment_share,
                request.alpha_each,
            )
        )
    return pair / request.pair_share


def effect_found(request: PlanRequest, users: float, looks: int) -> float:
    """The absolute effect, in the direction looked for, found with the power asked for."""
    pair = users * request.pair_share
    if _is_small(request, pair):
        size = float(
            t_detectable(pair, request.power, request.arms.treatment_share, request.alpha_each)
        ) * _adjusted_spread(request)
        return -size if request.metric.fall else size
    drift = needed_drift(request.test, looks, request.alpha_each, request.power)
    return float(detectable(request.arms, pair, drift, fall=request.metric.fall))


def power_with(request: PlanRequest, effect: float, users: float, looks: int) -> float:
    """Probability to find an absolute effect with so many users of all arms."""
    pair = users * request.pair_share
    if _is_small(request, pair):
        share = request.arms.treatment_share
        size = effect / _adjusted_spread(request)
        return float(t_power(size, pair, share, request.alpha_each))
    drift = float(drift_of_effect(request.arms, effect, pair))
    return power_of(request.test, looks, request.alpha_each).power(drift)


def days_until(request: PlanRequest, users: float) -> int | None:
    """Days from the first user until so many count, the metric's window included."""
    if request.traffic is None:
        return None
    days = request.traffic.days_for(users)
    return None if days is None else days + request.metric.closing_days


def counting_days(request: PlanRequest, days: int | None) -> int | None:
    """Days on which users begin to count."""
    return None if days is None else days - request.metric.closing_days


def _solve_users(request: PlanRequest, effect: float) -> Plan:
    looks = looks_of(request.test, None)
    for _ in range(_LOOKS_SETTLE):
        users = users_needed(request, effect, looks)
        if not users <= _MOST_USERS:
            message = (
                f"an effect of {effect:g} is too small: more users than there are people would "
                "not find it"
            )
            raise ConfigurationError(message)
        arms = _split(request, users)
        days = days_until(request, sum(arms))
        # More days are more looks, and those a little less power lost: it settles at once.
        again = looks_of(request.test, counting_days(request, days))
        if again == looks:
            break
        looks = again
    power = power_with(request, effect, sum(arms), looks)
    return Plan(request, "users", effect, users, arms, power, days, looks)


def _given_users(request: PlanRequest) -> float:
    if request.users is not None:
        return float(request.users)
    counted = request.counted_by(request.days or 0)
    return counted or 0.0


def _split(request: PlanRequest, users: float) -> tuple[int, ...]:
    """Each arm rounded up where users are asked for; a given number is shared out as it is."""
    if request.effect is not None and request.users is None and request.days is None:
        return tuple(ceil(users * weight - 1e-9) for weight in request.weights)
    shares = [int(users * weight + 1e-9) for weight in request.weights]
    for place in range(int(users + 1e-9) - sum(shares)):
        shares[place % len(shares)] += 1
    return tuple(shares)


def _is_small(request: PlanRequest, pair: float) -> bool:
    """Whether the normal limit would flatter; a rate's small counts are a matter of their own."""
    return (
        request.metric.kind != "proportion" and request.test.kind == "fixed" and pair < SMALL_SAMPLE
    )


def _adjusted_spread(request: PlanRequest) -> float:
    return request.metric.stddev * sqrt(1.0 - request.metric.variance_reduction)
