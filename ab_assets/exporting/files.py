"""Frames to files: Parquet, CSV, SQLite.

What belongs here: the formats, and replacing a file so that a reader sees the old or the new one.
What does not: which rows.
"""

import os
import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path

import polars as pl

from ab_assets.errors import ConfigurationError, ExportError
from ab_assets.warehouse.sqlite_file import UTC_TEXT, write_sqlite


class ExportFormat(StrEnum):
    """What is written: a file a table in a folder, or one SQLite file."""

    PARQUET = "parquet"
    CSV = "csv"
    SQLITE = "sqlite"


def write_files(target: Path, frames: Mapping[str, pl.DataFrame], form: ExportFormat) -> None:
    """Writes the tables; each file is replaced whole.

    Times are UTC; in CSV and SQLite they are text like 2026-11-20T08:15:00Z, and days like
    2026-11-20. In SQLite booleans are 0 and 1. Text is written as it is, also where a spreadsheet
    would take it for a formula: quoting it another way would change the values other tools join on.

    Raises:
        ConfigurationError: The target is a file where a folder is needed, or the other way round.
        ExportError: It cannot be written.
    """
    if form is ExportFormat.SQLITE:
        if target.is_dir():
            message = f"{target} is a folder; SQLite is one file, like {target / 'reports.sqlite'}"
            raise ConfigurationError(message)
        _replace(target, lambda path: write_sqlite(path, frames))
        return
    if target.exists() and not target.is_dir():
        message = f"{target} is a file; {form} is a file a table, in a folder"
        raise ConfigurationError(message)
    for name, frame in frames.items():
        _replace(target / f"{name}.{form}", _writer(frame, form))


def _writer(frame: pl.DataFrame, form: ExportFormat) -> Callable[[Path], object]:
    if form is ExportFormat.PARQUET:
        return frame.write_parquet
    return lambda path: frame.write_csv(
        path, datetime_format=UTC_TEXT, date_format="%Y-%m-%d", quote_style="non_numeric"
    )


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    """Writes beside the file and renames: a reader never sees half of it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        try:
            write(temporary)
            temporary.chmod(0o644)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except (OSError, sqlite3.Error, pl.exceptions.PolarsError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        message = f"{path} cannot be written ({reason}); the file that was there is unchanged"
        raise ExportError(message) from None
