"""Rows on their way into a StarRocks table: a table of their own, for as long as it takes.

What belongs here: making, filling and dropping staging tables, and the select list that reads
them. What does not: the statement that moves the rows on.

Stream Loads are transactions of their own, so what takes several of them goes into a staging table
and from there by one statement, which is all or nothing.
"""

import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Protocol

import polars as pl

from ab_assets.errors import WarehouseError
from ab_assets.warehouse.names import identifier
from ab_assets.warehouse.starrocks.load_requests import StreamLoad, StreamLoadResult
from ab_assets.warehouse.starrocks.wire import Body, BodyWriter
from ab_assets.warehouse.tables import Column, TableDefinition, create_table
from ab_assets.warehouse.writing import check_column_names, wrong_type

_NAME = re.compile(r"ab_stage_([0-9a-f]{12})[0-9a-f]{20}")
_LONGEST_TEXT = 1048576  # of a VARCHAR
_LEFTOVER_SECONDS = 24 * 3600
# Whose values a column keeps as they are.
_KEPT: dict[str, Callable[[pl.DataType], bool]] = {
    "VARCHAR": lambda kind: isinstance(kind, pl.String | pl.Categorical | pl.Enum),
    "JSON": lambda kind: isinstance(kind, pl.String),
    "BIGINT": lambda kind: kind.is_integer(),
    "INT": lambda kind: kind.is_integer(),
    "DOUBLE": lambda kind: kind.is_numeric(),
    "BOOLEAN": lambda kind: kind == pl.Boolean,
    "DATE": lambda kind: kind == pl.Date,
    "DATETIME": lambda kind: isinstance(kind, pl.Datetime | pl.Date),
}


class Executes(Protocol):
    """A connection that runs statements."""

    def execute(self, text: str, parameters: Mapping[str, object] | None = None) -> int:
        """Runs a text with binds as ``%(name)s`` and returns how many rows it changed."""
        ...


class Loads(Protocol):
    """What fills a table: a ``StreamLoader``."""

    def load(self, load: StreamLoad) -> StreamLoadResult:
        """Loads one body."""
        ...


@dataclass(frozen=True)
class Stage:
    """A filled staging table.

    Attributes:
        definition: The staging table.
        columns: The columns of the table it stands in for, in order.
        rows: How many rows it has.
    """

    definition: TableDefinition
    columns: tuple[Column, ...]
    rows: int

    @property
    def qualified(self) -> str:
        """The staging table, quoted."""
        return f"{identifier(self.definition.schema)}.{identifier(self.definition.name)}"

    @property
    def items(self) -> str:
        """The select list that gives the columns in order and with their types."""
        return ", ".join(staged_item(column) for column in self.columns)


def staged_item(column: Column) -> str:
    """The expression that reads a column of a table from its staging table."""
    name = identifier(column.name)
    return f"parse_json({name}) AS {name}" if column.base_type == "JSON" else str(name)


def staging_definition(
    table: TableDefinition, extra: Sequence[Column] = (), buckets: int = 1
) -> TableDefinition:
    """A new staging table for rows of a table; its name carries the time.

    Everything may be NULL: what may not is for the table itself to refuse. JSON waits as text: a
    Stream Load would take a JSON text for a JSON string.

    Args:
        table: Where the rows go.
        extra: Columns that lead, as its key, and are not part of the table.
        buckets: How many tablets share the work.
    """
    columns = (*extra, *(_staged(column) for column in table.columns))
    return TableDefinition(
        schema=table.schema,
        name=f"ab_stage_{time.time_ns() // 1_000_000:012x}{secrets.token_hex(10)}",
        columns=columns,
        sort_key=tuple(column.name for column in extra) or table.sort_key,
        buckets=buckets,
        comment=f"rows on their way into {table.qualified}",
    )


def _staged(column: Column) -> Column:
    kind = f"VARCHAR({_LONGEST_TEXT})" if column.base_type == "JSON" else column.type
    return replace(column, type=kind, nullable=True, comment="")


def is_staging(name: str) -> bool:
    """Tells whether a table is one of ours that only waits for its rows to be moved."""
    return _NAME.fullmatch(name) is not None


@contextmanager
def staged(
    connection: Executes,
    loader: Loads,
    table: TableDefinition,
    frames: Iterable[pl.DataFrame],
    replication_num: int = 1,
) -> Iterator[Stage]:
    """A staging table with the rows of frames, dropped at the end of the block.

    Args:
        connection: Makes and drops it.
        loader: Fills it.
        table: The table whose columns the frames have, in any order.
        frames: The rows; NaN becomes NULL, as on DuckDB.
        replication_num: Copies StarRocks keeps of each tablet.

    Raises:
        WarehouseError: A frame has other columns, or its rows cannot be loaded.
    """
    definition = staging_definition(table)
    with made(connection, definition, replication_num):
        filling = Filling(loader, definition)
        for frame in frames:
            filling.add(_fitting(frame, table))
        yield Stage(definition, table.columns, filling.end())


@contextmanager
def made(
    connection: Executes, definition: TableDefinition, replication_num: int = 1
) -> Iterator[None]:
    """Makes an empty staging table and drops it at the end of the block."""
    connection.execute(create_table(definition, "starrocks", replication_num))
    try:
        yield
    finally:
        # What became of the rows is what counts; a leftover is dropped by a later load.
        with suppress(WarehouseError):
            _drop(connection, definition.schema, definition.name)


class Filling:
    """Loads frames into a staging table; holds one body of them at a time, however many there are.

    Args:
        loader: Loads them.
        definition: The staging table.
    """

    def __init__(self, loader: Loads, definition: TableDefinition) -> None:
        self._loader = loader
        self._definition = definition
        self._writer = BodyWriter()
        self._columns: tuple[str, ...] = ()
        self._bodies = 0
        self._rows = 0

    def add(self, frame: pl.DataFrame) -> None:
        """Takes a frame with the columns of every other, and loads what is full."""
        self._columns = tuple(frame.columns)
        for body in self._writer.add(frame):
            self._load(body)

    def end(self) -> int:
        """Loads the rest and returns the number of all rows."""
        for body in self._writer.rest():
            self._load(body)
        return self._rows

    def _load(self, body: Body) -> None:
        schema, name = self._definition.schema, self._definition.name
        label = f"{name}_{self._bodies}"
        self._loader.load(StreamLoad(schema, name, self._columns, label, body.text, body.rows))
        self._bodies += 1
        self._rows += body.rows


def drop_leftovers(connection: Executes, schema: str, names: Iterable[str]) -> list[str]:
    """Drops the staging tables that loads which were killed left a day ago or longer.

    Args:
        connection: Drops them.
        schema: The database.
        names: Its tables.

    Returns:
        The names of the dropped tables.
    """
    newest = time.time() - _LEFTOVER_SECONDS
    dropped = []
    for name in names:
        found = _NAME.fullmatch(name)
        if found and int(found[1], 16) / 1000 < newest:
            _drop(connection, schema, name)
            dropped.append(name)
    return dropped


def _drop(connection: Executes, schema: str, name: str) -> None:
    connection.execute(f"DROP TABLE IF EXISTS {identifier(schema)}.{identifier(name)} FORCE")


def _fitting(frame: pl.DataFrame, table: TableDefinition) -> pl.DataFrame:
    check_column_names(table, frame.columns)
    for column in table.columns:
        kind = frame.schema[column.name]
        if not _KEPT[column.base_type](kind) and frame[column.name].count():
            raise wrong_type(table, column.name, str(kind))
    return without_nan(frame.select(table.column_names))


def without_nan(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with NULL where it has NaN, which is how data frames write NULL."""
    return frame.with_columns(
        frame[name].fill_nan(None) for name, kind in frame.schema.items() if kind.is_float()
    )
