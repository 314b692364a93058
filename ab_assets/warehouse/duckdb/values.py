"""Values and frames on their way into and out of DuckDB.

What belongs here: what may be bound, the types a frame has afterwards, type words. What does
not: statements.
"""

from collections.abc import Mapping

import duckdb
import polars as pl

from ab_assets.errors import WarehouseError
from ab_assets.warehouse.statements import plain_value

_OUR_TYPES = {"TIMESTAMP": "DATETIME", "INTEGER": "INT"}


def bindable(parameters: Mapping[str, object]) -> dict[str, object]:
    """The parameters as DuckDB takes them: times as naive UTC.

    Raises:
        StatementError: A value cannot be bound; its bind is named.
    """
    return {bind: plain_value(bind, value) for bind, value in parameters.items()}


def our_type(duckdb_type: str) -> str:
    """The StarRocks word for a DuckDB type."""
    return _OUR_TYPES.get(duckdb_type, duckdb_type)


def query_frame(
    connection: duckdb.DuckDBPyConnection, text: str, parameters: Mapping[str, object]
) -> pl.DataFrame:
    """Runs a query and gives its rows with plain types (whole numbers Int64, fractions Float64)."""
    relation = connection.sql(text, params=dict(parameters))
    frame = pl.DataFrame(relation.to_arrow_table())
    try:
        return frame.with_columns(
            pl.col(name).cast(kind)
            for name, kind in ((name, _plain(kind)) for name, kind in frame.schema.items())
            if kind is not None
        )
    except pl.exceptions.InvalidOperationError as error:
        message = f"a whole number does not fit into BIGINT: {error}"
        raise WarehouseError(message) from None


def _plain(kind: pl.DataType) -> pl.DataType | None:
    if isinstance(kind, pl.Decimal):
        return pl.Int64() if kind.scale == 0 else pl.Float64()
    if kind.is_integer():
        return pl.Int64()
    if kind.is_float():
        return pl.Float64()
    if isinstance(kind, pl.Datetime):
        return pl.Datetime("us")
    return None


def storable(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame as the warehouse keeps it: times naive UTC in microseconds, NaN as NULL."""
    return frame.with_columns(
        *(
            pl.col(name)
            .dt.convert_time_zone("UTC")
            .dt.replace_time_zone(None)
            .dt.cast_time_unit("us")
            if kind.time_zone
            else pl.col(name).dt.cast_time_unit("us")
            for name, kind in frame.schema.items()
            if isinstance(kind, pl.Datetime)
        ),
        *(pl.col(name).fill_nan(None) for name, kind in frame.schema.items() if kind.is_float()),
        *(
            pl.col(name).cast(pl.String)
            for name, kind in frame.schema.items()
            if isinstance(kind, pl.Categorical | pl.Enum)
        ),
    )
