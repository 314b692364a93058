"""Rows as StarRocks sends them in MySQL's protocol.

What belongs here: what a column says of itself on the wire, how values are written, and packets
the library does not make. What does not: sockets.
"""

import json
import re
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from mysql_mimic import packets
from mysql_mimic.charset import CharacterSet
from mysql_mimic.results import ResultColumn
from mysql_mimic.types import ColumnType

from tests.starrocks.catalogue import LONGEST_TEXT
from tests.starrocks.refusals import StarRocksRefusalError, refuse_analysis
from tests.starrocks.session import Answer

Writer = Callable[[object], str]
_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")


@dataclass(frozen=True)
class _Shape:
    """A column as its definition packet has it."""

    code: ColumnType
    length: int
    decimals: int = 0
    character_set: CharacterSet = CharacterSet.binary


_BIGINT = _Shape(ColumnType.LONGLONG, 20)
_SHAPES = {
    "BOOLEAN": _Shape(ColumnType.TINY, 1),  # what tells it from a TINYINT is its length
    "TINYINT": _Shape(ColumnType.TINY, 4),
    "SMALLINT": _Shape(ColumnType.SHORT, 6),
    "INTEGER": _Shape(ColumnType.LONG, 11),
    "BIGINT": _BIGINT,
    "HUGEINT": _BIGINT,  # a sum of BIGINT, which is BIGINT on StarRocks
    "UTINYINT": _BIGINT,
    "USMALLINT": _BIGINT,
    "UINTEGER": _BIGINT,
    "UBIGINT": _BIGINT,
    "FLOAT": _Shape(ColumnType.FLOAT, 12, 31),
    "DOUBLE": _Shape(ColumnType.DOUBLE, 22, 31),
    "DATE": _Shape(ColumnType.DATE, 10),
    "TIMESTAMP": _Shape(ColumnType.DATETIME, 19),
    "VARCHAR": _Shape(ColumnType.VAR_STRING, LONGEST_TEXT * 3, 0, CharacterSet.utf8),
    "JSON": _Shape(ColumnType.STRING, 60, 0, CharacterSet.utf8),
    '"NULL"': _Shape(ColumnType.TINY, 1),  # a NULL without a type is a BOOLEAN
}


@dataclass(frozen=True)
class WireRows:
    """An answer's rows, ready to be sent.

    Attributes:
        definitions: The packets that define the columns.
        columns: The columns, for the library.
        rows: The rows.
    """

    definitions: Sequence[bytes]
    columns: Sequence[ResultColumn]
    rows: Sequence[Sequence[object]]


def wire_rows(answer: Answer) -> WireRows:
    """An answer's rows with what their columns say of themselves on the wire.

    Raises:
        StarRocksRefusalError: A column has a type that no column of ours has.
    """
    named = list(answer.columns or ())
    shapes = [_shape(kind) for _, kind in named]
    definitions = [
        packets.make_column_definition_41(
            server_charset=CharacterSet.utf8mb4,
            name=name,
            character_set=shape.character_set,
            column_length=shape.length,
            column_type=shape.code,
            decimals=shape.decimals,
        )
        for (name, _), shape in zip(named, shapes, strict=True)
    ]
    columns = [
        ResultColumn(name, shape.code, CharacterSet.utf8mb4)
        for (name, _), shape in zip(named, shapes, strict=True)
    ]
    writers = {
        index: _WRITERS[base]
        for index, base in enumerate(kind.partition("(")[0] for _, kind in named)
        if base in _WRITERS
    }
    rows = [_written(row, writers) for row in answer.rows] if writers else list(answer.rows)
    return WireRows(definitions, columns, rows)


def error_packet(refusal: StarRocksRefusalError) -> bytes:
    """The ERR packet: codes beyond MySQL's own too."""
    state = refusal.sql_state.encode()
    return b"\xff" + struct.pack("<H", refusal.code) + b"#" + state + refusal.text.encode()


def _shape(kind: str) -> _Shape:
    decimal = _DECIMAL.fullmatch(kind)
    if decimal:
        precision, scale = int(decimal[1]), int(decimal[2])
        return _Shape(ColumnType.NEWDECIMAL, precision + (scale > 0) + 3, scale)
    if kind not in _SHAPES:
        refuse_analysis(f"the stand-in cannot send a column of the type {kind}")
    return _SHAPES[kind]


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
