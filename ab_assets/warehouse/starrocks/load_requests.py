"""A Stream Load as a value: what is to be loaded, and that it is.

What belongs here: the request and the result. What does not: sending (``stream_load``).
"""

import re
from dataclasses import dataclass, field

from ab_assets.errors import WarehouseError
from ab_assets.warehouse.names import check_identifier

_LABEL = re.compile(r"[-_A-Za-z0-9]{1,128}")


@dataclass(frozen=True)
class StreamLoad:
    """Rows that are to be in a table once.

    Attributes:
        schema: The database.
        table: The table.
        columns: The columns the objects of the body have.
        label: Unique in the database for what is loaded; the same whenever it is loaded again.
        body: A JSON array of objects.
        rows: How many objects; StarRocks has to have counted as many.
    """

    schema: str
    table: str
    columns: tuple[str, ...]
    label: str
    body: bytes = field(repr=False)
    rows: int

    def __post_init__(self) -> None:
        """Checks what goes into the path and the headers."""
        for name in (self.schema, self.table, *self.columns):
            check_identifier(name)
        if not _LABEL.fullmatch(self.label):
            message = (
                f"{self.label!r} is no label: use letters, digits, - and _, at most 128 of them"
            )
            raise WarehouseError(message)

    @property
    def path(self) -> str:
        """Where it is put, on a frontend and on a backend."""
        return f"/api/{self.schema}/{self.table}/_stream_load"

    def __str__(self) -> str:
        return (
            f"Stream Load of {self.rows} rows into {self.schema}.{self.table} (label {self.label})"
        )


@dataclass(frozen=True)
class StreamLoadResult:
    """A load that is in the table.

    Attributes:
        label: Its label.
        rows: The rows it added.
        status: ``Success``, ``Publish Timeout`` (committed, to be seen shortly) or ``Label Already
            Exists`` (an earlier try did it).
    """

    label: str
    rows: int
    status: str
