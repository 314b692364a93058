"""All metrics of a tag beside each other.

What belongs here: one line a metric: what can be found by when, and what its smallest effect worth
finding takes. What does not: a single plan (:mod:`ab_assets.planning.tables`).
"""

from collections.abc import Iterator, Sequence

from ab_assets.planning.outlook import durations
from ab_assets.planning.solving import Plan
from ab_assets.planning.tables import TextTable
from ab_assets.planning.wishes import TagPlans
from ab_assets.planning.wording import change_text, percent, value_text
from ab_assets.reporting.formatting import plain_text

WEEKS = (2, 4, 8)


def overview_table(plans: Sequence[Plan]) -> TextTable:
    """The smallest effect found by the fixed test, with CUPED where the metric has it."""
    weeks = (f"{number} wk" for number in WEEKS)
    asks_power = plans[0].unknown == "power"
    header = ("metric", "control", *weeks, "effect", "users", "days")
    return TextTable(
        "Smallest effect found after so many weeks, and what an effect takes",
        (*header, "power") if asks_power else header,
        tuple(_row(plan) + ((percent(plan.power),) if asks_power else ()) for plan in plans),
        folds=True,
    )


def overview_notes(plans: TagPlans) -> Iterator[str]:
    """What the table rests on, and which metrics it lacks."""
    power = percent(plans.plans[0].request.power)
    yield (
        f"with {power} power; days until the users count, windows included; with CUPED where the "
        "metric has it"
    )
    if any(plan.request.comparisons > 1 for plan in plans.plans):
        yield "the error rate is shared by the metrics of one role, as the report's correction does"
    for title, reason in plans.reasons.items():
        yield f"{plain_text(title)}: not planned, {reason}"


def _row(plan: Plan) -> tuple[str, ...]:
    metric = plan.request.metric
    found = {row.weeks: row.adjusted for row in durations(plan.request, plan.effect, WEEKS)}
    return (
        plain_text(metric.label),
        value_text(metric, metric.baseline),
        *(change_text(metric, found.get(weeks, float("nan"))) for weeks in WEEKS),
        change_text(metric, plan.effect),
        f"{plan.users:,}",
        f"{plan.days:,}" if plan.days is not None else "never",
    )
