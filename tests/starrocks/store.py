"""What both servers of the cluster share: tables, their rows, and the labels of their loads.

What belongs here: the DuckDB file behind the cluster, its catalogue, the locks, adding rows. What
does not: protocols, statements, and what the rows are.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa

from ab_assets.warehouse.duckdb.connection import connected
from tests.starrocks.catalogue import StoredTable, from_comment, to_comment
from tests.starrocks.labels import LabelRegistry
from tests.starrocks.refusals import (
    RowsFilteredError,
    StarRocksRefusalError,
    refuse_analysis,
    refuse_unknown_database,
    refuse_unknown_table,
)
from tests.starrocks.staging import RAW, insert_staged

_LOCK_SECONDS = 60.0
_CATALOGUE = (
    "SELECT comment FROM duckdb_tables() WHERE database_name = current_database() "
    "AND comment IS NOT NULL"
)


class Store:
    """The data of a cluster: one DuckDB file; safe to use from several threads.

    Attributes:
        labels: The loads there were.
        path: The DuckDB file.
    """

    def __init__(self, path: Path, databases: Sequence[str] = ("ab",)) -> None:
        self.path = path
        self.labels = LabelRegistry()
        self._initial = tuple(databases)
        self._databases: set[str] = set()
        self._tables: dict[tuple[str, str], StoredTable] = {}
        self._locks: dict[tuple[str, str], threading.RLock] = {}
        self._guard = threading.RLock()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Opens the file and reads what an earlier cluster left in it."""
        root = self._stack.enter_context(connected(self.path, _LOCK_SECONDS))
        for (text,) in root.execute(_CATALOGUE).fetchall():
            table = from_comment(text)
            self._tables[table.schema, table.name] = table
            self._databases.add(table.schema)
        for name in self._initial:
            self.create_database(name)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Closes the file."""
        self._stack.close()

    @contextmanager
    def connected(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A DuckDB connection of the caller's own; for one thread at a time."""
        with connected(self.path, _LOCK_SECONDS) as connection:
            yield connection

    @contextmanager
    def locked(self, schema: str, name: str) -> Iterator[None]:
        """Held while a statement or a load changes the rows of a table."""
        with self._guard:
            lock = self._locks.setdefault((schema, name), threading.RLock())
        with lock:
            yield

    def databases(self) -> list[str]:
        """The names of the databases, sorted."""
        with self._guard:
            return sorted(self._databases)

    def tables(self, schema: str | None = None) -> list[StoredTable]:
        """The tables of a database, or all; by name."""
        with self._guard:
            return [
                table for key, table in sorted(self._tables.items()) if schema in (None, key[0])
            ]

    def table(self, schema: str, name: str) -> StoredTable:
        """The table of that name.

        Raises:
            StarRocksRefusalError: The database (5501) or the table (5502) is unknown.
        """
        self.check_database(schema)
        with self._guard:
            found = self._tables.get((schema, name))
        if found is None:
            refuse_unknown_table(f"{schema}.{name}")
        return found

    def check_database(self, name: str) -> None:
        """Refuses an unknown database."""
        if name not in self.databases():
            refuse_unknown_database(name)

    def create_database(self, name: str) -> None:
        """Makes the database, when it is not there yet."""
        with self._guard, self.connected() as connection:
            connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{name}"')
            self._databases.add(name)

    def create_table(self, table: StoredTable) -> None:
        """Makes a table that is not there yet."""
        columns = ", ".join(
            f'"{column.name}" {column.duckdb_type}{"" if column.nullable else " NOT NULL"}'
            for column in table.columns
        )
        self._define(table, f"CREATE TABLE {table.quoted} ({columns})")

    def alter_table(self, table: StoredTable, *statements: str) -> None:
        """Changes a table by DuckDB statements and keeps its new definition."""
        with self.locked(table.schema, table.name):
            self._define(table, *statements)

    def drop_table(self, schema: str, name: str) -> None:
        """Drops a table with its rows."""
        table = self.table(schema, name)
        with self.locked(schema, name), self._guard, self.connected() as connection:
            connection.execute(f"DROP TABLE {table.quoted}")
            del self._tables[schema, name]

    def insert_rows(  # noqa: PLR0917  in the order of a load's address
        self,
        schema: str,
        table: str,
        columns: Sequence[str],
        rows: pa.Table | Sequence[Sequence[object]],
        label: str | None,
        kind: str = "STREAM_LOAD",
    ) -> int:
        """Adds rows as one load, all or nothing.

        Values are converted as a load converts them: text that the type of its column cannot read
        is a misfit, not NULL.

        Args:
            schema: The database.
            table: The table.
            columns: The columns of the table that the rows have, in the rows' order.
            rows: As an Arrow table (its own column names do not matter), or as Python rows.
            label: The label; the cluster makes one up for None.
            kind: What ``information_schema.loads`` calls the load.

        Returns:
            How many rows were added.

        Raises:
            LabelAlreadyUsedError: The label stands for another load; its state is on the error.
            RowsFilteredError: Rows do not fit, with how many and why; the label is CANCELLED.
            StarRocksRefusalError: There is no such database, table or column.
        """
        stored = self.table(schema, table)
        load = self.labels.begin(schema, table, label, kind)
        try:
            arrow = rows if isinstance(rows, pa.Table) else _arrow(columns, rows)
            named = arrow.rename_columns([f"c{index}" for index in range(arrow.num_columns)])
            with self.locked(schema, table), self.connected() as connection:
                connection.register("ab_stand_in_arrow", named)
                connection.execute(f"CREATE TEMP TABLE {RAW} AS SELECT * FROM ab_stand_in_arrow")
                connection.begin()
                count = insert_staged(connection, stored, columns, load.job)
                connection.commit()
        except RowsFilteredError as error:
            self.labels.cancel(
                load, error.text, filtered=error.filtered, log="\n".join(error.reasons)
            )
            raise
        except (StarRocksRefusalError, duckdb.Error, pa.ArrowException) as error:
            self.labels.cancel(load, str(error))
            raise
        self.labels.finish(load, count)
        return count

    def _define(self, table: StoredTable, *statements: str) -> None:
        text = to_comment(table).replace("'", "''")
        with self._guard, self.connected() as connection:
            connection.begin()
            for statement in statements:
                connection.execute(statement)
            connection.execute(f"COMMENT ON TABLE {table.quoted} IS '{text}'")
            connection.commit()
            self._tables[table.schema, table.name] = table


def _arrow(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> pa.Table:
    wrong = next((row for row in rows if len(row) != len(columns)), None)
    if wrong is not None:
        refuse_analysis(f"A row has {len(wrong)} values for {len(columns)} columns")
    arrays = [pa.array([row[index] for row in rows]) for index in range(len(columns))]
    return pa.table(arrays, names=[f"c{index}" for index in range(len(columns))])
