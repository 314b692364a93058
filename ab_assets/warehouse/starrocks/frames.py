"""The rows of a query as a frame with plain types.

What belongs here: what the type codes of the MySQL protocol mean. What does not: asking.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl
from pymysql.constants import FIELD_TYPE

from ab_assets.errors import WarehouseError
from ab_assets.warehouse.starrocks.connection import Answer

_WHOLE = frozenset(
    [
        FIELD_TYPE.TINY,
        FIELD_TYPE.SHORT,
        FIELD_TYPE.INT24,
        FIELD_TYPE.LONG,
        FIELD_TYPE.LONGLONG,
        FIELD_TYPE.NULL,
    ]
)
_FRACTIONS = frozenset([FIELD_TYPE.FLOAT, FIELD_TYPE.DOUBLE])
_DECIMALS = frozenset([FIELD_TYPE.DECIMAL, FIELD_TYPE.NEWDECIMAL])
_TIMES = frozenset([FIELD_TYPE.DATETIME, FIELD_TYPE.TIMESTAMP])
_DAYS = frozenset([FIELD_TYPE.DATE, FIELD_TYPE.NEWDATE])
# A BOOLEAN comes as a TINYINT that is one digit wide.
_BOOLEAN_SIZE = 1
_POLARS: Mapping[str, pl.DataType] = {
    "BIGINT": pl.Int64(),
    "DOUBLE": pl.Float64(),
    "BOOLEAN": pl.Boolean(),
    "DATETIME": pl.Datetime("us"),
    "DATE": pl.Date(),
    "VARCHAR": pl.String(),
}


def answer_types(answer: Answer) -> dict[str, str]:
    """The type of each column of an answer: BIGINT for all whole numbers, DOUBLE for all others.

    Raises:
        WarehouseError: Two columns have one name.
    """
    names = [column[0] for column in answer.description]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        message = f"the query gives two columns named {doubled[0]}"
        raise WarehouseError(message)
    return {column[0]: _type(column) for column in answer.description}


def answer_frame(answer: Answer) -> pl.DataFrame:
    """The rows as a frame; a column of NULLs has the type it has in the query.

    Raises:
        WarehouseError: A whole number does not fit into BIGINT.
    """
    kinds = answer_types(answer)
    columns = list(zip(*answer.rows, strict=True)) or [()] * len(kinds)
    try:
        return pl.DataFrame(
            {
                name: pl.Series(name, _plain(kind, values), dtype=_POLARS[kind])
                for (name, kind), values in zip(kinds.items(), columns, strict=True)
            }
        )
    except (OverflowError, TypeError, pl.exceptions.PolarsError) as error:
        message = f"a value does not fit the type of its column: {error}"
        raise WarehouseError(message) from None


def _type(column: tuple[Any, ...]) -> str:
    code, size, scale = column[1], column[3], column[5]
    if code == FIELD_TYPE.TINY and size == _BOOLEAN_SIZE:
        return "BOOLEAN"
    if code in _WHOLE or (code in _DECIMALS and not scale):
        return "BIGINT"
    if code in _FRACTIONS or code in _DECIMALS:
        return "DOUBLE"
    if code in _TIMES:
        return "DATETIME"
    if code in _DAYS:
        return "DATE"
    return "VARCHAR"


def _plain(kind: str, values: tuple[Any, ...]) -> list[Any]:
    if kind == "BOOLEAN":
        return [None if value is None else bool(value) for value in values]
    if kind == "BIGINT":
        return [int(value) if isinstance(value, Decimal) else value for value in values]
    if kind == "DOUBLE":
        return [None if value is None else float(value) for value in values]
    if kind == "VARCHAR":
        return [value.decode() if isinstance(value, bytes) else value for value in values]
    return list(values)
