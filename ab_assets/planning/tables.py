"""The tables of a plan, as text in cells.

What belongs here: which rows and columns, formatted. What does not: drawing them in a terminal or
in Markdown.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from ab_assets.planning.outlook import Duration, costs, durations, power_curve
from ab_assets.planning.request import PlanRequest
from ab_assets.planning.solving import Plan
from ab_assets.planning.wording import TEST_NAMES, change_text, percent

_BAR = 20


@dataclass(frozen=True, slots=True)
class TextTable:
    """A title, a header, rows of text; the first column is a label, the others are numbers.

    Attributes:
        folds: Whether labels are long, and may go on in a second line.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    folds: bool = False


def plan_tables(plan: Plan) -> tuple[TextTable, ...]:
    """Everything to compare the plan with; durations only where the traffic is known."""
    tables = (
        duration_table(plan.request, list(durations(plan.request, plan.effect)), plan.effect),
        curve_table(plan),
        cost_table(plan),
    )
    return tuple(table for table in tables if table.rows)


def duration_table(
    request: PlanRequest, rows: Iterable[Duration], effect: float | None = None
) -> TextTable:
    """The smallest effect found, by weeks; the column of CUPED only where there is any."""
    metric = request.metric
    adjusted = metric.variance_reduction > 0
    header = ["weeks", "users", "fixed"]
    header += ["with CUPED"] if adjusted else []
    header += ["5 looks", "any day"]
    if effect is not None:
        header.append(f"power for {change_text(metric, effect)}")
    found = []
    for row in rows:
        effects = [row.plain, *([row.adjusted] if adjusted else [])]
        effects += [row.group_sequential, row.always_valid]
        cells = [f"{row.weeks}", f"{row.users:,.0f}"]
        cells += [change_text(metric, value) for value in effects]
        found.append((*cells, *([percent(row.power)] if effect is not None else [])))
    title = (
        f"Smallest effect found with {percent(request.power)} power, by duration: judged once "
        "(fixed), at 5 planned looks, or on any day (always-valid)"
    )
    return TextTable(title, tuple(header), tuple(found))


def curve_table(plan: Plan) -> TextTable:
    """Power by size of the effect, with the plan's users, as bars."""
    rows = tuple(
        (
            change_text(plan.request.metric, point.effect, digits=2),
            percent(point.power),
            bar(point.power),
        )
        for point in power_curve(plan)
    )
    return TextTable(f"Power with {plan.users:,} users, by effect", ("effect", "power", ""), rows)


def cost_table(plan: Plan) -> TextTable:
    """What the tests need for the same effect."""
    rows = tuple(
        (
            TEST_NAMES[cost.test.kind],
            f"{cost.looks}",
            f"{cost.users:,.0f}",
            f"{cost.inflation:.2f}×",
            f"{cost.expected:,.0f}",
            f"{cost.expected_without:,.0f}",
        )
        for cost in costs(plan)
    )
    header = ("test", "looks", "users at most", "of fixed", "mean if there", "mean if not")
    shown = change_text(plan.request.metric, plan.effect)
    title = (
        f"Users to find {shown} with {percent(plan.request.power)} power, at most and on average "
        "where it is there or not"
    )
    return TextTable(title, header, rows)


def bar(value: float) -> str:
    """A share as a bar of text.

    >>> bar(0.8)
    '████████████████····'
    """
    filled = round(value * _BAR)
    return "█" * filled + "·" * (_BAR - filled)
