"""``ab-assets export``: the tables dashboards read, as files.

What belongs here: its arguments and its summary. What does not: formats.
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from ab_assets.cli.console import counted, messages
from ab_assets.cli.project import open_project
from ab_assets.exporting.files import ExportFormat, write_files
from ab_assets.exporting.reading import read_tables


def export(
    target: Annotated[
        Path, typer.Argument(help="A folder; for SQLite a file.", metavar="FOLDER_OR_FILE")
    ],
    form: Annotated[
        ExportFormat, typer.Option("--format", help="What to write.")
    ] = ExportFormat.PARQUET,
    tag: Annotated[str | None, typer.Option(help="One tag; all by default.")] = None,
) -> None:
    """Write the tables of `flow_report_app` as files, for any tool, while runs go on.

    Reads the dashboard tables from the warehouse and writes one file a table, or one SQLite file.
    Each file is replaced whole: a reader sees the old or the new one.

    Exit codes: 0 written, 1 the warehouse cannot be read or the files cannot be written, 2 wrong
    usage or configuration.

    For example:

    `ab-assets export exports`

    `ab-assets export reports.sqlite --format sqlite`
    """
    opened = open_project()
    if tag is not None:
        opened.project.catalogue.module_of(tag)
    frames = read_tables(opened.warehouse, opened.project.library, tag)
    write_files(target, frames, form)
    for name, frame in frames.items():
        messages.print(f"{name}: {counted(frame.height, 'row')}", highlight=False)
    messages.print(
        f"[green]wrote[/] {escape(str(target))} ({form})", highlight=False, soft_wrap=True
    )
