"""Tables on StarRocks: what is there, creating, evolving.

What belongs here: reading the catalogue and running the DDL. What does not: the definitions, and
what may change (:mod:`ab_assets.warehouse.evolution`).
"""

from ab_assets.errors import WarehouseError
from ab_assets.warehouse.evolution import table_difference
from ab_assets.warehouse.starrocks.connection import StarRocksConnection
from ab_assets.warehouse.starrocks.errors import Kind, Patience, StarRocksError
from ab_assets.warehouse.starrocks.text import doubled
from ab_assets.warehouse.tables import (
    Column,
    TableDefinition,
    add_column,
    create_schema,
    create_table,
)

# Not SQLAlchemy's reflection: what TABLE_TYPE says differs between versions.
_COLUMNS = (
    "SELECT COLUMN_NAME, DATA_TYPE FROM information_schema.columns "
    "WHERE TABLE_SCHEMA = %(schema)s AND TABLE_NAME = %(name)s ORDER BY ORDINAL_POSITION"
)
_TABLES = (
    "SELECT TABLE_NAME FROM information_schema.tables "
    "WHERE TABLE_SCHEMA = %(schema)s ORDER BY TABLE_NAME"
)
_DATABASE = "SELECT SCHEMA_NAME FROM information_schema.schemata WHERE SCHEMA_NAME = %(schema)s"
# No table of ours has a TINYINT.
_OUR_TYPES = {"TINYINT": "BOOLEAN", "STRING": "VARCHAR", "TEXT": "VARCHAR"}


def read_columns(connection: StarRocksConnection, qualified: str) -> dict[str, str]:
    """The columns of ``schema.name`` with their types in our words; empty when it is missing."""
    schema, _, name = qualified.partition(".")
    answer = connection.query(_COLUMNS, {"schema": schema, "name": name})
    return {column: our_type(kind) for column, kind in answer.rows}


def our_type(data_type: str) -> str:
    """Our word for a type of ``information_schema.columns``.

    >>> our_type("tinyint")
    'BOOLEAN'
    """
    base = data_type.partition("(")[0].upper()
    return _OUR_TYPES.get(base, base)


def read_tables(connection: StarRocksConnection, schema: str) -> list[str]:
    """The names of the tables of a database, sorted."""
    return sorted(name for (name,) in connection.query(_TABLES, {"schema": schema}).rows)


def create_texts(table: TableDefinition, replication_num: int) -> list[str]:
    """The texts that make a table and its database."""
    return [
        create_schema(table.schema, "starrocks"),
        doubled(create_table(table, "starrocks", replication_num)),
    ]


def ensure_table(
    connection: StarRocksConnection,
    table: TableDefinition,
    replication_num: int,
    patience: Patience,
) -> None:
    """Creates the table or adds its new columns.

    Raises:
        ConfigurationError: The table that is there has another type for a column, or a column more.
        WarehouseError: A new column is not there after the whole patience.
    """
    difference = table_difference(table, read_columns(connection, table.qualified))
    difference.check()
    if difference.is_new:
        database, columns = create_texts(table, replication_num)
        # It takes a right of its own, even for a database that is there: grants.sql gives none.
        if not connection.query(_DATABASE, {"schema": table.schema}).rows:
            connection.execute(database)
        connection.execute(columns)
    for column in difference.added:
        _add(connection, table, column, patience)


def _add(
    connection: StarRocksConnection, table: TableDefinition, column: Column, patience: Patience
) -> None:
    """Adds a column and waits for it: StarRocks may change a table after it has answered.

    Looked up before every attempt, because an answer may be lost and the column not.
    """
    started, wait, asked = patience.clock(), patience.first_wait, False
    while column.name not in read_columns(connection, table.qualified):
        if not asked:
            asked = _asked(connection, add_text(table, column))
        elif patience.clock() - started >= patience.seconds:
            message = (
                f"the new column {column.name} is not there after {patience.seconds:g} s; "
                f"look at SHOW ALTER TABLE COLUMN FROM {table.schema}"
            )
            raise WarehouseError(message)
        else:
            patience.sleep(wait)
            wait = min(2 * wait, patience.longest_wait)


def _asked(connection: StarRocksConnection, text: str) -> bool:
    """Sends an ALTER; whether it was answered."""
    try:
        connection.execute(text, repeatable=False)
    except StarRocksError as error:
        if error.kind is Kind.UNKNOWN:
            return False
        raise
    return True


def add_text(table: TableDefinition, column: Column) -> str:
    """The text that adds a column."""
    return doubled(add_column(table, column, "starrocks"))
