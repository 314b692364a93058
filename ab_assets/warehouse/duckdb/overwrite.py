"""Checking rows, and replacing a partition by them in one transaction.

What belongs here: everything between a query and a changed table. What does not: connections,
and what the rows mean.

Rows of a query whose types the table keeps as they are go straight into the table and are looked at
there, before the transaction ends: writing them twice would cost as much as making them. All others
are staged and looked at first.
"""

# ruff: noqa: S608  names come from checked definitions, values are bound

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date

import duckdb

from ab_assets.warehouse.duckdb.values import our_type
from ab_assets.warehouse.tables import Column, TableDefinition
from ab_assets.warehouse.writing import check_column_names, outside_partition, wrong_type

STAGED = "ab_staged_rows"

_WHOLE = frozenset(
    [
        "TINYINT",
        "SMALLINT",
        "INT",
        "BIGINT",
        "HUGEINT",
        "UTINYINT",
        "USMALLINT",
        "UINTEGER",
        "UBIGINT",
    ]
)
_ACCEPTED = {
    "VARCHAR": frozenset(["JSON"]),
    "JSON": frozenset(["VARCHAR"]),
    "BIGINT": _WHOLE,
    "INT": _WHOLE,
    "DOUBLE": _WHOLE | {"FLOAT", "DECIMAL"},
    "DATETIME": frozenset(["DATE"]),
}


def staged_columns(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The columns and types of the staged rows."""
    rows = connection.execute(f"DESCRIBE temp.{STAGED}").fetchall()
    return {row[0]: our_type(row[1]) for row in rows}


def fits_as_it_is(
    connection: duckdb.DuckDBPyConnection,
    table: TableDefinition,
    text: str,
    parameters: Mapping[str, object],
) -> bool:
    """Whether a query gives the columns of the table, each of a type the table keeps.

    Raises:
        WarehouseError: A column is missing or unknown.
    """
    rows = connection.execute(f"DESCRIBE {text}", dict(parameters)).fetchall()
    kinds = {row[0]: our_type(row[1]) for row in rows}
    check_column_names(table, kinds)
    return all(_is_accepted(column, kinds[column.name]) for column in table.columns)


def insert_list(
    connection: duckdb.DuckDBPyConnection, table: TableDefinition, staged: Mapping[str, str]
) -> str:
    """The select list that fills the table from the staged rows.

    Raises:
        WarehouseError: A column is missing, unknown or of a type that would not be kept as it is.
    """
    check_column_names(table, staged)
    return ", ".join(
        _insert_item(connection, table, column, staged[column.name]) for column in table.columns
    )


def _insert_item(
    connection: duckdb.DuckDBPyConnection, table: TableDefinition, column: Column, kind: str
) -> str:
    if _is_accepted(column, kind):
        return f'"{column.name}"'
    filled = connection.execute(f'SELECT count("{column.name}") FROM temp.{STAGED}').fetchone()
    if filled == (0,):
        return f'NULL AS "{column.name}"'  # a column of NULLs has no type of its own
    raise wrong_type(table, column.name, kind)


def _is_accepted(column: Column, kind: str) -> bool:
    base = kind.partition("(")[0]
    return base == column.base_type or base in _ACCEPTED.get(column.base_type, frozenset())


def check_partition(connection: duckdb.DuckDBPyConnection, values: Mapping[str, str | date]) -> int:
    """The number of staged rows, when all are of the partition.

    Raises:
        WarehouseError: A row is not.
    """
    inside = " AND ".join(f'"{name}" IS NOT DISTINCT FROM ${name}' for name in values)
    row = connection.execute(
        f"SELECT count(*), count(*) FILTER (WHERE NOT ({inside})) FROM temp.{STAGED}", dict(values)
    ).fetchone()
    total, outside = row or (0, 0)
    if outside:
        example = connection.execute(
            f"SELECT {', '.join(_quoted(values))} FROM temp.{STAGED} WHERE NOT ({inside}) LIMIT 1",
            dict(values),
        ).fetchone()
        raise outside_partition(outside, total, dict(zip(values, example or (), strict=False)))
    return int(total)


def replace_partition(
    connection: duckdb.DuckDBPyConnection,
    table: TableDefinition,
    values: Mapping[str, str | date],
    items: str,
) -> None:
    """Deletes the partition and inserts the staged rows; the caller holds the transaction."""
    connection.execute(f"DELETE FROM {_name(table)} WHERE {_inside(values)}", dict(values))
    insert_staged(connection, table, items)


def replace_by_query(
    connection: duckdb.DuckDBPyConnection,
    table: TableDefinition,
    values: Mapping[str, str | date],
    queries: Iterable[tuple[str, Mapping[str, object]]],
) -> int | None:
    """Inserts the rows of queries and deletes those of before; the caller holds the transaction.

    A query may read the partition itself, so the rows of before are there until it has run; they
    are told from the new ones by their place in the table.

    Returns:
        How many rows the partition has now; ``None`` where that is not what they gave: then a row
        is outside the partition, and the transaction has to be rolled back.
    """
    name = _name(table)
    inserted = 0
    ((last,),) = connection.execute(f"SELECT coalesce(max(rowid), -1) FROM {name}").fetchall()
    for text, parameters in queries:
        ((rows,),) = connection.execute(
            f"INSERT INTO {name} BY NAME {text}", dict(parameters)
        ).fetchall()
        inserted += rows
    connection.execute(
        f"DELETE FROM {name} WHERE {_inside(values)} AND rowid <= $ab_last_row",
        {**values, "ab_last_row": last},
    )
    ((kept,),) = connection.execute(
        f"SELECT count(*) FROM {name} WHERE {_inside(values)}", dict(values)
    ).fetchall()
    return int(kept) if kept == inserted else None


def insert_staged(
    connection: duckdb.DuckDBPyConnection, table: TableDefinition, items: str
) -> None:
    """Inserts the staged rows; the caller holds the transaction."""
    connection.execute(f"INSERT INTO {_name(table)} BY NAME SELECT {items} FROM temp.{STAGED}")


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Commits when the block ends, rolls back when it raises."""
    connection.begin()
    try:
        yield
        connection.commit()
    except BaseException:
        with suppress(duckdb.Error):  # a commit that failed has rolled back; its error is told
            connection.rollback()
        raise


def _name(table: TableDefinition) -> str:
    return f'"{table.schema}"."{table.name}"'


def _inside(values: Mapping[str, str | date]) -> str:
    return " AND ".join(f'"{column}" = ${column}' for column in values)


def _quoted(names: Mapping[str, object]) -> list[str]:
    return [f'"{name}"' for name in names]
