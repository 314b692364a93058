"""Texts as numbers: a column's characters in the units a hash takes, in one array.

What belongs here: from a column to units and where each row's begin. What does not: hashing them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ab_assets.errors import ConfigurationError

_CONTINUATION, _CONTINUES = 0b1100_0000, 0b1000_0000
_FIRST_NOT_ASCII = 0x80
_FOUR_BYTES = 0xF0


class TextUnits(StrEnum):
    """What an SDK's hash takes of a text, one after another; for ASCII ids all agree.

    Attributes:
        UTF16: Code units, as JavaScript's ``charCodeAt`` gives them. The reference SDK
            (JavaScript, React) and the Python SDK from 2.0 on; what is followed by default.
        UTF8: Bytes: the Go, Ruby and PHP SDKs.
        CODE_POINTS: Whole characters: older Python SDKs. They differ from code units beyond
            U+FFFF only (emoji, rare ideographs).
    """

    UTF16 = "utf-16"
    UTF8 = "utf-8"
    CODE_POINTS = "code points"


_CODECS: dict[TextUnits, tuple[str, Any]] = {
    TextUnits.UTF16: ("utf-16-le", np.dtype("<u2")),
    TextUnits.UTF8: ("utf-8", np.dtype("u1")),
    TextUnits.CODE_POINTS: ("utf-32-le", np.dtype("<u4")),
}


@dataclass(frozen=True, slots=True, eq=False)
class UnitColumn:
    """The units of some rows, one row after another.

    Attributes:
        units: All of them.
        starts: For each row, where its first unit stands.
        lengths: For each row, how many are its.
    """

    units: NDArray[Any]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]


def text_column(texts: pl.Series | Sequence[str | None]) -> pl.Series:
    """The texts as a column without NULLs: a missing one is empty.

    Raises:
        ConfigurationError: The column holds something else; which text a number would be is the
            caller's to say.
    """
    column = texts if isinstance(texts, pl.Series) else pl.Series(texts, dtype=pl.String)
    if column.dtype == pl.Null:  # nothing but NULLs, from a source that knows no types
        column = column.cast(pl.String)
    if column.dtype != pl.String:
        message = (
            f"ids to replay must be texts, and the column {column.name!r} is {column.dtype}: "
            "cast it to VARCHAR as the SDK's attribute was written"
        )
        raise ConfigurationError(message)
    return column.fill_null("")


def unit_chunks(column: pl.Series, units: TextUnits, rows: int) -> Iterator[UnitColumn]:
    """The column's units, some rows at a time, so that what is worked on stays in the cache."""
    if column.is_empty():
        return
    array = column.rechunk().to_arrow()
    offset = array.offset
    _, positions, data = array.buffers()
    bounds = np.frombuffer(positions, dtype=np.int64)[offset : offset + len(array) + 1]
    every = np.frombuffer(data, dtype=np.uint8) if data else np.zeros(0, np.uint8)
    for first in range(0, len(array), rows):
        chunk = bounds[first : first + rows + 1]
        yield _chunk(every[chunk[0] : chunk[-1]], chunk - chunk[0], units)


def text_units(text: str, units: TextUnits) -> list[int]:
    """The units of one text."""
    codec, kind = _CODECS[units]
    found: list[int] = np.frombuffer(text.encode(codec, "surrogatepass"), dtype=kind).tolist()
    return found


def _chunk(data: NDArray[np.uint8], bounds: NDArray[np.int64], units: TextUnits) -> UnitColumn:
    found: NDArray[Any] = data
    if units is not TextUnits.UTF8 and data.size and data.max() >= _FIRST_NOT_ASCII:
        # A character's first byte says how many units it has; the bytes after it have none.
        counts = ((data & _CONTINUATION) != _CONTINUES).astype(np.int64)
        if units is TextUnits.UTF16:
            counts += data >= _FOUR_BYTES
        before = np.concatenate([[0], np.cumsum(counts)])
        codec, kind = _CODECS[units]
        found = np.frombuffer(data.tobytes().decode().encode(codec), dtype=kind)
        bounds = before[bounds]
    return UnitColumn(found, bounds[:-1], np.diff(bounds))
