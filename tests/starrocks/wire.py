"""Rows as StarRocks sends them in MySQL's protocol.

What belongs here: the type a column has on the wire, and packets the library does not make. What
does not: sockets.
"""

import json
import struct
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from mysql_mimic.results import ResultColumn, ResultSet
from mysql_mimic.types import ColumnType

from tests.starrocks.refusals import StarRocksRefusalError, refuse_analysis
from tests.starrocks.session import Answer

Writer = Callable[[object], str]

# BOOLEAN is TINYINT on the wire; JSON is text.
_TYPES = {
    "BOOLEAN": ColumnType.TINY,
    "TINYINT": ColumnType.TINY,
    "SMALLINT": ColumnType.SHORT,
    "INTEGER": ColumnType.LONG,
    "BIGINT": ColumnType.LONGLONG,
    "HUGEINT": ColumnType.LONGLONG,  # sums of BIGINT, which are BIGINT on StarRocks
    "UTINYINT": ColumnType.SHORT,
    "USMALLINT": ColumnType.LONG,
    "UINTEGER": ColumnType.LONGLONG,
    "UBIGINT": ColumnType.LONGLONG,
    "FLOAT": ColumnType.FLOAT,
    "DOUBLE": ColumnType.DOUBLE,
    "DECIMAL": ColumnType.NEWDECIMAL,
    "DATE": ColumnType.DATE,
    "TIMESTAMP": ColumnType.DATETIME,
    "VARCHAR": ColumnType.VAR_STRING,
    "JSON": ColumnType.STRING,
    '"NULL"': ColumnType.TINY,  # a NULL without a type is a BOOLEAN
}


def result_set(answer: Answer) -> ResultSet:
    """An answer's rows with the types they have on the wire.

    Raises:
        StarRocksRefusalError: A column has a type that no column of ours has.
    """
    kinds = [kind.partition("(")[0] for _, kind in answer.columns or ()]
    for kind in kinds:
        if kind not in _TYPES:
            refuse_analysis(f"the stand-in cannot send a column of the type {kind}")
    columns = [
        ResultColumn(name, _TYPES[kind])
        for (name, _), kind in zip(answer.columns or (), kinds, strict=True)
    ]
    writers = {index: _WRITERS[kind] for index, kind in enumerate(kinds) if kind in _WRITERS}
    rows = [_written(row, writers) for row in answer.rows] if writers else list(answer.rows)
    return ResultSet(rows=rows, columns=columns)


def _written(row: Sequence[object], writers: Mapping[int, Writer]) -> list[object]:
    values = list(row)
    for index, writer in writers.items():
        if values[index] is not None:
            values[index] = writer(values[index])
    return values


def _decimal(value: object) -> str:
    return format(Decimal(str(value)), "f")


def _json(value: object) -> str:
    """Not as it was stored: the cluster keeps JSON as a value and writes it in its own way."""
    return json.dumps(json.loads(str(value)), ensure_ascii=False)


_WRITERS: dict[str, Writer] = {"DECIMAL": _decimal, "JSON": _json}


def error_packet(refusal: StarRocksRefusalError) -> bytes:
    """The ERR packet: codes beyond MySQL's own too."""
    state = refusal.sql_state.encode()
    return b"\xff" + struct.pack("<H", refusal.code) + b"#" + state + refusal.text.encode()
