"""One file's rows into DuckDB, all or nothing.

What belongs here: staging the chunks, then rows, rejects and ledger entry in one transaction.
What does not: reading files and judging rows.
"""

# ruff: noqa: S608  names come from checked definitions, values are bound

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import duckdb
import polars as pl

from ab_assets.warehouse.duckdb import schema
from ab_assets.warehouse.duckdb.limits import Limits
from ab_assets.warehouse.duckdb.overwrite import transaction
from ab_assets.warehouse.duckdb.values import storable
from ab_assets.warehouse.loading_types import ROW_NUMBER, FileRows, LoadedFile
from ab_assets.warehouse.schema import fixed_table
from ab_assets.warehouse.tables import TableDefinition

_ROWS = "ab_loading_rows"
_REJECTS = "ab_loading_rejects"
_NAMED = "ab_loading_named_rows"
_FRAME = "ab_frame"
_BASE_MIB, _THREAD_MIB = 256, 128  # each thread writes row groups of its own
_BOOK_REJECTS = f"""
INSERT INTO ab_source.rejected BY NAME
SELECT $label AS load_label, $file AS source_file, $target AS target, {ROW_NUMBER}, reason, raw,
  $at AS loaded_at
FROM temp.{_REJECTS}
ORDER BY {ROW_NUMBER}
"""
_BOOK_LOAD = """
INSERT INTO ab_source.loads BY NAME
SELECT $label AS load_label, $file AS source_file, $target AS target, $read AS rows_read,
  $loaded AS rows_loaded, $refused AS rows_rejected, $at AS loaded_at
"""


def stage_frame(connection: duckdb.DuckDBPyConnection, frame: pl.DataFrame, name: str) -> None:
    """Makes a temporary table of a frame."""
    connection.register(_FRAME, frame.to_arrow())
    try:
        connection.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM {_FRAME}")
    finally:
        connection.unregister(_FRAME)


def load(connection: duckdb.DuckDBPyConnection, rows: FileRows, limits: Limits) -> LoadedFile:
    """Loads one file; content that is in the ledger already adds nothing.

    Args:
        connection: To the warehouse.
        rows: The file's.
        limits: What the connection may take, before and afterwards.
    """
    rejected, ledger = fixed_table("ab_source.rejected"), fixed_table("ab_source.loads")
    with transaction(connection):
        for table in (rows.table, rejected, ledger):
            schema.ensure_table(connection, table)
    earlier = connection.execute(
        "SELECT rows_read, rows_loaded, rows_rejected FROM ab_source.loads WHERE load_label = "
        "$label",
        {"label": rows.label},
    ).fetchone()
    if earlier is not None:
        read, loaded, refused = earlier
        return LoadedFile(read, loaded, refused, already_loaded=True)
    try:
        with _bounded(connection, limits):
            _stage(connection, rows)
            return _book(connection, rows)
    finally:
        for name in (_ROWS, _REJECTS, _NAMED):
            connection.execute(f"DROP TABLE IF EXISTS temp.{name}")


@contextmanager
def _bounded(connection: duckdb.DuckDBPyConnection, limits: Limits) -> Iterator[None]:
    """Bounds what DuckDB keeps in memory of the staged rows; the rest waits on disk.

    By itself it keeps them until they fill all it may take. The bound is never above the limit.
    """
    threads = connection.execute("SELECT current_setting('threads')").fetchone() or (1,)
    most = min(_BASE_MIB + int(threads[0]) * _THREAD_MIB, limits.memory_bytes // 2**20)
    with suppress(duckdb.OutOfMemoryException):  # another thread's query holds more: no bound then
        connection.execute(f"SET memory_limit = '{most}MiB'")
    try:
        yield
    finally:
        connection.execute(f"SET memory_limit = '{limits.memory}'")


def _stage(connection: duckdb.DuckDBPyConnection, rows: FileRows) -> None:
    columns = ", ".join(f'"{column.name}" {column.duckdb_type}' for column in rows.table.columns)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {_ROWS} ({columns}, {ROW_NUMBER} BIGINT)")
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {_REJECTS} ({ROW_NUMBER} BIGINT, reason VARCHAR, raw "
        "VARCHAR)"
    )
    for chunk in rows.chunks:
        for name, frame in ((_ROWS, chunk.rows), (_REJECTS, chunk.rejects)):
            connection.register(_FRAME, storable(frame).to_arrow())
            try:
                connection.execute(f"INSERT INTO temp.{name} BY NAME SELECT * FROM {_FRAME}")
            finally:
                connection.unregister(_FRAME)


def _book(connection: duckdb.DuckDBPyConnection, rows: FileRows) -> LoadedFile:
    if rows.identity is not None:
        _fill_identity(connection, rows.table, rows.identity)
    repeated, known = _count_ids(connection, rows)
    table = f'"{rows.table.schema}"."{rows.table.name}"'
    names = ", ".join(f'"{name}"' for name in rows.table.column_names)
    booked = {
        "label": rows.label,
        "file": rows.source_file,
        "target": rows.target,
        "at": _naive(rows.loaded_at),
    }
    with transaction(connection):
        inserted = connection.execute(
            f"INSERT INTO {table} ({names}) SELECT {names} FROM temp.{_ROWS}"
        )
        loaded = _changed(inserted)
        refused = _changed(connection.execute(_BOOK_REJECTS, booked))
        counts = {"read": loaded + refused, "loaded": loaded, "refused": refused}
        connection.execute(_BOOK_LOAD, booked | counts)
    return LoadedFile(loaded + refused, loaded, refused, repeated_ids=repeated, known_ids=known)


def _fill_identity(
    connection: duckdb.DuckDBPyConnection, table: TableDefinition, identity: str
) -> None:
    """Makes missing ids of the content and of how often it came before in the file.

    Not of the row number: the same row in another file then has the same id, and two equal rows of
    one
    file (a clock of whole seconds) still have two.
    """
    parts = ", ".join(
        f"coalesce(CAST(\"{name}\" AS VARCHAR), '\\N')"
        for name in table.column_names
        if name != identity
    )
    nameless = f'FROM temp.{_ROWS} WHERE "{identity}" IS NULL'
    if connection.execute(f"SELECT count(*) {nameless}").fetchone() == (0,):
        return
    # A table of its own and no UPDATE, whose old and new values would all be held in memory.
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE {_NAMED} AS
        SELECT given.* REPLACE (coalesce("{identity}", made.id) AS "{identity}")
        FROM temp.{_ROWS} AS given LEFT JOIN (
            SELECT {ROW_NUMBER} AS made_for, md5(concat(content, ':', CAST(row_number() OVER (
                PARTITION BY content ORDER BY {ROW_NUMBER}) AS VARCHAR))) AS id
            FROM (SELECT {ROW_NUMBER}, md5(concat_ws(chr(31), {parts})) AS content {nameless})
        ) AS made ON given.{ROW_NUMBER} = made.made_for
        ORDER BY given.{ROW_NUMBER}"""
    )
    connection.execute(f"DROP TABLE temp.{_ROWS}")
    connection.execute(f"ALTER TABLE temp.{_NAMED} RENAME TO {_ROWS}")


def _count_ids(connection: duckdb.DuckDBPyConnection, rows: FileRows) -> tuple[int, int]:
    if rows.identity is None:
        return 0, 0
    found = connection.execute(
        f"""SELECT count(*) - count(DISTINCT "{rows.identity}"),
            count(*) FILTER (WHERE "{rows.identity}" IN (
                SELECT "{rows.identity}" FROM "{rows.table.schema}"."{rows.table.name}"))
        FROM temp.{_ROWS}"""
    ).fetchone()
    return (int(found[0]), int(found[1])) if found else (0, 0)


def _changed(result: duckdb.DuckDBPyConnection) -> int:
    row = result.fetchone()
    return int(row[0]) if row else 0


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
