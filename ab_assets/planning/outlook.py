"""What to compare a plan with before deciding.

What belongs here: the detectable effect by duration, power by size of effect, what CUPED saves,
what other tests cost. What does not: the plan itself (:mod:`ab_assets.planning.solving`), words.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ab_assets.planning.request import Judgement, PlannedMetric, PlanRequest
from ab_assets.planning.solving import (
    Plan,
    counting_days,
    effect_found,
    power_with,
    users_needed,
)
from ab_assets.planning.testing import (
    ALWAYS_VALID,
    FIXED,
    GROUP_SEQUENTIAL,
    design_of,
    looks_of,
    needed_drift,
)
from ab_assets.planning.traffic import DAYS_A_WEEK
from ab_assets.stats.planned_size import drift_of_effect
from ab_assets.stats.sequential_power import expected_fraction, power_at_drift

WEEKS = (1, 2, 3, 4, 6, 8)
_CURVE = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)


@dataclass(frozen=True, slots=True)
class Duration:
    """What an experiment of some weeks can find; effects are absolute, NaN where none is found.

    Attributes:
        users: That count by then, in all arms.
        plain: By the fixed test without CUPED.
        adjusted: By the fixed test with it.
        always_valid: By the always-valid test read daily, with CUPED.
        group_sequential: By five planned looks, with CUPED.
        power: Of the plan's test to find its effect.
    """

    weeks: int
    users: float
    plain: float = float("nan")
    adjusted: float = float("nan")
    always_valid: float = float("nan")
    group_sequential: float = float("nan")
    power: float = float("nan")


def durations(
    request: PlanRequest, effect: float, weeks: tuple[int, ...] = WEEKS
) -> Iterator[Duration]:
    """The detectable effect by duration; nothing where the traffic is not known."""
    for number in weeks:
        days = number * DAYS_A_WEEK
        counted = request.counted_by(days)
        if counted is None:
            return
        if counted < 2 * len(request.weights):
            yield Duration(number, max(counted, 0.0))
            continue
        own = counting_days(request, days)
        plain, adjusted, always_valid, group_sequential = (
            effect_found(item, counted, looks_of(item.test, own))
            for item in (
                _unadjusted(_judged(request, FIXED)),
                _judged(request, FIXED),
                _judged(request, ALWAYS_VALID),
                _judged(request, GROUP_SEQUENTIAL),
            )
        )
        yield Duration(
            number,
            counted,
            plain,
            adjusted,
            always_valid,
            group_sequential,
            power_with(request, effect, counted, looks_of(request.test, own)),
        )


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Power to find an effect with the plan's users."""

    effect: float
    power: float


def power_curve(plan: Plan) -> tuple[CurvePoint, ...]:
    """Power by effect, from a quarter to twice the plan's; none that no rate can have."""
    points = (
        CurvePoint(
            plan.effect * factor,
            power_with(plan.request, plan.effect * factor, plan.users, plan.looks),
        )
        for factor in _CURVE
        if _possible(plan.request.metric, plan.effect * factor)
    )
    return tuple(points)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a test needs for the plan's effect and power.

    Attributes:
        looks: How often it is read.
        users: In all arms, at most.
        inflation: Those over the users of the fixed test.
        expected: Users on average when the effect is there and the test stops as soon as it is
            found.
        expected_without: Users on average when there is no effect.
    """

    test: Judgement
    looks: int
    users: float
    inflation: float
    expected: float
    expected_without: float


def costs(plan: Plan) -> tuple[Cost, ...]:
    """The fixed, group-sequential and always-valid tests for the same effect, cheapest first."""
    fixed = users_needed(_judged(plan.request, FIXED), plan.effect, 1)
    return tuple(
        _cost(plan, test, fixed) for test in (FIXED, _sequential_of(plan), _monitored_of(plan))
    )


def saved_by_adjustment(plan: Plan) -> float:
    """Users that the effect would need without CUPED, in all arms."""
    return users_needed(_unadjusted(plan.request), plan.effect, plan.looks)


def power_at_the_end_alone(plan: Plan) -> float:
    """Power of the plan's test when it is read once, at the planned size."""
    pair = plan.users * plan.request.pair_share
    drift = float(drift_of_effect(plan.request.arms, plan.effect, pair))
    design = design_of(plan.request.test, plan.looks, plan.request.alpha_each)
    last = replace(
        design,
        fractions=design.fractions[-1:],
        efficacy=design.efficacy[-1:],
        futility=design.futility[-1:],
    )
    return power_at_drift(last, drift)


def _cost(plan: Plan, test: Judgement, fixed: float) -> Cost:
    request = _judged(plan.request, test)
    looks = plan.looks if test == plan.request.test else looks_of(test, _days_of(plan))
    users = users_needed(request, plan.effect, looks)
    design = design_of(test, looks, request.alpha_each)
    drift = needed_drift(test, looks, request.alpha_each, request.power)
    return Cost(
        test,
        looks,
        users,
        users / fixed,
        users * expected_fraction(design, drift),
        users * expected_fraction(design, 0.0),
    )


def _days_of(plan: Plan) -> int | None:
    return counting_days(plan.request, plan.days)


def _sequential_of(plan: Plan) -> Judgement:
    own = plan.request.test
    return own if own.kind == "group-sequential" else GROUP_SEQUENTIAL


def _monitored_of(plan: Plan) -> Judgement:
    own = plan.request.test
    return own if own.kind == "always-valid" else ALWAYS_VALID


def _judged(request: PlanRequest, test: Judgement) -> PlanRequest:
    return replace(request, test=test)


def _unadjusted(request: PlanRequest) -> PlanRequest:
    return replace(request, metric=replace(request.metric, variance_reduction=0.0))


def _possible(metric: PlannedMetric, effect: float) -> bool:
    return metric.kind != "proportion" or 0.0 <= metric.baseline + effect <= 1.0
