"""``ab-assets load``: files into the sources.

What belongs here: its arguments and its answer. What does not: reading files.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from ab_assets.cli.console import harmless, messages
from ab_assets.cli.project import warehouse_of
from ab_assets.settings import read_settings
from ab_assets.warehouse.loading import LoadReport, TargetName, load_files

load = typer.Typer(
    no_args_is_help=True, help="Load exposures or events from Parquet, CSV or NDJSON files."
)

Files = Annotated[
    list[Path], typer.Argument(metavar="FILE", help="Parquet, CSV (.csv, .csv.gz) or NDJSON files.")
]


@load.command()
def exposures(files: Files) -> None:
    """Load exposures: who saw which variation of which experiment, and when.

    Reads the columns `user_id`, `experiment_key`, `variation_key`, `exposed_at`, and where there
    are `country`, `platform`, `app_version`, `channel`. Writes `ab_source.exposures`; rows that
    cannot be read go to `ab_source.rejected` with the reason. A file that was loaded before adds
    nothing.

    Exit codes: 0 loaded, also when rows were rejected; 1 a file cannot be loaded at all,
    those before it stay loaded; 2 no file is named, or a setting is wrong.

    Example: `ab-assets load exposures exposures.parquet`
    """
    _load("exposures", files)


@load.command()
def events(files: Files) -> None:
    """Load events: what users did, and when.

    Reads the columns `event_name`, `user_id`, `event_time`, and whatever else is known: `value`,
    `event_id`, `received_at`, `platform`, `properties` and others. Writes `ab_source.events`; rows
    that cannot be read go to `ab_source.rejected` with the reason. A file that was loaded before
    adds nothing.

    Exit codes: 0 loaded, also when rows were rejected; 1 a file cannot be loaded at all,
    those before it stay loaded; 2 no file is named, or a setting is wrong.

    Example: `ab-assets load events 2026-10-*.ndjson`
    """
    _load("events", files)


def _load(target: TargetName, files: list[Path]) -> None:
    warehouse = warehouse_of(read_settings())
    with messages.status(f"loading {target} …"):
        report = load_files(warehouse, target, files, now=datetime.now(UTC))
    messages.print(_told(report))
    for file in report.files:
        for reason in file.reasons:
            messages.print(f"[yellow]rejected[/] {escape(file.path.name)}: {escape(reason)}")
        if file.unknown_columns:
            names = escape(", ".join(file.unknown_columns))
            messages.print(f"[yellow]not loaded[/] {escape(file.path.name)}: columns {names}")
        if file.repeated_ids:
            messages.print(
                f"[yellow]note[/] {escape(file.path.name)}: "
                f"{file.repeated_ids:,} events share an event_id; all are kept"
            )
    if report.rows_rejected:
        messages.print("Rejected rows are kept in ab_source.rejected with their reasons.")


def _told(report: LoadReport) -> Table:
    table = Table("file", "rows", "loaded", "rejected", "", title=f"ab_source.{report.target}")
    for file in report.files:
        table.add_row(
            harmless(escape(file.path.name)),
            f"{file.rows_read:,}",
            f"{0 if file.already_loaded else file.rows_loaded:,}",
            f"{file.rows_rejected:,}",
            "loaded before: nothing added" if file.already_loaded else "",
        )
    return table
