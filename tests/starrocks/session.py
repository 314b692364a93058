"""One client's session: who it is, which database it uses, its variables; and answers.

What belongs here: the state between two statements. What does not: the wire and the statements.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import duckdb

from tests.starrocks.refusals import StarRocksRefusalError
from tests.starrocks.store import Store

VARIABLES: dict[str, str] = {
    "autocommit": "1",
    "big_query_profile_threshold": "0s",
    "catalog": "default_catalog",
    "character_set_client": "utf8",
    "character_set_connection": "utf8",
    "character_set_results": "utf8",
    "character_set_server": "utf8",
    "collation_connection": "utf8_general_ci",
    "collation_server": "utf8_general_ci",
    "dynamic_overwrite": "0",
    "enable_insert_strict": "1",
    "enable_profile": "0",
    "enable_spill": "0",
    "insert_max_filter_ratio": "0.0",
    "insert_timeout": "14400",
    "interactive_timeout": "3600",
    "license": "Apache License 2.0",
    "lower_case_table_names": "0",
    "max_allowed_packet": "33554432",
    "net_read_timeout": "60",
    "net_write_timeout": "60",
    "pipeline_dop": "0",
    "query_mem_limit": "0",
    "query_timeout": "300",
    "resource_group": "",
    "spill_mode": "auto",
    "sql_mode": "ONLY_FULL_GROUP_BY",
    "sql_select_limit": "9223372036854775807",
    "system_time_zone": "Asia/Shanghai",
    "time_zone": "Asia/Shanghai",
    "transaction_isolation": "REPEATABLE-READ",
    "tx_isolation": "REPEATABLE-READ",
    "wait_timeout": "28800",
    "warehouse": "default_warehouse",
}


@dataclass(frozen=True)
class Answer:
    """What a statement answers: rows, or only that it is done.

    Attributes:
        columns: The names and DuckDB types of the rows; None where there are none.
        rows: The rows.
        affected: How many rows the cluster says it changed.
        info: What it says besides.
    """

    columns: Sequence[tuple[str, str]] | None = None
    rows: Sequence[Sequence[object]] = ()
    affected: int = 0
    info: str = ""


def texts(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Answer:
    """An answer of text columns."""
    return Answer([(name, "VARCHAR") for name in columns], rows)


@dataclass
class Session:
    """A client's session.

    Attributes:
        store: The data.
        number: The number of the connection.
        version: The StarRocks version the cluster says it is.
        user: Who it is.
        read_only: Whether it may only read.
        database: The database of tables named without one.
        variables: Its variables.
        middle: Called when a statement has its rows ready but not visible.
        label: The label of the statement that runs.
    """

    store: Store
    number: int
    version: str
    user: str = ""
    read_only: bool = False
    database: str | None = None
    variables: dict[str, str] = field(default_factory=lambda: dict(VARIABLES))
    middle: Callable[[], None] = lambda: None
    label: str | None = None
    _stack: ExitStack = field(default_factory=ExitStack)
    _connection: duckdb.DuckDBPyConnection | None = None

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The session's own DuckDB connection."""
        if self._connection is None:
            self._connection = self._stack.enter_context(self.store.connected())
        return self._connection

    def interrupt(self) -> None:
        """Stops the statement that runs."""
        if self._connection is not None:
            self._connection.interrupt()

    def close(self) -> None:
        """Closes its connection."""
        self._connection = None
        self._stack.close()

    def named(self, database: str | None, table: str) -> tuple[str, str]:
        """A table's database and name; without a database it is the session's.

        Raises:
            StarRocksRefusalError: No database is chosen.
        """
        if not database and not self.database:
            raise StarRocksRefusalError(1046, "No database selected")
        return database or str(self.database), table

    def use(self, database: str) -> None:
        """Chooses a database."""
        name = database.removeprefix("default_catalog.")
        if name != "information_schema":
            self.store.check_database(name)
        self.database = name
