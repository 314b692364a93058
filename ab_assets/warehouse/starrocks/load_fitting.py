"""Rows that StarRocks's columns are too short for, put aside before they are sent.

What belongs here: lengths. What does not: any other reason to put a row aside (``loading_rows``).

StarRocks counts bytes, and in strict mode one row too long refuses the whole load.
"""

import json
import re

import polars as pl

from ab_assets.warehouse.loading_types import ROW_NUMBER, Chunk
from ab_assets.warehouse.tables import Column, TableDefinition

LONGEST_TEXT = 1048576  # bytes of a VARCHAR; JSON is staged as one
_LONG_TEXT = 65533  # of a VARCHAR without a length
_WIDEST = 4  # bytes of a character
_LENGTH = re.compile(r"VARCHAR\((\d+)\)")
_CUT = " (the row is longer than what can be kept of it)"


def fitting(chunk: Chunk, table: TableDefinition) -> Chunk:
    """The chunk with the rows that are too long among the rejects."""
    rows = chunk.rows
    reasons = [
        pl.when(pl.col(column.name).str.len_bytes() > most).then(
            pl.lit(f"{column.name} is longer than {most} bytes")
        )
        for column in table.columns
        if (most := _most_bytes(column)) is not None
    ]
    judged = rows.select(pl.coalesce([*reasons, pl.lit(None, pl.String)])).to_series()
    rejects = chunk.rejects
    if judged.count():
        long = rows.filter(judged.is_not_null())
        texts = [
            json.dumps(row, ensure_ascii=False, default=str)
            for row in long.drop(ROW_NUMBER).iter_rows(named=True)
        ]
        added = pl.DataFrame(
            {ROW_NUMBER: long[ROW_NUMBER], "reason": judged.drop_nulls(), "raw": texts}
        )
        rejects = pl.concat([rejects, added])
        rows = rows.filter(judged.is_null())
    return Chunk(rows, _shortened(rejects))


def _most_bytes(column: Column) -> int | None:
    if column.base_type == "JSON":
        return LONGEST_TEXT
    if column.base_type != "VARCHAR":
        return None
    found = _LENGTH.fullmatch(column.type)
    return int(found[1]) if found else _LONG_TEXT


def _shortened(rejects: pl.DataFrame) -> pl.DataFrame:
    """Rejects whose raw text has room in ``ab_source.rejected``; the reason tells of a cut."""
    is_long = pl.col("raw").str.len_bytes() > LONGEST_TEXT
    return rejects.with_columns(
        raw=pl.when(is_long)
        .then(pl.col("raw").str.slice(0, LONGEST_TEXT // _WIDEST))
        .otherwise("raw"),
        reason=pl.when(is_long).then(pl.col("reason") + _CUT).otherwise("reason"),
    )
