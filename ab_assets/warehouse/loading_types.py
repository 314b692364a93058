"""What passes between reading a file and writing its rows.

What belongs here: the records both sides of a load share. What does not: how either side works.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

from ab_assets.warehouse.tables import TableDefinition

ROW_NUMBER = "row_number"


@dataclass(frozen=True)
class Chunk:
    """Some rows of a file.

    Attributes:
        rows: The rows that can be loaded: the columns of the table and ``row_number``.
        rejects: The others: ``row_number``, ``reason`` and ``raw`` (the row as JSON).
    """

    rows: "pl.DataFrame"
    rejects: "pl.DataFrame"


@dataclass(frozen=True)
class FileRows:
    """A file on its way into a table.

    Attributes:
        label: The hash of the target and the content.
        source_file: The path as it was given.
        target: ``exposures`` or ``events``.
        table: Where the rows go.
        chunks: The rows, read as they are asked for.
        loaded_at: The time the load is booked under (aware).
        identity: A column whose missing values are made from the row's content; None when there is
            none.
    """

    label: str
    source_file: str
    target: str
    table: TableDefinition
    chunks: Iterator[Chunk]
    loaded_at: datetime
    identity: str | None = None


@dataclass(frozen=True)
class LoadedFile:
    """What a load did.

    Attributes:
        rows_read: Rows in the file.
        rows_loaded: Rows added to the table.
        rows_rejected: Rows added to ``ab_source.rejected``.
        already_loaded: The same content was loaded before; nothing was added, the counts are those
            of then.
        repeated_ids: Rows whose id another row of the file has (all are kept).
        known_ids: Rows whose id the table had before (all are kept).
    """

    rows_read: int
    rows_loaded: int
    rows_rejected: int
    already_loaded: bool = False
    repeated_ids: int = 0
    known_ids: int = 0
