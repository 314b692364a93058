"""``ab-assets report``: the result, for a person or a program.

What belongs here: its arguments. What does not: reading and showing reports.
"""

from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import polars as pl
import typer
from rich.console import Console

from ab_assets.cli.console import messages, output
from ab_assets.cli.days import read_date
from ab_assets.cli.project import open_project
from ab_assets.deferred import deferred
from ab_assets.errors import ConfigurationError
from ab_assets.reporting.formatting import plain_text
from ab_assets.reporting.json_rows import json_rows
from ab_assets.reporting.language import language_of
from ab_assets.reporting.page.source import PageSource, read_page_source
from ab_assets.reporting.terminal import Surroundings

if TYPE_CHECKING:
    from ab_assets.reporting.page.writing import write_page
    from ab_assets.reporting.terminal import report_tables
else:
    write_page = deferred("ab_assets.reporting.page.writing:write_page")
    report_tables = deferred("ab_assets.reporting.terminal:report_tables")

_PIPED_WIDTH = 160


def report(
    tag: Annotated[str, typer.Option(help="The GrowthBook tag.", metavar="TAG")],
    day: Annotated[
        str | None, typer.Option("--date", metavar="DATE", help="The day; the newest by default.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print an array of report rows and nothing else.")
    ] = False,
    dimensions: Annotated[
        bool, typer.Option("--dimensions", help="Show the breakdown by dimension too.")
    ] = False,
    experiment: Annotated[
        str | None, typer.Option(metavar="KEY", help="One experiment, by its key or id.")
    ] = None,
    metric: Annotated[
        str | None, typer.Option(metavar="NAME", help="One metric, by its name in module.yaml.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write one self-contained HTML file instead.")
    ] = None,
    language: Annotated[str, typer.Option("--language", help="Of the HTML file: en or zh.")] = "en",
) -> None:
    """Show the report of a tag: verdicts, metrics, health.

    Reads the report that was made last (or of the day given) from the warehouse; computes and
    writes nothing.

    Exit codes: 0 shown, also when there is nothing to report; 1 the warehouse cannot be read;
    2 no module claims the tag, the report has no such experiment or metric, or the day is no date.

    For example:

    `ab-assets report --tag retention`

    `ab-assets report --tag retention --experiment retention_daily_streak --dimensions`

    `ab-assets report --tag retention --date 2026-11-20 --json`

    `ab-assets report --tag retention --html report.html --language zh`
    """
    if html is not None and as_json:
        message = "--html and --json are two ways to show a report; give one of them"
        raise ConfigurationError(message)
    language_of(language)
    opened = open_project()
    project, asked = opened.project, read_date(day, "--date")
    source = read_page_source(
        opened.warehouse, project.library, project.catalogue, tag, asked, project.settings.zone
    )
    source = replace(source, rows=_chosen(source.rows, experiment, metric))
    if html is not None:
        write_page(source, html, language)
        told = f"wrote {html}: {tag} on {source.event_date}"
        messages.print(told, markup=False, soft_wrap=True)
    elif as_json:
        typer.echo(json_rows(source.rows))
    else:
        _show(source, dimensions=dimensions)


def _chosen(rows: pl.DataFrame, experiment: str | None, metric: str | None) -> pl.DataFrame:
    """The rows of one experiment or metric, where that is asked for.

    Raises:
        ConfigurationError: The report has none of that name.
    """
    wanted = (
        ("experiment", experiment, ("experiment_key", "experiment_id")),
        ("metric", metric, ("metric",)),
    )
    for what, name, columns in wanted:
        if name is None:
            continue
        own = rows.filter(pl.any_horizontal(pl.col(column) == name for column in columns))
        if own.is_empty():
            known = sorted(map(plain_text, rows[columns[0]].unique()))
            close = get_close_matches(name, known, n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            message = f"the report has no {what} {name!r}; it has {', '.join(known)}{hint}"
            raise ConfigurationError(message)
        rows = own
    return rows


def _show(source: PageSource, *, dimensions: bool) -> None:
    if source.rows.is_empty():
        told = f"{source.tag} on {source.event_date}: nothing to report; {source.reason}"
        messages.print(told, markup=False)
    # Piped, lines are long enough for every column to stand where it stands in the others.
    console = output if output.is_terminal else Console(width=_PIPED_WIDTH)
    around = Surroundings(source.zone, source.history, source.findings)
    for block in report_tables(source.rows, around, dimensions=dimensions):
        console.print(block)
        console.print()
