"""Tables on DuckDB: what is there, creating, evolving.

What belongs here: reading the catalogue and running the DDL. What does not: the definitions, and
what may change (:mod:`ab_assets.warehouse.evolution`).
"""

import duckdb

from ab_assets.warehouse.duckdb.values import our_type
from ab_assets.warehouse.evolution import table_difference
from ab_assets.warehouse.names import check_identifier
from ab_assets.warehouse.tables import TableDefinition, add_column, create_schema, create_table

# Not information_schema.columns: it lists the columns of every table before it filters.
_EXISTS = (
    "SELECT count(*) FROM duckdb_tables() WHERE database_name = current_database() "
    "AND schema_name = $schema AND table_name = $name"
)
_TABLES = (
    "SELECT table_name FROM information_schema.tables "
    "WHERE table_catalog = current_database() AND table_schema = $schema ORDER BY table_name"
)


def read_columns(connection: duckdb.DuckDBPyConnection, table_name: str) -> dict[str, str]:
    """The columns of ``schema.name`` with their types in our words; empty when it is missing."""
    schema, _, name = table_name.partition(".")
    # All rows are fetched: a result that is not finished would keep a session's connection busy.
    ((exists,),) = connection.execute(_EXISTS, {"schema": schema, "name": name}).fetchall()
    if not exists:
        return {}
    rows = connection.execute(f"DESCRIBE {identifier_pair(schema, name)}").fetchall()
    return {row[0]: our_type(row[1]) for row in rows}


def identifier_pair(schema: str, name: str) -> str:
    """A table's checked name, quoted for DuckDB."""
    return f'"{check_identifier(schema)}"."{check_identifier(name)}"'


def read_tables(connection: duckdb.DuckDBPyConnection, schema: str) -> list[str]:
    """The names of the tables of a schema."""
    return [name for (name,) in connection.execute(_TABLES, {"schema": schema}).fetchall()]


def ensure_table(connection: duckdb.DuckDBPyConnection, table: TableDefinition) -> None:
    """Creates the table or adds its new columns.

    Raises:
        ConfigurationError: The table that is there has another type for a column, or a column more.
    """
    difference = table_difference(table, read_columns(connection, table.qualified))
    difference.check()
    if difference.is_new:
        connection.execute(create_schema(table.schema, "duckdb"))
        connection.execute(create_table(table, "duckdb"))
    for column in difference.added:
        connection.execute(add_column(table, column, "duckdb"))
