"""``ab-assets report``: the result, for a person or a program.

What belongs here: its arguments. What does not: reading and showing reports.
"""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from ab_assets.cli.console import messages, output
from ab_assets.cli.days import read_date
from ab_assets.cli.project import OpenedProject, open_project
from ab_assets.errors import ConfigurationError
from ab_assets.reporting.json_rows import json_rows
from ab_assets.reporting.language import language_of
from ab_assets.reporting.page.source import read_page_source
from ab_assets.reporting.page.writing import write_page
from ab_assets.reporting.reading import read_report, report_provenance
from ab_assets.reporting.terminal import report_tables


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
    html: Annotated[
        Path | None, typer.Option("--html", help="Write one self-contained HTML file instead.")
    ] = None,
    language: Annotated[str, typer.Option("--language", help="Of the HTML file: en or zh.")] = "en",
) -> None:
    """Show the report of a tag: verdicts, metrics, health.

    Reads the report that was made last (or of the day given) from the warehouse; computes and
    writes nothing.

    Exit codes: 0 shown, also when there is nothing to report; 1 the warehouse cannot be read;
    2 no module claims the tag, or the day is no date.

    For example:

    `ab-assets report --tag retention`

    `ab-assets report --tag retention --date 2026-11-20 --json`

    `ab-assets report --tag retention --html report.html --language zh`
    """
    if html is not None and as_json:
        message = "--html and --json are two ways to show a report; give one of them"
        raise ConfigurationError(message)
    language_of(language)
    opened = open_project()
    catalogue, library = opened.project.catalogue, opened.project.library
    asked = read_date(day, "--date")
    if html is not None:
        _write_html(opened, tag, asked, html, language)
        return
    with opened.warehouse.session():
        made = report_provenance(opened.warehouse, catalogue, tag, asked)
        event_date = made.event_date or opened.project.settings.yesterday()
        frame = read_report(opened.warehouse, library, catalogue, tag, event_date)
    if as_json:
        typer.echo(json_rows(frame))
        return
    if frame.is_empty():
        messages.print(f"{tag} on {event_date}: nothing to report; {made.reason}", markup=False)
    for group in report_tables(frame, opened.project.settings.zone, dimensions=dimensions):
        output.print(group)
        output.print()


def _write_html(
    opened: OpenedProject, tag: str, asked: date | None, path: Path, language: str
) -> None:
    project = opened.project
    source = read_page_source(
        opened.warehouse, project.library, project.catalogue, tag, asked, project.settings.zone
    )
    write_page(source, path, language)
    messages.print(f"wrote {path}: {tag} on {source.event_date}", markup=False, soft_wrap=True)
