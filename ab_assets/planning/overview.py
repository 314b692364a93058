"""All metrics of a tag beside each other.

What belongs here: one line a metric: what can be found by when, and what its smallest effect worth
finding takes. What does not: a single plan (:mod:`ab_assets.planning.tables`).
"""

from collections.abc import Iterator, Sequence

from ab_assets.planning.history import History
from ab_assets.planning.outlook import durations
from ab_assets.planning.solving import Plan
from ab_assets.planning.tables import TextTable
from ab_assets.planning.wording import change_text, percent, value_text
from ab_assets.reporting.formatting import plain_text

WEEKS = (2, 4, 8)


def overview_table(plans: Sequence[Plan]) -> TextTable:
    """The smallest effect found by the fixed test, with CUPED where the metric has it."""
    weeks = (f"{number} wk" for number in WEEKS)
    header = ("metric", "control", *weeks, "to find", "users", "days")
    return TextTable(
        "Smallest effect found after so many weeks, and what one effect takes",
        header,
        tuple(_row(plan) for plan in plans),
        folds=True,
    )


def overview_notes(plans: Sequence[Plan], history: History) -> Iterator[str]:
    """What the table rests on, and which metrics it lacks."""
    yield (
        f"with {percent(plans[0].request.power)} power; days until the users count, windows "
        "included; with CUPED where the metric has it"
    )
    if any(plan.request.comparisons > 1 for plan in plans):
        yield "the error rate is shared by the metrics of one role, as the report's correction does"
    for item in history.metrics:
        if item.planned is None:
            yield f"{plain_text(item.title)}: not planned, {item.reason}"


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
