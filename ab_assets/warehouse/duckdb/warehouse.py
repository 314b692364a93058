"""The embedded warehouse: one DuckDB file.

What belongs here: the interface's methods, sessions, and errors that name statement and
partition. What does not: how rows are staged, checked and loaded.
"""

# ruff: noqa: S608  names come from checked definitions, values are bound

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from ab_assets.errors import AbAssetsError, LoadError, WarehouseError
from ab_assets.warehouse.dialect import to_duckdb
from ab_assets.warehouse.duckdb import loading as duckdb_loading
from ab_assets.warehouse.duckdb import overwrite as duckdb_overwrite
from ab_assets.warehouse.duckdb import provenance as duckdb_provenance
from ab_assets.warehouse.duckdb import schema as duckdb_schema
from ab_assets.warehouse.duckdb.connection import connected, writing
from ab_assets.warehouse.duckdb.explaining import explained
from ab_assets.warehouse.duckdb.functions import macros_for
from ab_assets.warehouse.duckdb.limits import DEFAULT_LIMITS, Limits
from ab_assets.warehouse.duckdb.overwrite import STAGED, transaction
from ab_assets.warehouse.duckdb.values import bindable, query_frame, storable
from ab_assets.warehouse.interface import Partition, Provenance
from ab_assets.warehouse.loading_types import FileRows, LoadedFile
from ab_assets.warehouse.schema import fixed_table
from ab_assets.warehouse.statements import Statement
from ab_assets.warehouse.tables import TableDefinition
from ab_assets.warehouse.writing import dropping_place, partition_values, place

# How many parts a statement is tried in, one after the other, while memory is too small.
_PARTS = (1, 4, 16, 64)


class _OutsideError(Exception):
    """Rows of a query are outside the partition: nothing of them is kept."""


class DuckDBWarehouse:
    """A warehouse in one DuckDB file, which one process at a time can have open.

    Every call opens the file, works and closes it again, so that other processes get their turn;
    within :meth:`session` the calls of one thread share a connection. Threads of one process share
    the file.

    Args:
        path: The file; it and its folder are made when they are missing.
        lock_seconds: How long to wait for a file another process has open.
        limits: How much of the machine to use.
    """

    def __init__(
        self, path: Path, lock_seconds: float = 60.0, limits: Limits = DEFAULT_LIMITS
    ) -> None:
        self._path = Path(path)
        self._limits = limits
        self._lock_seconds = lock_seconds
        self._thread = threading.local()

    def __repr__(self) -> str:
        return f"DuckDBWarehouse({str(self._path)!r})"

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    @contextmanager
    def session(self) -> Iterator[None]:
        """Lets the calls of this thread inside the block share one connection; may be nested."""
        with self._connected():
            yield

    def execute(self, statement: Statement) -> int:
        """Runs a statement that changes rows and returns how many it changed."""
        with self._connected() as connection, _told(statement.name), writing(self._path):
            rows = self._run(connection, statement, to_duckdb(statement.text)).fetchall()
        return int(rows[0][0]) if rows else 0

    def fetch(self, statement: Statement) -> pl.DataFrame:
        """Runs a query and gives its rows."""
        with self._connected() as connection, _told(statement.name):
            text = to_duckdb(statement.text)
            _make_macros(connection, text)
            return query_frame(connection, text, bindable(statement.parameters))

    def overwrite(
        self,
        table: TableDefinition,
        partition: Partition,
        statement: Statement,
        provenance: Provenance | None = None,
    ) -> int:
        """Replaces one partition by the rows of a query, all or nothing."""
        values = partition_values(table, partition)
        where = place(statement.name, table, partition)
        with self._connected() as connection, _told(where):
            text, parameters = self._query(connection, statement)
            if duckdb_overwrite.fits_as_it_is(connection, table, text, parameters):
                count = self._replace_directly(connection, table, values, statement, provenance)
                if count is not None:
                    return count
            with _staged(connection):
                self._run(connection, statement, f"CREATE TEMP TABLE {STAGED} AS {text}")
                return self._replace(connection, table, values, provenance)

    def overwrite_rows(
        self,
        table: TableDefinition,
        partition: Partition,
        frame: pl.DataFrame,
        provenance: Provenance | None = None,
    ) -> int:
        """Replaces one partition by the rows of a frame, all or nothing."""
        values = partition_values(table, partition)
        where = place("overwrite_rows", table, partition)
        with self._connected() as connection, _told(where), _staged(connection):
            duckdb_loading.stage_frame(connection, storable(frame), STAGED)
            return self._replace(connection, table, values, provenance)

    def append(self, table: TableDefinition, frame: pl.DataFrame) -> int:
        """Adds the rows of a frame that has exactly the columns of the table."""
        with (
            self._connected() as connection,
            _told(f"append to {table.qualified}"),
            _staged(connection),
        ):
            duckdb_loading.stage_frame(connection, storable(frame), STAGED)
            items = duckdb_overwrite.insert_list(
                connection, table, duckdb_overwrite.staged_columns(connection)
            )
            with writing(self._path), transaction(connection):
                duckdb_overwrite.insert_staged(connection, table, items)
            return frame.height

    def ensure(self, table: TableDefinition) -> None:
        """Creates the table, or adds the columns it does not have yet."""
        with self._connected() as connection, _told(f"schema of {table.qualified}"):
            self._ensure(connection, table)

    def drop_partitions(self, table: TableDefinition, tag: str, before: date) -> int:
        """Drops a tag's rows before a day, and what is recorded of them."""
        by_tag = "tag" in table.partition_by
        where = " AND tag = $tag" if by_tag else ""
        values = {"before": before} | ({"tag": tag} if by_tag else {})
        where_to = dropping_place(table, tag, before)
        with (
            self._connected() as connection,
            _told(where_to),
            writing(self._path),
            transaction(connection),
        ):
            rows = connection.execute(
                f'DELETE FROM "{table.schema}"."{table.name}" WHERE event_date < $before{where}',
                values,
            ).fetchall()
            duckdb_provenance.drop(connection, table.qualified, tag, before)
        return int(rows[0][0])

    def columns(self, table_name: str) -> dict[str, str]:
        """The columns and types of ``schema.name``; empty when there is no such table."""
        with self._connected() as connection, _told(f"columns of {table_name}"):
            return duckdb_schema.read_columns(connection, table_name)

    def tables(self, schema: str) -> list[str]:
        """The names of the tables of a schema, sorted."""
        with self._connected() as connection, _told(f"tables of {schema}"):
            return duckdb_schema.read_tables(connection, schema)

    def read_provenance(
        self, table_name: str, tag: str | None = None, event_date: date | None = None
    ) -> list[Provenance]:
        """The newest provenance of each partition of a table, oldest day first."""
        with self._connected() as connection, _told(f"provenance of {table_name}"):
            return duckdb_provenance.read(connection, table_name, tag, event_date)

    def load_file(self, rows: FileRows) -> LoadedFile:
        """Adds the rows, the rejects and the ledger entry of one file in one transaction."""
        with (
            self._connected() as connection,
            _told(f"load of {rows.source_file}"),
            writing(self._path),
        ):
            return duckdb_loading.load(connection, rows, self._limits)

    def close(self) -> None:
        """Nothing to let go of: no connection outlives its call."""

    @contextmanager
    def _connected(self) -> Iterator[duckdb.DuckDBPyConnection]:
        shared: duckdb.DuckDBPyConnection | None = getattr(self._thread, "connection", None)
        if shared is not None:
            yield shared
            return
        with connected(self._path, self._lock_seconds, self._limits) as connection:
            self._thread.connection = connection
            try:
                yield connection
            finally:
                self._thread.connection = None

    def _run(
        self, connection: duckdb.DuckDBPyConnection, statement: Statement, text: str
    ) -> duckdb.DuckDBPyConnection:
        _make_macros(connection, text)
        return connection.execute(text, bindable(statement.parameters))

    def _query(
        self, connection: duckdb.DuckDBPyConnection, statement: Statement
    ) -> tuple[str, dict[str, object]]:
        """A statement as DuckDB runs it, with the functions it calls in place."""
        text = to_duckdb(statement.text)
        _make_macros(connection, text)
        return text, bindable(statement.parameters)

    def _replace_directly(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: TableDefinition,
        values: dict[str, str | date],
        statement: Statement,
        provenance: Provenance | None,
    ) -> int | None:
        """Replaces the partition, in parts where memory is too small for the whole.

        Returns:
            How many rows it has; ``None``, and nothing changed, where they have to be staged.
        """
        if provenance is not None:
            self._ensure(connection, fixed_table(duckdb_provenance.TABLE))
        for parts in _PARTS:
            statements = statement.in_parts(parts) if statement.in_parts and parts > 1 else None
            queries = [self._query(connection, part) for part in statements or [statement]]
            try:
                return self._replace_by(connection, table, values, queries, provenance)
            except (_OutsideError, duckdb.ConstraintException):
                return None
            except duckdb.OutOfMemoryException:
                if statement.in_parts is None or parts == _PARTS[-1]:
                    raise
        return None

    def _replace_by(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: TableDefinition,
        values: dict[str, str | date],
        queries: Sequence[tuple[str, dict[str, object]]],
        provenance: Provenance | None,
    ) -> int:
        with writing(self._path), transaction(connection):
            count = duckdb_overwrite.replace_by_query(connection, table, values, queries)
            if count is None:
                raise _OutsideError
            _book(connection, table, provenance, count)
            return count

    def _replace(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: TableDefinition,
        values: dict[str, str | date],
        provenance: Provenance | None,
    ) -> int:
        items = duckdb_overwrite.insert_list(
            connection, table, duckdb_overwrite.staged_columns(connection)
        )
        count = duckdb_overwrite.check_partition(connection, values)
        if provenance is not None:
            self._ensure(connection, fixed_table(duckdb_provenance.TABLE))
        with writing(self._path), transaction(connection):
            duckdb_overwrite.replace_partition(connection, table, values, items)
            _book(connection, table, provenance, count)
        return count

    def _ensure(self, connection: duckdb.DuckDBPyConnection, table: TableDefinition) -> None:
        with writing(self._path), transaction(connection):
            duckdb_schema.ensure_table(connection, table)


def _book(
    connection: duckdb.DuckDBPyConnection,
    table: TableDefinition,
    provenance: Provenance | None,
    count: int,
) -> None:
    """Writes where a partition is from, if that is kept; the caller holds the transaction."""
    if provenance is not None:
        filled = replace(provenance, table_name=table.qualified, row_count=count)
        duckdb_provenance.write(connection, filled)


def _make_macros(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    for macro in macros_for(text):
        connection.execute(macro)


@contextmanager
def _staged(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.execute(f"DROP TABLE IF EXISTS temp.{STAGED}")
    try:
        yield
    finally:
        connection.execute(f"DROP TABLE IF EXISTS temp.{STAGED}")


@contextmanager
def _told(place: str) -> Iterator[None]:
    """Names the place in every error that leaves the block."""
    try:
        yield
    except duckdb.Error as error:
        message = f"{place}: {explained(str(error))}"
        raise WarehouseError(message) from None
    except LoadError:
        raise  # names its file already
    except AbAssetsError as error:
        message = f"{place}: {error}"
        raise type(error)(message) from None
