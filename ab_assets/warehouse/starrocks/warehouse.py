"""The warehouse on a StarRocks cluster.

What belongs here: the interface's methods, sessions, and errors that name statement and
partition. What does not: the texts, the labels, and how rows are loaded.
"""

import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date

import polars as pl
from sqlglot.tokenizer_core import TokenType

from ab_assets.errors import AbAssetsError, LoadError, WarehouseError
from ab_assets.warehouse.interface import Partition, Provenance
from ab_assets.warehouse.loading_types import FileRows, LoadedFile
from ab_assets.warehouse.schema import fixed_table
from ab_assets.warehouse.starrocks import overwrite as texts
from ab_assets.warehouse.starrocks import provenance as provenances
from ab_assets.warehouse.starrocks import schema as schemas
from ab_assets.warehouse.starrocks.connection import StarRocksConnection, StarRocksPool
from ab_assets.warehouse.starrocks.errors import Patience, StarRocksError
from ab_assets.warehouse.starrocks.explaining import explained
from ab_assets.warehouse.starrocks.frames import answer_frame, answer_types
from ab_assets.warehouse.starrocks.labels import insert_once
from ab_assets.warehouse.starrocks.load_file import FileLoading
from ab_assets.warehouse.starrocks.location import StarRocksLocation
from ab_assets.warehouse.starrocks.provenance_texts import TABLE as PROVENANCE_TABLE
from ab_assets.warehouse.starrocks.replacing import Replacement, counted
from ab_assets.warehouse.starrocks.staging import Stage, staged
from ab_assets.warehouse.starrocks.stream_load import StreamLoader
from ab_assets.warehouse.starrocks.text import Text, statement_text
from ab_assets.warehouse.statements import Statement
from ab_assets.warehouse.tables import TableDefinition
from ab_assets.warehouse.tokens import tokens
from ab_assets.warehouse.writing import check_column_names, dropping_place, partition_values, place


class StarRocksWarehouse:
    """A warehouse on a StarRocks cluster: statements over MySQL's protocol, rows by Stream Load.

    Nothing is connected before the first use. A process keeps a few connections; within
    :meth:`session` the calls of one thread share one. Whatever passes (a frontend that restarts, a
    lost connection) is waited for; what is sent again is done once.

    Args:
        location: The cluster.
        patience: How long to try again.
        loader: Loads rows; made for the location when it is not given.
    """

    def __init__(
        self,
        location: StarRocksLocation,
        patience: Patience | None = None,
        loader: StreamLoader | None = None,
    ) -> None:
        self._location = location
        self._patience = patience or Patience()
        self._loader = loader or StreamLoader(location, retry_seconds=self._patience.seconds)
        self._pool = StarRocksPool(location, self._patience)
        self._thread = threading.local()
        # Each asset opens a warehouse of its own: its connections shall not wait for the collector.
        weakref.finalize(self, self._pool.close)

    def __repr__(self) -> str:
        where = self._location
        return f"StarRocksWarehouse({where.user!r} at {where.host}:{where.port}/{where.database})"

    @property
    def location(self) -> StarRocksLocation:
        """The cluster."""
        return self._location

    def close(self) -> None:
        """Closes the connections that are kept; a later call makes new ones."""
        self._pool.close()

    @contextmanager
    def session(self) -> Iterator[None]:
        """Lets the calls of this thread inside the block share one connection; may be nested."""
        with self._connected():
            yield

    def execute(self, statement: Statement) -> int:
        """Runs a statement that changes rows and returns how many it changed."""
        with self._told(statement.name) as connection:
            sent = statement_text(statement)
            stream = tokens(sent.text)
            first = stream[0].token_type
            if first == TokenType.INSERT:
                return self._insert(connection, sent)
            count = 0
            if first in {TokenType.DELETE, TokenType.TRUNCATE}:
                count = counted(connection, Text(texts.counting(sent.text), sent.values))
            forgiving = first != TokenType.DROP or TokenType.EXISTS in {
                token.token_type for token in stream
            }
            connection.execute(sent.text, sent.values, repeatable=forgiving)
            return count

    def fetch(self, statement: Statement) -> pl.DataFrame:
        """Runs a query and gives its rows."""
        with self._told(statement.name) as connection:
            sent = statement_text(statement)
            return answer_frame(connection.query(sent.text, sent.values))

    def overwrite(
        self,
        table: TableDefinition,
        partition: Partition,
        statement: Statement,
        provenance: Provenance | None = None,
    ) -> int:
        """Replaces one partition by the rows of a query, all or nothing."""
        partition_values(table, partition)
        with self._told(place(statement.name, table, partition)) as connection:
            asked = texts.columns_text(statement)
            kinds = answer_types(connection.query(asked.text, asked.values))
            check_column_names(table, kinds)
            texts.check_types(table, kinds)
            return self._replace(
                connection,
                table,
                partition,
                lambda label: texts.overwrite_text(table, partition, statement, label),
                provenance,
            )

    def overwrite_rows(
        self,
        table: TableDefinition,
        partition: Partition,
        frame: pl.DataFrame,
        provenance: Provenance | None = None,
    ) -> int:
        """Replaces one partition by the rows of a frame, all or nothing."""
        partition_values(table, partition)
        with self._told(place("overwrite_rows", table, partition)) as connection:
            check_column_names(table, frame.columns)
            texts.check_rows(table, partition, frame)
            if frame.is_empty():
                return self._replace(
                    connection,
                    table,
                    partition,
                    lambda label: texts.empty_text(table, partition, label),
                    provenance,
                )
            with self._staged(connection, table, frame) as stage:
                return self._replace(
                    connection,
                    table,
                    partition,
                    lambda label: texts.overwrite_from(
                        table, partition, label, stage.items, stage.qualified
                    ),
                    provenance,
                )

    def append(self, table: TableDefinition, frame: pl.DataFrame) -> int:
        """Adds the rows of a frame that has exactly the columns of the table."""
        with self._told(f"append to {table.qualified}") as connection:
            check_column_names(table, frame.columns)
            if frame.is_empty():
                return 0
            with self._staged(connection, table, frame) as stage:
                insert_once(
                    connection,
                    lambda label: (
                        texts.append_text(table, label, stage.items, stage.qualified).text
                    ),
                    {},
                    schema=table.schema,
                    name=table.name,
                    patience=self._patience,
                )
            return frame.height

    def ensure(self, table: TableDefinition) -> None:
        """Creates the table, or adds the columns it does not have yet."""
        with self._told(f"schema of {table.qualified}") as connection:
            self._ensure(connection, table)

    def drop_partitions(self, table: TableDefinition, tag: str, before: date) -> int:
        """Drops a tag's rows before a day, and what is recorded of them."""
        where = dropping_place(table, tag, before)
        with self._told(where) as connection:
            rows, values = texts.old_rows(table, tag, before)
            # First what is recorded: rows nobody vouches for count as not made.
            provenances.drop(connection, table.qualified, tag, before)
            count = counted(connection, Text(f"SELECT count(*) AS n {rows}", values))
            if count:
                connection.execute(f"DELETE {rows}", values)
            return count

    def columns(self, table_name: str) -> dict[str, str]:
        """The columns and types of ``schema.name``; empty when there is no such table."""
        with self._told(f"columns of {table_name}") as connection:
            return schemas.read_columns(connection, table_name)

    def tables(self, schema: str) -> list[str]:
        """The names of the tables of a schema, sorted."""
        with self._told(f"tables of {schema}") as connection:
            return schemas.read_tables(connection, schema)

    def read_provenance(
        self, table_name: str, tag: str | None = None, event_date: date | None = None
    ) -> list[Provenance]:
        """The newest provenance of each partition of a table, oldest day first."""
        with self._told(f"provenance of {table_name}") as connection:
            return provenances.read(connection, table_name, tag, event_date)

    def load_file(self, rows: FileRows) -> LoadedFile:
        """Adds the rows, the rejects and the ledger entry of one file, each once."""
        with self._told(f"load of {rows.source_file}") as connection:
            loading = FileLoading(
                connection,
                self._loader,
                lambda table: self._ensure(connection, table),
                self._patience,
                self._location.replication_num,
            )
            return loading.load(rows)

    @contextmanager
    def _connected(self) -> Iterator[StarRocksConnection]:
        shared: StarRocksConnection | None = getattr(self._thread, "connection", None)
        if shared is not None:
            yield shared
            return
        with self._pool.connection() as connection:
            self._thread.connection = connection
            try:
                yield connection
            finally:
                self._thread.connection = None

    def _staged(
        self, connection: StarRocksConnection, table: TableDefinition, frame: pl.DataFrame
    ) -> AbstractContextManager[Stage]:
        copies = self._location.replication_num
        return staged(connection, self._loader, table, [frame], copies)

    def _insert(self, connection: StarRocksConnection, sent: Text) -> int:
        return insert_once(
            connection,
            lambda label: texts.labelled(sent.text, label),
            sent.values,
            schema=texts.insert_schema(sent.text),
            name="insert",
            patience=self._patience,
        )

    def _replace(
        self,
        connection: StarRocksConnection,
        table: TableDefinition,
        partition: Partition,
        text_for: Callable[[str], Text],
        provenance: Provenance | None,
    ) -> int:
        if provenance is not None:
            self._ensure(connection, fixed_table(PROVENANCE_TABLE))
        replacement = Replacement(table, partition, text_for, provenance)
        return replacement.carry_out(connection, self._patience)

    def _ensure(self, connection: StarRocksConnection, table: TableDefinition) -> None:
        schemas.ensure_table(connection, table, self._location.replication_num, self._patience)

    @contextmanager
    def _told(self, where: str) -> Iterator[StarRocksConnection]:
        """A connection; every error that leaves the block names the place, none the password."""
        with self._connected() as connection:
            try:
                yield connection
            except StarRocksError as error:
                message = f"{where}: {explained(error, self._location, connection)}"
                raise WarehouseError(message) from None
            except LoadError:
                raise  # names its file already
            except AbAssetsError as error:
                message = f"{where}: {error}"
                raise type(error)(message) from None
