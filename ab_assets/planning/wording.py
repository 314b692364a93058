"""A plan in words.

What belongs here: the answer in one sentence, and what has to be known beside it. What does not:
tables (:mod:`ab_assets.planning.tables`), where they are shown.
"""

from collections.abc import Iterator
from math import isfinite

from ab_assets.planning.history import History
from ab_assets.planning.outlook import power_at_the_end_alone, saved_by_adjustment
from ab_assets.planning.request import JudgementKind, PlannedMetric
from ab_assets.planning.solving import Plan
from ab_assets.planning.traffic import DAYS_A_WEEK, Traffic
from ab_assets.reporting.formatting import plain_text, quantity, share, signed_quantity

_NOUNS = {"proportion": "the rate", "mean": "the mean", "ratio": "the ratio"}
_SMALL_EFFECT = 0.0095
TEST_NAMES: dict[JudgementKind, str] = {
    "fixed": "fixed",
    "group-sequential": "group-sequential",
    "always-valid": "always-valid",
}


def value_text(metric: PlannedMetric, value: float) -> str:
    """A value of the metric.

    >>> value_text(PlannedMetric(kind="proportion", baseline=0.1), 0.448)
    '44.80 %'
    """
    return quantity(value, metric.shown_unit)


def change_text(metric: PlannedMetric, effect: float, digits: int = 1) -> str:
    """An absolute effect, relative to the baseline where that is not 0.

    Args:
        metric: Of which it is an effect.
        effect: With its sign.
        digits: After the point; small ones have two.

    Examples:
        >>> change_text(PlannedMetric(kind="mean", baseline=10.0, stddev=1.0), -0.5)
        '-5.0 %'
    """
    if not isfinite(effect):
        return "–"
    if not metric.baseline:
        return signed_quantity(effect, metric.shown_unit)
    relative = effect / abs(metric.baseline)
    return share(relative, digits if abs(relative) > _SMALL_EFFECT else 2)


def answer_sentence(plan: Plan) -> str:
    """What was asked for, in one sentence."""
    request, found = plan.request, _found(plan)
    chance = percent(plan.power)
    if plan.unknown == "users":
        needed = f"you need {_users(plan)}"
        return f"To find {found} with {percent(request.power)} power {needed}{_duration(plan)}."
    if plan.unknown == "effect":
        span = f"In {_days(plan.request.days)} ({_users(plan)})" if request.days else (
            f"With {_users(plan)}"
        )  # fmt: skip
        return (
            f"{span} the smallest change found with {chance} power is {found}; smaller ones are "
            "missed more often."
        )
    span = f"In {_days(request.days)}, with {_users(plan)}," if request.days else (
        f"With {_users(plan)}"
    )  # fmt: skip
    return f"{span} {found} is found with {chance} power: {_misses(plan.power)}."


def history_sentence(history: History) -> str:
    """Where the numbers come from."""
    told = (
        f"from the control of {plain_text(history.experiment_key)} at the end of "
        f"{history.event_date}"
    )
    if history.distrust:
        told += f", which is not trusted ({plain_text(history.distrust)}): take care"
    return told


def traffic_sentence(traffic: Traffic | None) -> str:
    """When users arrive; empty where nothing is known that the answer does not say."""
    if traffic is None or not traffic.source:
        return ""
    if not traffic.first_days:
        return f"users by day: {traffic.pace:,.0f}, {traffic.source}"
    return (
        f"users by day: {traffic.source} ({sum(traffic.first_days):,.0f} in all, then "
        f"{traffic.pace:,.0f} a day)"
    )


def notes(plan: Plan, *, of_traffic: bool = True) -> Iterator[str]:
    """What the answer rests on, one sentence each.

    Args:
        plan: The plan.
        of_traffic: Whether to tell when users arrive.
    """
    request, metric = plan.request, plan.request.metric
    arrivals = traffic_sentence(request.traffic)
    if of_traffic and arrivals:
        yield arrivals
    yield from _about_days(plan)
    each = f"{request.alpha_each * 100:.3g} %"
    shared = (
        f"{request.alpha * 100:.3g} % shared by {request.comparisons} comparisons, {each} each"
        if request.comparisons > 1
        else each
    )
    yield f"error rate: {shared}, two-sided"
    if len(set(request.weights)) > 1 or len(request.weights) > 2:  # noqa: PLR2004 (two arms)
        yield (
            f"split: {' / '.join(f'{weight * 100:.4g} %' for weight in request.weights)}, the "
            "control first; the smallest variation decides the size"
        )
    if metric.variance_reduction:
        without = saved_by_adjustment(plan)
        yield (
            f"CUPED removes {percent(metric.variance_reduction)} of the variance; without it the "
            f"same effect would need {without:,.0f} users"
        )
    if request.test.kind == "always-valid":
        yield (
            f"power counts a finding at any of {plan.looks} looks, evenly spaced up to the planned "
            f"size; a look at the planned size alone would have "
            f"{percent(power_at_the_end_alone(plan))}; tune the test for that size "
            f"(engine.planned_units: {_pair_users(plan):,.0f})"
        )
    elif request.test.kind == "group-sequential":
        yield f"the effect is looked for {plan.looks} times, at evenly spaced numbers of users"


def _found(plan: Plan) -> str:
    metric = plan.request.metric
    name = plain_text(metric.label) or _NOUNS[metric.kind]
    before, after = (
        value_text(metric, value) for value in (metric.baseline, metric.baseline + plan.effect)
    )
    return f"{change_text(metric, plan.effect)} of {name} ({before} → {after})"


def _users(plan: Plan) -> str:
    arms = plan.arm_users
    if max(arms) - min(arms) <= 1:
        return f"{plan.users:,} users, {min(arms):,} in each arm"
    if len(set(arms[1:])) == 1:
        each = " each" if len(arms) > 2 else ""  # noqa: PLR2004 (two arms)
        return f"{plan.users:,} users, {arms[0]:,} in the control and {arms[1]:,} treated{each}"
    treated = ", ".join(f"{units:,}" for units in arms[1:])
    return f"{plan.users:,} users, {arms[0]:,} in the control and {treated} treated"


def _duration(plan: Plan) -> str:
    if plan.request.traffic is None:
        return ""
    if plan.days is None or plan.whole_weeks is None:
        return "; so many will not have come in ten years"
    at = ""
    if not plan.request.traffic.first_days:
        at = f" at {plan.request.traffic.pace:,.0f} new users a day"
    if plan.days == plan.whole_weeks:
        return f": {_days(plan.days)}{at}"
    return f": {_days(plan.days)}{at}, so {_days(plan.whole_weeks)} in whole weeks"


def _about_days(plan: Plan) -> Iterator[str]:
    request = plan.request
    if request.metric.closing_days:
        yield (
            f"a user counts {_days(request.metric.closing_days)} after exposure: those are in "
            "the days above"
        )
    if plan.unknown == "users" and plan.days is not None and plan.days != plan.whole_weeks:
        yield "whole weeks: weekdays differ, and each should weigh the same"


def _misses(power: float) -> str:
    missed = round((1.0 - power) * 100)
    if not 0 < missed < 100:  # noqa: PLR2004 (per cent)
        return "it can hardly be missed" if missed == 0 else "it cannot be found"
    return f"{missed} of 100 such experiments miss it"


def _pair_users(plan: Plan) -> float:
    return plan.users * plan.request.pair_share


def _days(days: int | None) -> str:
    if days is None:
        return "more than ten years"
    if days and days % DAYS_A_WEEK == 0 and days > DAYS_A_WEEK:
        return f"{days:,} days ({days // DAYS_A_WEEK} weeks)"
    return f"{days:,} days" if days != 1 else "1 day"


def percent(value: float) -> str:
    """Whole per cent without sign; what is only near certainty, either way, is not called certain.

    >>> percent(0.8), percent(1.0), percent(0.001), percent(float("nan"))
    ('80 %', '>99 %', '<1 %', '–')
    """
    if not isfinite(value):
        return "–"
    if value >= 0.995:  # noqa: PLR2004 (per cent)
        return ">99 %"
    return f"{value * 100:.0f} %" if value >= 0.005 else "<1 %"  # noqa: PLR2004 (per cent)
