"""Raw rows into rows of a table, and the reasons of those that are not.

What belongs here: what each column of a target must be, and one reason for each row that is not.
What does not: file formats, and writing.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from ab_assets.errors import LoadError
from ab_assets.warehouse.loading_sources import RawChunk
from ab_assets.warehouse.loading_times import read_times
from ab_assets.warehouse.loading_types import ROW_NUMBER, Chunk
from ab_assets.warehouse.tables import Column, TableDefinition

_REASON = "reason"
_SHOWN = 60  # characters of a value that a reason repeats


@dataclass(frozen=True)
class Target:
    """Where files can be loaded.

    Attributes:
        name: ``exposures`` or ``events``.
        table: The table.
        required: The columns every file and every row has.
        ids: The columns that name things: never read as fractions.
        identity: The column that is made when it is missing; None when there is none.
    """

    name: str
    table: TableDefinition
    required: tuple[str, ...]
    ids: frozenset[str]
    identity: str | None


def clean(raw: RawChunk, target: Target) -> Chunk:
    """Splits a chunk into rows that can be loaded and rejects.

    Raises:
        LoadError: A column has a type that no row of it could be read from.
    """
    columns: list[pl.Series] = []
    reasons: list[pl.Series] = []
    for column in target.table.columns:
        given = (
            raw.rows[column.name]
            if column.name in raw.rows.columns
            else pl.Series(column.name, [None] * raw.rows.height, dtype=pl.String)
        )
        read = _read(given, column, target).alias(column.name)
        columns.append(read)
        reasons.extend(_reasons(given, read, column, target))
    numbers = raw.rows[ROW_NUMBER]
    judged = pl.DataFrame([*columns, numbers, _first(reasons, raw.rows.height)])
    good = judged.filter(pl.col(_REASON).is_null()).drop(_REASON)
    bad = judged.filter(pl.col(_REASON).is_not_null()).select(ROW_NUMBER, _REASON)
    return Chunk(good, pl.concat([raw.unreadable, _with_raw(bad, raw.rows)]))


def _read(given: pl.Series, column: Column, target: Target) -> pl.Series:
    reader = _READERS[column.base_type]
    read = reader(given)
    is_fraction = column.name in target.ids and (given.dtype.is_float() or given.dtype.is_decimal())
    if read is None or is_fraction:
        message = (
            f"the column {column.name} is {given.dtype}, which cannot be read as {column.base_type}"
            + (
                "; ids lose digits as fractions: write them as text or whole numbers"
                if is_fraction
                else ""
            )
        )
        raise LoadError(message)
    return read


def _read_text(given: pl.Series) -> pl.Series | None:
    if given.dtype.is_nested() or given.dtype in (pl.Binary, pl.Object, pl.Duration):
        return None
    return given.cast(pl.String)


def _read_number(given: pl.Series) -> pl.Series | None:
    if given.dtype == pl.String or given.dtype.is_numeric() or given.dtype in (pl.Boolean, pl.Null):
        numbers = given.cast(pl.Float64, strict=False)
        if given.dtype.is_float():
            numbers = numbers.fill_nan(None)  # how data frames write NULL
        return pl.select(pl.when(numbers.is_finite()).then(numbers)).to_series()
    return None


def _read_json(given: pl.Series) -> pl.Series | None:
    if given.dtype.is_nested():
        texts = [
            None if row is None else json.dumps(row, ensure_ascii=False, default=str)
            for row in given
        ]
        return pl.Series(given.name, texts, dtype=pl.String)
    if given.dtype not in (pl.String, pl.Null):
        return None
    kept = [text if text is not None and _is_json(text) else None for text in given]
    return pl.Series(given.name, kept, dtype=pl.String)


_READERS: dict[str, Callable[[pl.Series], pl.Series | None]] = {
    "VARCHAR": _read_text,
    "DATETIME": read_times,
    "DOUBLE": _read_number,
    "JSON": _read_json,
}
_WRONG = {
    "DATETIME": "is no time between 1970 and 2100 (ISO 8601 with a time of day, or a Unix time "
    "of 10, 13 or 16 digits)",
    "DOUBLE": "is no finite number",
    "JSON": "is no JSON",
}


def _reasons(given: pl.Series, read: pl.Series, column: Column, target: Target) -> list[pl.Series]:
    found = []
    if column.name in target.required:
        found.append(_where(given.is_null(), pl.lit(f"{column.name} is missing")))
        if column.base_type == "VARCHAR":
            blank = read.str.strip_chars() == ""
            found.append(_where(blank, pl.lit(f"{column.name} is empty")))
    if column.name in target.ids and given.dtype == pl.String:
        found.append(
            _where(
                read.str.len_bytes() > _LONGEST_ID,
                pl.lit(f"{column.name} is longer than {_LONGEST_ID} bytes"),
            )
        )
    if column.base_type in _WRONG:
        present = given.is_not_null()
        if given.dtype.is_float():
            present = present & given.is_not_nan()
        shown = given.cast(pl.String, strict=False) if not given.dtype.is_nested() else read
        text = pl.format(
            "{} '{}' {}",
            pl.lit(column.name),
            shown.str.slice(0, _SHOWN),
            pl.lit(_WRONG[column.base_type]),
        )
        found.append(_where(present & read.is_null(), text))
    return found


_LONGEST_ID = 65533  # what a VARCHAR of StarRocks holds


def _where(condition: pl.Series, text: pl.Expr) -> pl.Series:
    return pl.select(pl.when(condition).then(text)).to_series()


def _first(reasons: list[pl.Series], height: int) -> pl.Series:
    if not height:
        return pl.Series(_REASON, [], dtype=pl.String)
    return pl.select(pl.coalesce(*reasons).cast(pl.String).alias(_REASON)).to_series()


def _with_raw(bad: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    given = rows.filter(rows[ROW_NUMBER].is_in(bad[ROW_NUMBER].to_list())).drop(ROW_NUMBER)
    texts = [
        json.dumps(row, ensure_ascii=False, default=str) for row in given.iter_rows(named=True)
    ]
    return bad.with_columns(pl.Series("raw", texts, dtype=pl.String))


@lru_cache(maxsize=65_536)  # the properties of events repeat
def _is_json(text: str) -> bool:
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError):
        return False
    return True


def _refuse_constant(name: str) -> None:
    message = f"{name} is no JSON"
    raise ValueError(message)
