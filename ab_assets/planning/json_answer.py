"""A plan for programs.

What belongs here: plain values under lasting names; a number that could not be computed is null.
What does not: text for people.
"""

from math import isfinite

from ab_assets.planning.history import History
from ab_assets.planning.outlook import costs, durations, power_curve
from ab_assets.planning.request import PlanRequest
from ab_assets.planning.solving import Plan
from ab_assets.planning.wording import answer_sentence, notes


def plan_json(plan: Plan, history: History | None = None) -> dict[str, object]:
    """One plan; effects are absolute, ``…relative`` ones over the size of the baseline."""
    return {
        "answer": answer_sentence(plan),
        "notes": list(notes(plan)),
        **_asked(plan.request, history),
        "solved_for": plan.unknown,
        "effect": plan.effect,
        "effect_relative": _number(plan.relative_effect),
        "users": plan.users,
        "users_exact": plan.exact_users,
        "arm_users": list(plan.arm_users),
        "power": plan.power,
        "days": plan.days,
        "days_whole_weeks": plan.whole_weeks,
        "looks": plan.looks,
        "durations": [
            {
                "weeks": row.weeks,
                "users": row.users,
                "mde": _number(row.plain),
                "mde_cuped": _number(row.adjusted),
                "mde_always_valid": _number(row.always_valid),
                "mde_group_sequential": _number(row.group_sequential),
                "power": _number(row.power),
            }
            for row in durations(plan.request, plan.effect)
        ],
        "power_curve": [
            {"effect": point.effect, "power": point.power} for point in power_curve(plan)
        ],
        "tests": [
            {
                "test": cost.test.kind,
                "looks": cost.looks,
                "users": cost.users,
                "inflation": cost.inflation,
                "expected_users": cost.expected,
                "expected_users_without_effect": cost.expected_without,
            }
            for cost in costs(plan)
        ],
    }


def _asked(request: PlanRequest, history: History | None) -> dict[str, object]:
    metric, traffic = request.metric, request.traffic
    return {
        "tag": history.tag if history else None,
        "experiment": history.experiment_key if history else None,
        "as_of": history.event_date.isoformat() if history else None,
        "metric": metric.name or None,
        "title": metric.label or None,
        "type": metric.kind,
        "baseline": metric.baseline,
        "stddev": metric.spread,
        "variance_reduction": metric.variance_reduction,
        "closing_days": metric.closing_days,
        "weights": list(request.weights),
        "alpha": request.alpha,
        "comparisons": request.comparisons,
        "target_power": request.power,
        "test": request.test.kind,
        "users_a_day": traffic.pace if traffic else None,
        "users_on_the_first_days": list(traffic.first_days) if traffic else None,
    }


def _number(value: float) -> float | None:
    return value if isfinite(value) else None
