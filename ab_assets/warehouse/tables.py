"""Tables as values, and their DDL in both dialects.

What belongs here: columns, table definitions, CREATE and ALTER TABLE text. What does not: reading
the files of ``sql/schema`` (schema.py) and comparing with what a warehouse has (evolution.py).
"""

import re
from dataclasses import dataclass
from typing import Literal

from ab_assets.errors import ConfigurationError
from ab_assets.warehouse.names import check_identifier

Dialect = Literal["starrocks", "duckdb"]

_TYPE = re.compile(r"(VARCHAR)(?:\((\d+)\))?|BIGINT|INT|DOUBLE|DATE|DATETIME|BOOLEAN|JSON")
_DUCKDB_TYPES = {"DATETIME": "TIMESTAMP", "INT": "INTEGER"}
_LONG_TEXT = 65533  # what StarRocks calls STRING; VARCHAR without a length would be one character


@dataclass(frozen=True)
class Column:
    """A column: its name, its type in StarRocks words, and what it means.

    ``VARCHAR`` without a length is text of any ordinary length (65533 bytes on StarRocks).
    """

    name: str
    type: str
    comment: str = ""
    nullable: bool = True

    def __post_init__(self) -> None:
        """Checks the name and the type."""
        check_identifier(self.name)
        if not _TYPE.fullmatch(self.type):
            message = (
                f"column {self.name}: {self.type!r} is no type of ours; use VARCHAR, BIGINT, "
                "INT, DOUBLE, DATE, DATETIME, BOOLEAN or JSON"
            )
            raise ConfigurationError(message)

    @property
    def base_type(self) -> str:
        """The type without a length."""
        return self.type.partition("(")[0]

    @property
    def duckdb_type(self) -> str:
        """The type on DuckDB, where text has no length."""
        return _DUCKDB_TYPES.get(self.base_type, self.base_type)


@dataclass(frozen=True)
class TableDefinition:
    """A table: columns, and how StarRocks lays it out.

    Attributes:
        schema: The database (StarRocks) or schema (DuckDB).
        name: The table.
        columns: In order; the sort key comes first.
        partition_by: Columns that together name one partition.
        sort_key: The DUPLICATE KEY: a prefix of the columns.
        bucket_by: The columns whose hash spreads rows over buckets.
        buckets: How many; few, because tablets are partitions × buckets × replicas.
        comment: What one row is.
        partition_day: A DATETIME column whose day is the partition, instead of ``partition_by``.
    """

    schema: str
    name: str
    columns: tuple[Column, ...]
    partition_by: tuple[str, ...] = ()
    sort_key: tuple[str, ...] = ()
    bucket_by: tuple[str, ...] = ()
    buckets: int = 1
    comment: str = ""
    partition_day: str | None = None

    def __post_init__(self) -> None:
        """Checks the names against each other."""
        check_identifier(self.schema)
        check_identifier(self.name)
        names = self.column_names
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            self._refuse(f"the column {doubled[0]} is declared twice")
        days = (self.partition_day,) if self.partition_day else ()
        for used in (*self.partition_by, *self.sort_key, *self.bucket_by, *days):
            if used not in names:
                self._refuse(f"its layout names the column {used}, which it does not have")
        if names[: len(self.sort_key)] != self.sort_key:
            self._refuse(
                f"its sort key ({', '.join(self.sort_key)}) has to be its first columns, in order"
            )

    @property
    def qualified(self) -> str:
        """The table as ``schema.name``."""
        return f"{self.schema}.{self.name}"

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)

    def _refuse(self, problem: str) -> None:
        message = f"the table {self.qualified}: {problem}"
        raise ConfigurationError(message)


def create_table(definition: TableDefinition, dialect: Dialect, replication_num: int = 1) -> str:
    """The CREATE TABLE IF NOT EXISTS of a table.

    Args:
        definition: The table.
        dialect: Whose text.
        replication_num: Copies StarRocks keeps of each tablet.
    """
    columns = ",\n".join(f"  {_column(column, dialect)}" for column in definition.columns)
    head = f"CREATE TABLE IF NOT EXISTS {definition.schema}.{definition.name} (\n{columns}\n)"
    if dialect == "duckdb":
        return head
    return "\n".join([head, *_layout(definition, replication_num)])


def add_column(definition: TableDefinition, column: Column, dialect: Dialect) -> str:
    """The ALTER TABLE that adds a column; it is NULL in the rows already there.

    Args:
        definition: The table.
        column: The new column, which may be NULL.
        dialect: Whose text.
    """
    where = f"{definition.schema}.{definition.name}"
    return f"ALTER TABLE {where} ADD COLUMN {_column(column, dialect)}"


def create_schema(schema: str, dialect: Dialect) -> str:
    """The statement that makes the database (StarRocks) or schema (DuckDB) where it is missing."""
    noun = "SCHEMA" if dialect == "duckdb" else "DATABASE"
    return f"CREATE {noun} IF NOT EXISTS {check_identifier(schema)}"


def _column(column: Column, dialect: Dialect) -> str:
    null = "" if column.nullable else " NOT NULL"
    if dialect == "duckdb":
        return f'"{column.name}" {column.duckdb_type}{null}'
    kind = f"VARCHAR({_LONG_TEXT})" if column.type == "VARCHAR" else column.type
    comment = f" COMMENT {_text(column.comment)}" if column.comment else ""
    # Quoted: a measure may be called rank, which StarRocks reserves.
    return f"`{column.name}` {kind}{null}{comment}"


def _layout(definition: TableDefinition, replication_num: int) -> list[str]:
    lines = []
    if definition.sort_key:
        lines.append(f"DUPLICATE KEY ({', '.join(definition.sort_key)})")
    if definition.comment:
        lines.append(f"COMMENT {_text(definition.comment)}")
    if definition.partition_by:
        lines.append(f"PARTITION BY ({', '.join(definition.partition_by)})")
    elif definition.partition_day:
        lines.append(f"PARTITION BY date_trunc('day', {definition.partition_day})")
    spread = f"HASH({', '.join(definition.bucket_by)})" if definition.bucket_by else "RANDOM"
    lines.append(f"DISTRIBUTED BY {spread} BUCKETS {definition.buckets}")
    lines.append(f'PROPERTIES ("replication_num" = "{replication_num:d}")')
    return lines


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
