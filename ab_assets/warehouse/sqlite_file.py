"""Frames as the tables of an SQLite file.

What belongs here: types and statements of SQLite. What does not: where the file goes.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import polars as pl

UTC_TEXT = "%Y-%m-%dT%H:%M:%SZ"
_SQLITE_TYPES = {
    pl.Int32: "INTEGER",
    pl.Int64: "INTEGER",
    pl.Float64: "REAL",
    pl.Boolean: "INTEGER",
}


def write_sqlite(path: Path, frames: Mapping[str, pl.DataFrame]) -> None:
    """Writes each frame as a table of an empty file; times are text, booleans 0 and 1."""
    # Names are those of sql/schema, which are checked; values are bound.
    with closing(sqlite3.connect(path)) as connection, connection:
        for name, frame in frames.items():
            plain = frame.with_columns(
                pl.col(pl.Datetime).dt.strftime(UTC_TEXT), pl.col(pl.Date).dt.strftime("%Y-%m-%d")
            )
            columns = ", ".join(
                f'"{column}" {_SQLITE_TYPES.get(type(kind), "TEXT")}'
                for column, kind in plain.schema.items()
            )
            connection.execute(f'CREATE TABLE "{name}" ({columns})')
            marks = ", ".join("?" for _ in plain.columns)
            connection.executemany(f'INSERT INTO "{name}" VALUES ({marks})', plain.iter_rows())  # noqa: S608
