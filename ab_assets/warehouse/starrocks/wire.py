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
    """Writes frames with the same columns as bodies.

    Args:
        frames: The frames.
        most_bytes: The longest body, unless a single row is longer.

    Raises:
        WarehouseError: A column has values that cannot be sent.
    """
    writer = BodyWriter(most_bytes)
    for frame in frames:
        yield from writer.add(frame)
    yield from writer.rest()


class BodyWriter:
    """Writes frames as bodies; small frames share one, a large one is spread over several."""

    def __init__(self, most_bytes: int = BODY_BYTES) -> None:
        self._most_bytes = most_bytes
        self._pieces: list[bytes] = []
        self._size = self._rows = 0

    def add(self, frame: pl.DataFrame) -> Iterator[Body]:
        """Takes a frame and gives the bodies that are full."""
        if frame.is_empty():
            return
        plain = writable(frame)
        row_bytes = max(1, int(plain.estimated_size()) // plain.height)
        for part in plain.iter_slices(max(1, _SLICE_BYTES // row_bytes)):
            for text, rows in _texts(part, self._most_bytes):
                if self._size + len(text) > self._most_bytes:
                    yield from self.rest()
                self._pieces.append(text)
                self._size += len(text) + 1
                self._rows += rows

    def rest(self) -> Iterator[Body]:
        """Gives what is left, when there is something."""
        if self._pieces:
            body = Body(b"[" + b",".join(self._pieces) + b"]", self._rows)
            self._pieces, self._size, self._rows = [], 0, 0
            yield body


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
