"""From report columns to the evidence a decision reads, and the decision back onto every row.

What belongs here: that translation. What does not: the rules (:mod:`ab_assets.reporting.decision`).
"""

from collections.abc import Mapping, Sequence
from math import nan

from ab_assets.modules.engine import Engine
from ab_assets.reporting.arms import Arm
from ab_assets.reporting.decision import Decided, Decision, Evidence, decide

_CONTROL = Decided(Decision.NONE, "the control")
_SEGMENT = Decided(Decision.NONE, "decided over all users")
_NUMBERS = (
    "abs_diff",
    "p_value_adjusted",
    "seq_p_value_adjusted",
    "margin_p_value",
    "beyond_margin",
    "users",
    "control_users",
    "users_needed",
    "days_needed",
)


def decisions(
    arms: Sequence[Arm],
    columns: Mapping[str, Sequence[object]],
    distrust: Mapping[str, str],
    engine: Engine,
) -> list[Decided]:
    """One decision a variation, on each of its all-users rows; segments and controls have none.

    Args:
        arms: The rows of the report.
        columns: Its columns, and beside them what only decisions read.
        distrust: For experiments that are not trusted, why.
        engine: The module's choices.
    """
    gathered: dict[tuple[str, str], list[int]] = {}
    for place, arm in enumerate(arms):
        if not arm.dimension and not arm.is_control:
            gathered.setdefault((arm.item.experiment.id, arm.variation.key), []).append(place)
    decided = {
        key: decide(
            [_evidence(arms[place], columns, place) for place in places],
            distrust=distrust.get(key[0], ""),
            days=arms[places[0]].item.days,
            alpha=engine.alpha,
            ended=arms[places[0]].item.has_ended,
        )
        for key, places in gathered.items()
    }
    return [
        _SEGMENT
        if arm.dimension
        else decided.get((arm.item.experiment.id, arm.variation.key), _CONTROL)
        for arm in arms
    ]


def _evidence(arm: Arm, columns: Mapping[str, Sequence[object]], place: int) -> Evidence:
    values = {name: _number(columns[name][place]) for name in _NUMBERS}
    smallest = min(values["users"], values["control_users"])
    return Evidence(
        metric=arm.metric_name,
        role=arm.metric.role,
        direction=arm.metric.direction,
        effect=values["abs_diff"],
        p_value=values["p_value_adjusted"],
        sequential_p_value=values["seq_p_value_adjusted"],
        margin_p_value=values["margin_p_value"],
        beyond_margin=values["beyond_margin"] > 0,
        users=values["users"] + values["control_users"],
        users_needed=values["users_needed"],
        days_needed=values["days_needed"],
        enough=smallest >= arm.metric.minimum_sample,
    )


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else nan
