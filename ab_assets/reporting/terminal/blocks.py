"""The block of one experiment: its numbers in columns, at the width there is.

What belongs here: laying them out. What does not: what stands above them (``head``).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text

from ab_assets.health.finding import Finding
from ab_assets.reporting.formatting import chance, interval, p_value, plain_text, quantity, share
from ab_assets.reporting.headline import headline_of
from ab_assets.reporting.interval_picture import Scale, interval_picture, scale_over
from ab_assets.reporting.sparkline import sparkline
from ab_assets.reporting.terminal.head import head_lines
from ab_assets.reporting.trust import TRUSTED

_ROLES = ("goal", "secondary", "guardrail")
_MARKS = {"goal": "★ ", "guardrail": "◆ "}
_HEADER = ("", "users", "mean", "uplift", "interval", "p", "win")
_PICTURE_WIDTH = 25
_MOST_DAYS = 28
_FEWEST_DAYS = 3
_GAP = "  "
_INDENT = "  "
_NARROWEST_LABEL = 10
_LEGEND = (
    "★ goal  ◆ guardrail  * significant after the correction\n"
    "interval: of the uplift  win: chance to be better than the control"
)

Row = Mapping[str, Any]
_Days = Mapping[tuple[str, str], Sequence[float]]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What belongs to a report besides its rows.

    Attributes:
        zone: The business time zone.
        history: The days so far, as ``reporting.history`` reads them; ``None`` where unknown.
        findings: The health of the day.
    """

    zone: ZoneInfo
    history: pl.DataFrame | None = None
    findings: Sequence[Finding] = ()


def report_tables(
    frame: pl.DataFrame, around: Surroundings, *, dimensions: bool
) -> Iterator[RenderableType]:
    """One block an experiment: what was decided, then each metric's variations.

    Args:
        frame: Rows of one partition.
        around: What else is shown.
        dimensions: Whether to show the breakdowns too.
    """
    for (experiment,), own in frame.group_by("experiment_id", maintain_order=True):
        headline = headline_of(own, around.zone)
        findings = [item for item in around.findings if item.experiment_id == experiment]
        days = _days(around.history, str(experiment))
        names = [""]
        if dimensions:
            segments = own.filter(pl.col("dimension") != "")["dimension"]
            names += segments.unique(maintain_order=True).to_list()
        parts = tuple(_part(own, name, headline.distrust, days) for name in names)
        yield ExperimentBlock(head_lines(headline, own, findings), parts)


@dataclass(frozen=True, slots=True)
class _Line:
    """One variation: its cells, and what the picture of its interval is drawn from."""

    cells: Sequence[str]
    style: str
    low: float | None = None
    uplift: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class _Metric:
    """One metric of a part: a title, a line a variation, and what is missing and why."""

    title: Text
    lines: Sequence["_Line"]
    notes: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Part:
    """All users, or one dimension."""

    dimension: str
    metrics: Sequence[_Metric]


@dataclass(frozen=True, slots=True)
class ExperimentBlock:
    """Everything shown of one experiment; the labels fold so that numbers keep their line."""

    head: Sequence[Text]
    parts: Sequence[_Part]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Lays the block out for the width of the console."""
        yield from self.head
        for part in self.parts:
            layout = _Layout.of(part, options.max_width)
            if part.dimension:
                yield Text(f"\nby {part.dimension}", style="bold underline")
            yield from layout.lines(console, _Line(_HEADER, "dim"), layout.scale_text)
            for metric in part.metrics:
                yield metric.title
                for line in metric.lines:
                    yield from layout.lines(console, line, layout.picture(line))
                yield from (Text(f"    {note}", style="dim italic") for note in metric.notes)
        yield Text(_LEGEND, style="dim")


def _part(own: pl.DataFrame, dimension: str, distrust: str, days: _Days) -> _Part:
    rows = own.filter(pl.col("dimension") == dimension)
    named = rows.group_by("role", "metric", maintain_order=True)
    found = [(str(role), str(name), _by_size(metric)) for (role, name), metric in named]
    found.sort(key=lambda item: _ROLES.index(item[0]))
    shown = {} if dimension else days
    return _Part(dimension, [_metric(*item, distrust, shown) for item in found])


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


def _metric(role: str, name: str, rows: pl.DataFrame, distrust: str, days: _Days) -> _Metric:
    lower = rows["direction"][0] == "down"
    records = list(rows.iter_rows(named=True))
    title_text = records[0]["metric_title"]
    title = Text.assemble(
        (f"{_MARKS.get(role, '')}{plain_text(title_text)}", "bold"),
        (f"  {role}{', lower is better' if lower else ''}", "dim"),
        (f"  {name}" if title_text != name else "", "dim"),
        _sparklines(records, days),
    )
    return _Metric(title, [_variation(row) for row in records], _notes(records, distrust))


def _sparklines(rows: Sequence[Row], days: _Days) -> str:
    """How the difference to the control came about, a word of bars a variation."""
    compared = [row for row in rows if not row["is_control"]]
    told = []
    for row in compared:
        effects = days.get((row["metric"], row["variation_key"]), ())
        if len(effects) >= _FEWEST_DAYS:
            name = f"{plain_text(row['variation_name'])} " if len(compared) > 1 else ""
            told.append(f"{name}{sparkline(effects[-_MOST_DAYS:])}")
    return f"  {' '.join(told)}" if told else ""


def _days(history: pl.DataFrame | None, experiment: str) -> _Days:
    """The effects of each day, by metric and variation, the oldest first."""
    if history is None:
        return {}
    own = history.filter(
        (pl.col("experiment_id") == experiment) & pl.col("abs_diff").is_not_null()
    ).sort("event_date")
    found: dict[tuple[str, str], list[float]] = {}
    for row in own.iter_rows(named=True):
        found.setdefault((row["metric"], row["variation_key"]), []).append(row["abs_diff"])
    return found


def _variation(row: Row) -> _Line:
    if row["is_control"]:
        return _Line(_cells(row), _style(row))
    ends = row["rel_ci_low"], row["rel_ci_high"]
    return _Line(_cells(row), _style(row), ends[0], row["rel_uplift"], ends[1])


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


@dataclass(frozen=True, slots=True)
class _Layout:
    """The columns of one part.

    Attributes:
        widths: Of each column of numbers; of the label what is left of what it needs.
        scale: What the pictures of intervals are drawn to; ``None`` where there is no room.
    """

    widths: Sequence[int]
    scale: Scale | None

    @classmethod
    def of(cls, part: _Part, most: int) -> "_Layout":
        """Numbers as wide as they are, pictures where they fit beside whole labels."""
        lines = [line for metric in part.metrics for line in metric.lines]
        columns = zip(_HEADER, *(line.cells for line in lines), strict=True)
        needed = [max(cell_len(text) for text in column) for column in columns]
        taken = sum(needed[1:]) + len(_GAP) * (len(needed) - 1)
        drawn = most - taken - needed[0] >= _PICTURE_WIDTH + len(_GAP)
        left = most - taken
        ends = [(line.low, line.high) for line in lines]
        return cls(
            [min(needed[0], max(left, _NARROWEST_LABEL)), *needed[1:]],
            scale_over(ends, _PICTURE_WIDTH) if drawn else None,
        )

    @property
    def scale_text(self) -> str:
        """What stands above the pictures."""
        return "" if self.scale is None else interval(self.scale.low, self.scale.high)

    def picture(self, line: _Line) -> str:
        """The interval of a line."""
        if self.scale is None or line.uplift is None:
            return ""
        return interval_picture(line.low, line.uplift, line.high, self.scale)

    def lines(self, console: Console, line: _Line, picture: str) -> Iterator[Text]:
        """The numbers beside the first line of the label; a long label goes on below."""
        label, *numbers = line.cells
        first, *rest = [label]
        if cell_len(label) > self.widths[0]:
            first, *rest = (
                f"{_INDENT}{part.plain.strip()}"
                for part in Text(label.strip()).wrap(console, self.widths[0] - len(_INDENT))
            )
        padded = [set_cell_size(first, self.widths[0])]
        padded += [
            " " * (width - cell_len(text)) + text
            for text, width in zip(numbers, self.widths[1:], strict=True)
        ]
        if self.scale is not None:
            padded.append(picture)
        yield Text(_GAP.join(padded).rstrip(), style=line.style)
        yield from (Text(part, style=line.style) for part in rest)
