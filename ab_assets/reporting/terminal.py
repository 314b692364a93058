"""A report in the terminal.

What belongs here: tables for people. What does not: computing anything.
"""

from collections.abc import Iterator

import polars as pl
from rich.console import Group
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from ab_assets.reporting.formatting import number, p_value, share

_EVERYONE = ""


def report_tables(frame: pl.DataFrame, *, dimensions: bool) -> Iterator[Group]:
    """One table an experiment over all users; with ``dimensions`` one more for each of them.

    Args:
        frame: Rows of one partition.
        dimensions: Whether to show the breakdowns.
    """
    for (_,), own in frame.group_by("experiment_id", maintain_order=True):
        everyone = own.filter(pl.col("dimension") == _EVERYONE)
        first = everyone.row(0, named=True)
        tables = [_table(everyone, "")]
        if dimensions:
            tables += [
                _table(part, str(name[0]))
                for name, part in own.filter(pl.col("dimension") != _EVERYONE).group_by(
                    "dimension", maintain_order=True
                )
            ]
        yield Group(*_head(first, everyone), *tables)


def _head(first: dict[str, object], everyone: pl.DataFrame) -> list[Text]:
    title = Text.assemble(
        (str(first["experiment_name"]), "bold"),
        f"  {first['experiment_key']} · {first['tag']} · as of the end of {first['event_date']}\n",
        f"phase {first['phase_index']} “{first['phase_name']}” since {first['phase_start']:%Y-%m-%d %H:%M} UTC",
    )
    reasons = _shared_distrust(everyone)
    if reasons:
        return [title, Text(f"NOT TRUSTED: {reasons}", style="bold red")]
    return [title]


def _shared_distrust(everyone: pl.DataFrame) -> str:
    """The reason that every compared row gives, which is the experiment's own."""
    trusts = everyone.filter(~pl.col("is_control"))["trust"].unique().to_list()
    return str(trusts[0]) if len(trusts) == 1 and trusts[0] != "ok" else ""


def _table(rows: pl.DataFrame, dimension: str) -> Table:
    table = Table(
        "metric", "role", *([dimension] if dimension else []), "variation",
        title=f"by {dimension}" if dimension else None,
        title_justify="left",
    )
    for name in ("users", "mean", "uplift", "95 % interval", "p", "chance to win"):
        table.add_column(name, justify="right")
    for row in rows.iter_rows(named=True):
        table.add_row(*_cells(row, dimension), style=_style(row))
    return table


def _cells(row: dict[str, object], dimension: str) -> list[str]:
    def value(name: str) -> float | None:
        found = row[name]
        return float(found) if isinstance(found, int | float) else None

    control = bool(row["is_control"])
    interval = f"{share(value('rel_ci_low'))} … {share(value('rel_ci_high'))}"
    return [
        escape(str(row["metric"])),
        escape(str(row["role"])),
        *([escape(str(row["dimension_value"]))] if dimension else []),
        escape(str(row["variation_name"])) + (" (control)" if control else ""),
        f"{row['users'] or 0:,}",
        number(value("mean")),
        "" if control else share(value("rel_uplift")),
        "" if control else interval,
        "" if control else p_value(value("p_value")),
        "" if control else share(value("chance_to_win"), 0).lstrip("+"),
    ]


def _style(row: dict[str, object]) -> str:
    if row["is_control"] or not row["significant"]:
        return "dim" if row["is_control"] else ""
    uplift = row["abs_diff"]
    better = isinstance(uplift, float) and (uplift > 0) == (row["direction"] == "up")
    return "green" if better else "red"
