"""Tables on DuckDB: what is there, creating, evolving.

What belongs here: reading the catalogue and the one allowed change, a new nullable column. What
does not: the definitions.
"""

import duckdb

from ab_assets.errors import ConfigurationError
from ab_assets.warehouse.duckdb.values import our_type
from ab_assets.warehouse.names import check_identifier
from ab_assets.warehouse.tables import TableDefinition, create_table

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
    found = connection.execute(_EXISTS, {"schema": schema, "name": name}).fetchone()
    if found is None or not found[0]:
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
    existing = read_columns(connection, table.qualified)
    if not existing:
        connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{table.schema}"')
        connection.execute(create_table(table, "duckdb"))
        return
    problem = _difference(table, existing)
    if problem:
        message = (
            f"{table.qualified}: {problem}; put the declaration back, or rename the table "
            f"(ALTER TABLE {table.qualified} RENAME TO {table.name}_old) and make its "
            "partitions again with --full"
        )
        raise ConfigurationError(message)
    for column in table.columns:
        if column.name not in existing:
            new = f'"{column.name}" {column.duckdb_type}'
            connection.execute(f'ALTER TABLE "{table.schema}"."{table.name}" ADD COLUMN {new}')


def _difference(table: TableDefinition, existing: dict[str, str]) -> str | None:
    declared = {column.name: column for column in table.columns}
    gone = [name for name in existing if name not in declared]
    if gone:
        return f"the column {gone[0]} is in the warehouse but no longer declared"
    for name, column in declared.items():
        there = existing.get(name)
        if there is not None and there != column.base_type:
            return f"the column {name} is {there} in the warehouse but declared {column.base_type}"
        if there is None and not column.nullable:
            return f"the new column {name} is NOT NULL, which the rows already there cannot satisfy"
    return None
