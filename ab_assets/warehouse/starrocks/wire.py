r"""Frames as bodies of Stream Loads: JSON arrays of bounded size.

What belongs here: how each value is written, and where a body ends. What does not: sending it.

JSON and not CSV: the CSV reader of StarRocks takes the text ``\N`` for NULL however it is quoted,
so a CSV body cannot say everything. One array, whose outer brackets StarRocks strips, is read into
memory as a whole there (100 MB at most unless told otherwise), so bodies stay well below that.
"""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from ab_assets.errors import WarehouseError

BODY_BYTES = 32 << 20
_SLICE_BYTES = 4 << 20
_TIME = "%Y-%m-%d %H:%M:%S%.6f"
_DAY = "%Y-%m-%d"


@dataclass(frozen=True)
class Body:
    """The body of one Stream Load.

    Attributes:
        text: A JSON array of objects.
        rows: How many.
    """

    text: bytes
    rows: int


def bodies(frames: Iterable[pl.DataFrame], most_bytes: int = BODY_BYTES) -> Iterator[Body]:
    """Writes frames as bodies; small frames share one, a large one is spread over several.

    Args:
        frames: Frames with the same columns.
        most_bytes: The longest body, unless a single row is longer.

    Raises:
        WarehouseError: A column has values that cannot be sent.
    """
    pieces: list[bytes] = []
    size = rows = 0
    for piece, count in _pieces(frames, most_bytes):
        if pieces and size + len(piece) > most_bytes:
            yield Body(b"[" + b",".join(pieces) + b"]", rows)
            pieces, size, rows = [], 0, 0
        pieces.append(piece)
        size += len(piece) + 1
        rows += count
    if pieces:
        yield Body(b"[" + b",".join(pieces) + b"]", rows)


def _pieces(frames: Iterable[pl.DataFrame], most_bytes: int) -> Iterator[tuple[bytes, int]]:
    for frame in frames:
        if frame.is_empty():
            continue
        plain = writable(frame)
        row_bytes = max(1, int(plain.estimated_size()) // plain.height)
        for part in plain.iter_slices(max(1, _SLICE_BYTES // row_bytes)):
            yield from _texts(part, most_bytes)


def _texts(frame: pl.DataFrame, most_bytes: int) -> Iterator[tuple[bytes, int]]:
    text = _objects(frame)
    if len(text) <= most_bytes or frame.height == 1:
        yield text, frame.height
        return
    half = frame.height // 2
    yield from _texts(frame.head(half), most_bytes)
    yield from _texts(frame.tail(frame.height - half), most_bytes)


def _objects(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_ndjson(buffer)
    # In JSON text a line break stands only between objects: inside strings it is written \n.
    return buffer.getvalue().rstrip(b"\n").replace(b"\n", b",")


def writable(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame in types that JSON has: text, numbers and booleans; times as UTC text.

    Raises:
        WarehouseError: A column is of another type, or has NaN or an infinity, which JSON lacks.
    """
    return frame.with_columns(
        _written(name, frame[name], kind) for name, kind in frame.schema.items()
    )


def _written(name: str, values: pl.Series, kind: pl.DataType) -> pl.Series:
    if isinstance(kind, pl.Datetime):
        naive = values.dt.convert_time_zone("UTC") if kind.time_zone else values
        return naive.dt.strftime(_TIME)
    if kind == pl.Date:
        return values.dt.strftime(_DAY)
    if isinstance(kind, pl.Decimal | pl.Float32):
        values = values.cast(pl.Float64)
    elif isinstance(kind, pl.Categorical | pl.Enum):
        return values.cast(pl.String)
    if values.dtype.is_float():
        if not values.drop_nulls().is_finite().all():
            message = (
                f"the column {name} has NaN or an infinity, which StarRocks does not load; make "
                "them NULL"
            )
            raise WarehouseError(message)
        return values
    if kind.is_integer() or kind in (pl.String, pl.Boolean, pl.Null):
        return values
    message = f"the column {name} is {kind}; text, numbers, booleans, dates and times can be loaded"
    raise WarehouseError(message)
