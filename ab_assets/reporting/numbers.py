"""The numerical columns of a report.

What belongs here: spreading the results of each group of comparisons over the rows of the report.
What does not: statistics, and the columns that describe a row (:mod:`ab_assets.reporting.rows`).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ab_assets.modules.engine import Engine
from ab_assets.reporting.arms import Arm
from ab_assets.reporting.growthbook_conventions import METHOD, growthbook_numbers
from ab_assets.reporting.guardrails import margin_p_values, surely_beyond_margin
from ab_assets.reporting.inference import InferredGroup
from ab_assets.reporting.multiplicity import adjusted_p_values, planned_alphas
from ab_assets.reporting.planning import planning_numbers
from ab_assets.reporting.reasons import methods, missing_reasons
from ab_assets.reporting.selected_intervals import selected_intervals
from ab_assets.reporting.sums import Floats, Sums
from ab_assets.stats.incremental import incremental_total

# What a control has of its own; the rest compares.
_OF_ONE_ARM = frozenset({"mean", "stddev", "users", "cap_value"})
_ADJUSTED = (("p_value", "p_value_adjusted"), ("seq_p_value", "seq_p_value_adjusted"))


def number_columns(
    arms: Sequence[Arm],
    groups: Sequence[InferredGroup],
    sums: Sums,
    engine: Engine,
    *,
    as_growthbook: bool = False,
) -> dict[str, list[object]]:
    """One value an arm of every number, and of ``method``, ``cuped``, ``significant``.

    Beside the columns of the table: ``reason`` (why numbers are missing, or empty), and what only
    decisions read, ``margin_p_value`` and ``seq_p_value_adjusted``.
    """
    size = len(arms)
    tested = np.asarray([not arm.is_control for arm in arms], np.bool_)
    floats: dict[str, Floats] = {}
    texts = {name: np.full(size, None, object) for name in ("method", "cuped")}
    reasons = np.full(size, "", object)
    alphas = planned_alphas(arms, engine.alpha, engine.correction)
    for group in groups:
        places = group.places
        numbers = _group_numbers(arms, group, sums, engine, alphas)
        told = methods(group)
        if as_growthbook:
            numbers |= growthbook_numbers(arms, group, engine.alpha)
            told = np.full(places.shape, METHOD, object)
        for name, part in numbers.items():
            floats.setdefault(name, np.full(size, np.nan))[places] = part
        own = tested[places]
        answered = own & np.isfinite(numbers["p_value"])
        texts["method"][places] = _only(told, answered)
        texts["cuped"][places] = _only(group.adjusted, own)
        reasons[places] = missing_reasons(group, numbers, own)
    for name in set(floats) - _OF_ONE_ARM:
        floats[name] = np.where(tested, floats[name], np.nan)
    for name, adjusted in _ADJUSTED:
        floats[adjusted] = adjusted_p_values(arms, floats[name], engine.correction)
    p_values = floats["p_value_adjusted"]
    answered, selected = np.isfinite(p_values), p_values < engine.alpha
    significant = _only(selected, answered)
    shown = selected & (not as_growthbook)  # GrowthBook has none
    floats |= selected_intervals(arms, groups, answered, shown, engine.alpha)
    columns: dict[str, list[object]] = {name: values.tolist() for name, values in floats.items()}
    columns |= {name: list(values) for name, values in texts.items()}
    return columns | {"significant": list(significant), "reason": list(reasons)}


def _group_numbers(
    arms: Sequence[Arm], group: InferredGroup, sums: Sums, engine: Engine, alphas: Floats
) -> dict[str, Floats]:
    return (
        _arm_numbers(group)
        | _comparison_numbers(group)
        | _posterior_numbers(group)
        | planning_numbers(arms, group, engine, alphas)
        | {
            "margin_p_value": margin_p_values(arms, group),
            "beyond_margin": surely_beyond_margin(arms, group),
            "cap_value": _caps(arms, group, sums),
        }
    )


def _arm_numbers(group: InferredGroup) -> dict[str, Floats]:
    control, treatment = group.plain.control, group.plain.treatment
    return {
        "users": treatment.n,
        "control_users": control.n,
        "mean": treatment.value,
        "control_mean": control.value,
        "stddev": treatment.stddev,
        "control_stddev": control.stddev,
    }


def _comparison_numbers(group: InferredGroup) -> dict[str, Floats]:
    test, uplift = group.comparison.difference, group.comparison.uplift
    return {
        "abs_diff": test.difference,
        "abs_ci_low": test.interval.low,
        "abs_ci_high": test.interval.high,
        "rel_uplift": uplift.uplift,
        "rel_ci_low": np.where(uplift.bounded, uplift.interval.low, np.nan),
        "rel_ci_high": np.where(uplift.bounded, uplift.interval.high, np.nan),
        # Fisher's test has a p-value and neither of these.
        "statistic": np.where(group.exact, np.nan, test.statistic),
        "df": np.where(group.exact, np.nan, test.df),
        "p_value": test.p_value,
        "variance_reduction": group.variance_reduction,
        "cuped_theta": group.theta,
    } | _total_numbers(group)


def _total_numbers(group: InferredGroup) -> dict[str, Floats]:
    """A ratio has no total over units: a unit's share in it is not its own.

    Made of the difference as it is shown, so that exact intervals of small counts hold here too.
    """
    total = incremental_total(group.comparison.contrast, group.comparison.difference)
    numbers = {
        "incremental_total": total.total,
        "incremental_ci_low": total.interval.low,
        "incremental_ci_high": total.interval.high,
    }
    if group.estimator.is_ratio:
        return {name: np.full(values.shape, np.nan) for name, values in numbers.items()}
    return numbers


def _posterior_numbers(group: InferredGroup) -> dict[str, Floats]:
    posterior, always = group.comparison.posterior, group.sequential
    return {
        "posterior_mean": posterior.mean,
        "posterior_ci_low": posterior.interval.low,
        "posterior_ci_high": posterior.interval.high,
        "chance_to_win": posterior.chance_to_win,
        "expected_loss": posterior.loss_if_shipped,
        "seq_ci_low": always.interval.low,
        "seq_ci_high": always.interval.high,
        "seq_p_value": always.p_value,
    }


def _caps(arms: Sequence[Arm], group: InferredGroup, sums: Sums) -> Floats:
    """The cap of the metric, for a ratio that of its numerator."""
    chosen = [arms[place] for place in group.places]
    rows = np.asarray([arm.segment_row for arm in chosen], np.intp)
    outcomes = np.asarray([arm.variables.outcomes[0] for arm in chosen], np.intp)
    return sums.caps[rows, outcomes]


def _only(values: NDArray[np.generic], where: NDArray[np.bool_]) -> NDArray[np.object_]:
    """The values as objects, ``None`` elsewhere."""
    result = np.full(where.shape, None, object)
    result[where] = values[where]
    return result
