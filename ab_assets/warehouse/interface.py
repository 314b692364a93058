"""What every warehouse can do.

What belongs here: the interface the rest of the project sees, and the records that cross it.
What does not: anything that knows which warehouse it is.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

from ab_assets.warehouse.loading_types import FileRows, LoadedFile
from ab_assets.warehouse.statements import Statement
from ab_assets.warehouse.tables import TableDefinition

if TYPE_CHECKING:
    import polars as pl

Partition = Mapping[str, str | date]


@dataclass(frozen=True)
class Provenance:
    """What one partition was made from: a row of ``ab.partition_provenance``.

    Attributes:
        tag: The tag of the partition.
        event_date: Its day; None for a table that is partitioned by tag alone.
        config_hash: The configuration in force.
        sql_hash: The text of the statement that made the rows.
        run_id: The run that made them.
        path: How they were made, for example ``incremental`` or ``full``.
        computed_at: When, as an aware time.
        reason: Why the path was taken, or why there are no rows.
        table_name: The table as ``schema.name``; filled in when the partition is written.
        row_count: The rows written; filled in when the partition is written.
    """

    tag: str
    event_date: date | None
    config_hash: str
    sql_hash: str
    run_id: str
    path: str
    computed_at: datetime
    reason: str = ""
    table_name: str = ""
    row_count: int = 0


class Warehouse(Protocol):
    """A place that keeps tables, runs StarRocks statements and overwrites partitions atomically.

    Each call opens and closes its own connection, unless it stands inside :meth:`session`. Every
    method raises WarehouseError (or its subclass for a locked file) with the statement and the
    partition named.
    """

    def session(self) -> AbstractContextManager[None]:
        """Lets this thread's calls inside the block share one short connection; may be nested."""
        ...

    def execute(self, statement: Statement) -> int:
        """Runs a statement that changes rows and returns how many it changed."""
        ...

    def fetch(self, statement: Statement) -> "pl.DataFrame":
        """Runs a query: whole numbers are Int64, DATETIME is naive UTC, JSON is text."""
        ...

    def overwrite(
        self,
        table: TableDefinition,
        partition: Partition,
        statement: Statement,
        provenance: Provenance | None = None,
    ) -> int:
        """Replaces one partition by the rows of a query, all or nothing, and returns their number.

        The partition names a value for every partition column of the table. The query gives
        exactly the
        columns of the table, in any order, and only rows of that partition. The provenance, when
        given,
        replaces the earlier one of the partition together with the rows.
        """
        ...

    def overwrite_rows(
        self,
        table: TableDefinition,
        partition: Partition,
        frame: "pl.DataFrame",
        provenance: Provenance | None = None,
    ) -> int:
        """Replaces one partition by the rows of a frame, by the rules of :meth:`overwrite`."""
        ...

    def append(self, table: TableDefinition, frame: "pl.DataFrame") -> int:
        """Adds the rows of a frame that has exactly the columns of the table."""
        ...

    def ensure(self, table: TableDefinition) -> None:
        """Creates the table, or adds the columns it does not have yet.

        Raises:
            ConfigurationError: A column has another type or is no longer declared.
        """
        ...

    def drop_partitions(self, table: TableDefinition, tag: str, before: date) -> int:
        """Drops a tag's rows with an event_date before the given day and returns their number."""
        ...

    def columns(self, table_name: str) -> dict[str, str]:
        """The columns and types of ``schema.name``; empty when there is no such table."""
        ...

    def tables(self, schema: str) -> list[str]:
        """The names of the tables of a schema, sorted; empty when there is no such schema."""
        ...

    def read_provenance(
        self, table_name: str, tag: str | None = None, event_date: date | None = None
    ) -> list[Provenance]:
        """The newest provenance of each partition of a table, oldest day first."""
        ...

    def load_file(self, rows: FileRows) -> LoadedFile:
        """Adds the rows, the rejects and the ledger entry of one file in one transaction.

        A content label that is already in the ledger adds nothing and says so.
        """
        ...

    def close(self) -> None:
        """Lets go of connections that are kept; a later call makes new ones."""
        ...
