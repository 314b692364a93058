"""The texts that change a table's rows.

What belongs here: INSERT OVERWRITE, INSERT and DELETE as they are sent. What does not: sending
them, and the staging tables some read from.
"""

# ruff: noqa: S608  names and literals are checked, values are bound

from collections.abc import Mapping
from datetime import date, datetime

import polars as pl
from sqlglot.tokenizer_core import TokenType

from ab_assets.warehouse.interface import Partition
from ab_assets.warehouse.names import identifiers
from ab_assets.warehouse.starrocks.guard import guard
from ab_assets.warehouse.starrocks.text import (
    Text,
    doubled,
    literal,
    partition_literals,
    statement_text,
    table_name,
)
from ab_assets.warehouse.statements import Statement
from ab_assets.warehouse.tables import TableDefinition
from ab_assets.warehouse.tokens import tokens
from ab_assets.warehouse.writing import outside_partition, partition_values, wrong_type

# What StarRocks would cut off in silence.
_LOSES = {
    "BIGINT": frozenset(["DOUBLE"]),
    "INT": frozenset(["DOUBLE"]),
    "BOOLEAN": frozenset(["DOUBLE"]),
    "DATE": frozenset(["DATETIME"]),
}


def overwrite_text(
    table: TableDefinition, partition: Partition, statement: Statement, label: str
) -> Text:
    """The text that replaces one partition by the rows of a query.

    Raises:
        WarehouseError: The partition cannot be named.
        StatementError: The query leaves the portable subset, or a value cannot be bound.
    """
    query = statement_text(statement)
    columns = identifiers(table.column_names)
    # On lines of its own: the query may end with a comment.
    rows = f"SELECT {columns}\nFROM (\n{query.text}\n) AS made"
    return Text(_overwrite(table, partition, label, rows), query.values)


def overwrite_from(
    table: TableDefinition, partition: Partition, label: str, items: str, source: str
) -> Text:
    """The text that replaces one partition by the rows of a table.

    Args:
        table: The table.
        partition: The partition.
        label: The label of the load.
        items: The select list, in the order of the table's columns.
        source: The table the rows are in, quoted.
    """
    return Text(_overwrite(table, partition, label, doubled(f"SELECT {items}\nFROM {source}")))


def empty_text(table: TableDefinition, partition: Partition, label: str) -> Text:
    """The text that leaves one partition without rows."""
    columns = identifiers(table.column_names)
    rows = f"SELECT {columns}\nFROM {table_name(table.qualified)}\nWHERE 1 = 0"
    return Text(_overwrite(table, partition, label, rows))


def _overwrite(table: TableDefinition, partition: Partition, label: str, rows: str) -> str:
    values = partition_values(table, partition)
    text = (
        f"INSERT OVERWRITE {table_name(table.qualified)}\n"
        f"PARTITION ({partition_literals(table, values)})\n"
        f"WITH LABEL {label}\n"
        f"({identifiers(table.column_names)})\n{rows}"
    )
    guard(text, table.partition_by)
    return text


def append_text(table: TableDefinition, label: str, items: str, source: str) -> Text:
    """The text that adds the rows of a table; see :func:`overwrite_from`."""
    return Text(
        f"INSERT INTO {table_name(table.qualified)}\nWITH LABEL {label}\n"
        f"({identifiers(table.column_names)})\n" + doubled(f"SELECT {items}\nFROM {source}")
    )


def columns_text(statement: Statement) -> Text:
    """The text that gives the columns of a query and no rows."""
    query = statement_text(statement)
    return Text(f"SELECT *\nFROM (\n{query.text}\n) AS made\nLIMIT 0", query.values)


def check_types(table: TableDefinition, kinds: Mapping[str, str]) -> None:
    """Checks that the types of a query's columns lose nothing in the table's.

    Raises:
        WarehouseError: A column would be cut off.
    """
    for column in table.columns:
        kind = kinds[column.name]
        if kind in _LOSES.get(column.base_type, frozenset()):
            raise wrong_type(table, column.name, kind)


def check_rows(table: TableDefinition, partition: Partition, frame: pl.DataFrame) -> None:
    """Checks that every row of a frame is of a partition.

    Raises:
        WarehouseError: A row is not.
    """
    values = partition_values(table, partition)
    outside = frame.filter(
        ~pl.all_horizontal(pl.col(name).eq_missing(pl.lit(value)) for name, value in values.items())
    ).select(list(values))
    if not outside.is_empty():
        raise outside_partition(outside.height, frame.height, outside.row(0, named=True))


def count_text(table: TableDefinition, partition: Partition) -> Text:
    """The text that counts the rows of a partition."""
    where = " AND ".join(
        f"{name} = {literal(table, name, value)}"
        for name, value in partition_values(table, partition).items()
    )
    return Text(f"SELECT count(*) AS n FROM {table_name(table.qualified)} WHERE {where}")


def old_rows(table: TableDefinition, tag: str, before: date) -> tuple[str, dict[str, object]]:
    """The table and condition of a tag's rows before a day, and the values."""
    by_tag = " AND tag = %(tag)s" if "tag" in table.partition_by else ""
    values: dict[str, object] = {"before": day_text(before)}
    return (
        f"FROM {table_name(table.qualified)} WHERE event_date < %(before)s{by_tag}",
        values | ({"tag": tag} if by_tag else {}),
    )


def labelled(text: str, label: str) -> str:
    """An INSERT INTO under a label."""
    stream, place = tokens(text), 2
    while stream[place + 1].token_type == TokenType.DOT:
        place += 2
    end = stream[place].end + 1
    return f"{text[:end]} WITH LABEL {label}{text[end:]}"


def insert_schema(text: str) -> str:
    """The database an INSERT INTO writes to."""
    return tokens(text)[2].text


def counting(text: str) -> str:
    """The query that counts what a DELETE or TRUNCATE is about to remove."""
    stream = tokens(text)
    end = stream[0].end
    if stream[0].token_type == TokenType.TRUNCATE:
        end = stream[1].end if stream[1].token_type == TokenType.TABLE else end
        return f"SELECT count(*) AS n FROM{text[end + 1 :]}"
    return f"SELECT count(*) AS n{text[end + 1 :]}"


def day_text(day: date) -> str:
    """A day as a DELETE takes it, which knows plain literals only."""
    return day.isoformat()


def time_text(moment: datetime) -> str:
    """A naive time as a DELETE takes it."""
    return moment.isoformat(sep=" ", timespec="microseconds")
