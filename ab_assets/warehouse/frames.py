"""Rows of ours as frames that fit a table.

What belongs here: the Polars types of a table's columns. What does not: writing frames.
"""

from collections.abc import Iterable, Mapping

import polars as pl

from ab_assets.warehouse.tables import TableDefinition

_POLARS_TYPES: dict[str, pl.DataType] = {
    "VARCHAR": pl.String(),
    "JSON": pl.String(),
    "BIGINT": pl.Int64(),
    "INT": pl.Int32(),
    "DOUBLE": pl.Float64(),
    "BOOLEAN": pl.Boolean(),
    "DATE": pl.Date(),
    "DATETIME": pl.Datetime("us"),
}


def frame_schema(table: TableDefinition) -> dict[str, pl.DataType]:
    """The Polars type of each column."""
    return {column.name: _POLARS_TYPES[column.base_type] for column in table.columns}


def frame_of(table: TableDefinition, rows: Iterable[Mapping[str, object]]) -> pl.DataFrame:
    """A frame with exactly the table's columns; a value a row does not give is NULL."""
    rows = list(rows)
    schema = frame_schema(table)
    return pl.DataFrame({name: [row.get(name) for row in rows] for name in schema}, schema=schema)


def empty_frame(table: TableDefinition) -> pl.DataFrame:
    """No rows, in the table's columns."""
    return frame_of(table, ())
