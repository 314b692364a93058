"""A plan in the terminal.

What belongs here: the answer first, then its tables, in lines that need no colour. What does not:
words and numbers (:mod:`ab_assets.planning.wording`, :mod:`ab_assets.planning.tables`).
"""

from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ab_assets.planning.history import History
from ab_assets.planning.overview import overview_notes, overview_table
from ab_assets.planning.solving import Plan
from ab_assets.planning.tables import TextTable, plan_tables
from ab_assets.planning.wishes import TagPlans
from ab_assets.planning.wording import answer_sentence, history_sentence, notes

_NARROWEST_LABEL = 16


def plan_blocks(plan: Plan, history: History | None) -> Iterator[RenderableType]:
    """One plan: its answer, what that rests on, and what to compare it with."""
    yield Text(answer_sentence(plan), style="bold")
    told = [*([history_sentence(history)] if history else []), *notes(plan)]
    yield _list(told)
    for table in plan_tables(plan):
        yield _drawn(table)


def tag_blocks(plans: TagPlans, history: History) -> Iterator[RenderableType]:
    """Every metric of a tag: one line each."""
    yield _list([history_sentence(history), *overview_notes(plans)])
    yield _drawn(overview_table(plans.plans))


def _list(sentences: Sequence[str]) -> RenderableType:
    """Each sentence a point, its further lines under its first."""
    grid = Table.grid(padding=(0, 1))
    for sentence in sentences:
        grid.add_row(Text(" ·"), Text(sentence))
    return grid


def _drawn(table: TextTable) -> RenderableType:
    """The numbers keep their lines; the label folds where the terminal is narrow."""
    drawn = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    for place, name in enumerate(table.header):
        is_label = place == 0
        drawn.add_column(
            Text(name),
            justify="left" if is_label or not name else "right",
            no_wrap=not (is_label and table.folds),
            min_width=_NARROWEST_LABEL if is_label and table.folds else None,
            overflow="fold",
        )
    for row in table.rows:
        drawn.add_row(*map(Text, row))
    return Group(Text(), Text(table.title, style="bold"), drawn)
