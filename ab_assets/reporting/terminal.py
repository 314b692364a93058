"""A report in the terminal.

What belongs here: tables for people, at the width there is. What does not: computing anything.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text

from ab_assets.reporting.formatting import chance, interval, p_value, plain_text, quantity, share
from ab_assets.reporting.headline import Headline, headline_of
from ab_assets.reporting.trust import TRUSTED

_ROLES = ("goal", "secondary", "guardrail")
_MARKS = {"goal": "★ ", "guardrail": "◆ "}
_HEADER = ("", "users", "mean", "uplift", "interval", "p", "win")
_GAP = "  "
_INDENT = "  "
_NARROWEST_LABEL = 10
_LEGEND = (
    "★ goal  ◆ guardrail  * significant after the correction\n"
    "interval: of the uplift  win: chance to be better than the control"
)

Row = Mapping[str, Any]


def report_tables(
    frame: pl.DataFrame, zone: ZoneInfo, *, dimensions: bool
) -> Iterator[RenderableType]:
    """One block an experiment: what was decided, then each metric's variations.

    Args:
        frame: Rows of one partition.
        zone: The business time zone.
        dimensions: Whether to show the breakdowns too.
    """
    for _, own in frame.group_by("experiment_id", maintain_order=True):
        headline = headline_of(own, zone)
        names = [""]
        if dimensions:
            segments = own.filter(pl.col("dimension") != "")["dimension"]
            names += segments.unique(maintain_order=True).to_list()
        parts = tuple(_part(own, name, headline.distrust) for name in names)
        yield ExperimentBlock(headline, parts)


@dataclass(frozen=True, slots=True)
class _Metric:
    """One metric of a part: a title, a line a variation, and what is missing and why."""

    title: Text
    lines: Sequence[tuple[Sequence[str], str]]
    notes: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Part:
    """All users, or one dimension."""

    dimension: str
    metrics: Sequence[_Metric]


@dataclass(frozen=True, slots=True)
class ExperimentBlock:
    """Everything shown of one experiment; the labels fold so that numbers keep their line."""

    headline: Headline
    parts: Sequence[_Part]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Lays the block out for the width of the console."""
        yield from _head(self.headline)
        for part in self.parts:
            widths = _widths(part, options.max_width)
            if part.dimension:
                yield Text(f"\nby {part.dimension}", style="bold underline")
            yield from _line(console, _HEADER, widths, "dim")
            for metric in part.metrics:
                yield metric.title
                for cells, style in metric.lines:
                    yield from _line(console, cells, widths, style)
                yield from (Text(f"    {note}", style="dim italic") for note in metric.notes)
        yield Text(_LEGEND, style="dim")


def _head(headline: Headline) -> Iterator[Text]:
    yield Text.assemble(
        (plain_text(headline.name), "bold"),
        f"  {plain_text(headline.key)} · {headline.tag} · as of the end of {headline.event_date}",
    )
    yield Text(f"{plain_text(headline.phase)}; {headline.crossovers:,} crossovers left out")
    if headline.distrust:
        yield Text(f"NOT TRUSTED: {plain_text(headline.distrust)}", style="bold red")
        return
    for item in headline.decisions:
        yield Text.assemble(
            f"{plain_text(item.variation)}: ",
            (item.decision.upper(), "bold"),
            f", {plain_text(item.reason)}",
        )


def _part(own: pl.DataFrame, dimension: str, distrust: str) -> _Part:
    rows = own.filter(pl.col("dimension") == dimension)
    named = rows.group_by("role", "metric", maintain_order=True)
    found = [(str(role), str(name), _by_size(metric)) for (role, name), metric in named]
    found.sort(key=lambda item: _ROLES.index(item[0]))
    return _Part(dimension, [_metric(*item, distrust) for item in found])


def _by_size(rows: pl.DataFrame) -> pl.DataFrame:
    """The largest segment first, ``(other)`` last; the control first within each."""
    size = pl.col("users").sum().over("dimension_value")
    return rows.sort(
        pl.col("dimension_value") == "(other)",
        -size,
        "dimension_value",
        ~pl.col("is_control"),
        maintain_order=True,
    )


def _metric(role: str, name: str, rows: pl.DataFrame, distrust: str) -> _Metric:
    lower = rows["direction"][0] == "down"
    title = Text.assemble(
        (f"{_MARKS.get(role, '')}{plain_text(name)}", "bold"),
        (f"  {role}{', lower is better' if lower else ''}", "dim"),
    )
    records = list(rows.iter_rows(named=True))
    return _Metric(
        title, [(_cells(row), _style(row)) for row in records], _notes(records, distrust)
    )


def _notes(rows: Sequence[Row], distrust: str) -> list[str]:
    """Why numbers are missing; distrust of the whole experiment is told above."""
    told: dict[str, list[str]] = {}
    for row in rows:
        if row["trust"] not in {TRUSTED, distrust}:
            told.setdefault(plain_text(row["trust"]), []).append(_label(row))
    return [f"{reason} ({', '.join(labels)})" for reason, labels in told.items()]


def _label(row: Row) -> str:
    variation = plain_text(row["variation_name"]) + (" (control)" if row["is_control"] else "")
    segment = plain_text(row["dimension_value"])
    return f"{segment} · {variation}" if segment else variation


def _cells(row: Row) -> list[str]:
    shown = [f"{_INDENT}{_label(row)}", f"{row['users']:,}", quantity(row["mean"], row["unit"])]
    if row["is_control"]:
        return [*shown, "", "", "", ""]
    return [
        *shown,
        share(row["rel_uplift"]),
        interval(row["rel_ci_low"], row["rel_ci_high"]),
        p_value(row["p_value"]) + ("*" if row["significant"] else " "),
        chance(row["chance_to_win"]),
    ]


def _style(row: Row) -> str:
    if row["is_control"]:
        return "dim"
    if not row["significant"]:
        return ""
    return "green" if (row["abs_diff"] > 0) == (row["direction"] == "up") else "red"


def _widths(part: _Part, most: int) -> list[int]:
    """Of each column: numbers as wide as they are, the label what is left of what it needs."""
    cells = [_HEADER, *(line for metric in part.metrics for line, _ in metric.lines)]
    needed = [max(cell_len(text) for text in column) for column in zip(*cells, strict=True)]
    left = most - sum(needed[1:]) - len(_GAP) * (len(needed) - 1)
    return [min(needed[0], max(left, _NARROWEST_LABEL)), *needed[1:]]


def _line(
    console: Console, cells: Sequence[str], widths: Sequence[int], style: str
) -> Iterator[Text]:
    """The numbers beside the first line of the label; a long label goes on below."""
    label, *numbers = cells
    first, *rest = [label]
    if cell_len(label) > widths[0]:
        first, *rest = (
            f"{_INDENT}{part.plain.strip()}"
            for part in Text(label.strip()).wrap(console, widths[0] - len(_INDENT))
        )
    padded = [set_cell_size(first, widths[0])]
    padded += [
        " " * (width - cell_len(text)) + text
        for text, width in zip(numbers, widths[1:], strict=True)
    ]
    yield Text(_GAP.join(padded).rstrip(), style=style)
    yield from (Text(part, style=style) for part in rest)
