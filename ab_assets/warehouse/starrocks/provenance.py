"""Provenance rows on StarRocks, where rows and provenance cannot change in one transaction.

What belongs here: writing, reading and dropping rows of ``ab.partition_provenance`` in an order
that never lets a partition claim to be what it may not be. What does not: what a run makes of
them.

Before a partition is overwritten a row of the path ``writing`` is added; after it the older rows
are deleted, the real row is added and the ``writing`` row is deleted. Wherever this breaks off, the
newest row is ``writing`` or there is none, and the partition counts as not made.

Two runs that write one partition at the same time are kept apart before they come here. When they
are not, nobody knows whose rows were swapped in last: the run that began first finds a row that was
not there when it began, leaves a ``writing`` row that is newer than every other, and fails.
"""

# ruff: noqa: S608  names are ours, values are bound

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from ab_assets.errors import WarehouseError
from ab_assets.warehouse.interface import Provenance
from ab_assets.warehouse.starrocks.connection import StarRocksConnection
from ab_assets.warehouse.starrocks.errors import Patience
from ab_assets.warehouse.starrocks.labels import insert_once
from ab_assets.warehouse.starrocks.overwrite import day_text, time_text
from ab_assets.warehouse.starrocks.schema import read_columns

TABLE = "ab.partition_provenance"
WRITING = "writing"
_NAMES = (
    "tag",
    "event_date",
    "config_hash",
    "sql_hash",
    "run_id",
    "path",
    "computed_at",
    "reason",
    "table_name",
    "row_count",
)
# DELETE takes nothing but columns, literals and AND.
_WITH_DAY = "table_name = %(table_name)s AND tag = %(tag)s AND event_date = %(event_date)s"
_WITHOUT_DAY = "table_name = %(table_name)s AND tag = %(tag)s AND event_date IS NULL"


def insert_text(label: str) -> str:
    """The text that adds a row."""
    values = ", ".join(f"%({name})s" for name in _NAMES)
    return f"INSERT INTO {TABLE} WITH LABEL {label} ({', '.join(_NAMES)}) VALUES ({values})"


def rows_text(provenance: Provenance) -> str:
    """The text that gives all rows of a partition."""
    return f"SELECT path, run_id, reason, computed_at FROM {TABLE} WHERE {_key(provenance)}"


def delete_text(provenance: Provenance, *, writing: bool) -> str:
    """The text that deletes a partition's rows: the real ones, or those that say ``writing``."""
    which = (
        f"path = '{WRITING}' AND computed_at <= %(computed_at)s"
        if writing
        else f"path != '{WRITING}'"
    )
    return f"DELETE FROM {TABLE} WHERE {_key(provenance)} AND {which}"


def drop_text() -> str:
    """The text that forgets the partitions of a tag before a day."""
    return (
        f"DELETE FROM {TABLE} WHERE table_name = %(table_name)s AND tag = %(tag)s "
        "AND event_date < %(before)s"
    )


def read_text(tag: str | None, event_date: date | None) -> str:
    """The text that reads the newest row of each partition; at a tie ``writing`` is the newer."""
    by_tag = " AND tag = %(tag)s" if tag is not None else ""
    by_day = " AND event_date = %(event_date)s" if event_date is not None else ""
    return (
        f"SELECT {', '.join(_NAMES)} FROM {TABLE} WHERE table_name = %(table_name)s{by_tag}{by_day}"
        " QUALIFY row_number() OVER (PARTITION BY tag, event_date ORDER BY computed_at DESC, "
        f"CASE WHEN path = '{WRITING}' THEN 0 ELSE 1 END) = 1"
    )


@dataclass(frozen=True)
class Begun:
    """An overwrite that has begun.

    Attributes:
        at: The time in its ``writing`` row.
        mark: The reason in it, which no other row has.
        others: The rows that were there before.
    """

    at: datetime
    mark: str
    others: frozenset[tuple[object, ...]]


def begin(connection: StarRocksConnection, provenance: Provenance, patience: Patience) -> Begun:
    """Says that a partition is being written."""
    others = _rows(connection, provenance)
    # Clocks differ: the row has to be the newest to be heard.
    at = max([_naive(provenance.computed_at), *_times(others)])
    begun = Begun(at, f"being written {uuid.uuid4().hex}", others)
    _mark(connection, provenance, begun.at, begun.mark, patience)
    return begun


def finish(
    connection: StarRocksConnection, provenance: Provenance, begun: Begun, patience: Patience
) -> None:
    """Says what the partition is now; see the order above.

    Raises:
        WarehouseError: Another run began to write the partition meanwhile.
    """
    values = _values(provenance)
    rows = _rows(connection, provenance)
    if any(row[2] != begun.mark for row in rows - begun.others):
        # Newer than what the other one writes and deletes.
        at = max([begun.at, *_times(rows)]) + timedelta(microseconds=1)
        _mark(connection, provenance, at, begun.mark, patience)
        connection.execute(delete_text(provenance, writing=False), values)
        message = (
            "another run wrote the partition at the same time, so it is not known whose rows are "
            "there and it counts as not made; run it again"
        )
        raise WarehouseError(message)
    connection.execute(delete_text(provenance, writing=False), values)
    _insert(connection, provenance, patience)
    connection.execute(
        delete_text(provenance, writing=True), values | {"computed_at": time_text(begun.at)}
    )


def read(
    connection: StarRocksConnection, qualified: str, tag: str | None, event_date: date | None
) -> list[Provenance]:
    """The newest row of each partition of a table that is not being written, oldest day first."""
    if not read_columns(connection, TABLE):
        return []
    values: dict[str, object] = {"table_name": qualified}
    values |= {"tag": tag} if tag is not None else {}
    values |= {"event_date": day_text(event_date)} if event_date is not None else {}
    rows = connection.query(read_text(tag, event_date), values).rows
    found = [Provenance(**dict(zip(_NAMES, row, strict=True))) for row in rows]
    return sorted(
        (
            replace(one, computed_at=one.computed_at.replace(tzinfo=UTC))
            for one in found
            if one.path != WRITING
        ),
        # A table without days has one row a tag; NULL comes last, as on DuckDB.
        key=lambda one: (one.event_date is None, one.event_date or date.min, one.tag),
    )


def drop(connection: StarRocksConnection, qualified: str, tag: str, before: date) -> None:
    """Forgets the partitions of a tag before a day."""
    if read_columns(connection, TABLE):
        values = {"table_name": qualified, "tag": tag, "before": day_text(before)}
        connection.execute(drop_text(), values)


def _rows(connection: StarRocksConnection, provenance: Provenance) -> frozenset[tuple[object, ...]]:
    return frozenset(connection.query(rows_text(provenance), _values(provenance)).rows)


def _times(rows: Iterable[tuple[object, ...]]) -> list[datetime]:
    return [row[3] for row in rows if isinstance(row[3], datetime)]


def _mark(
    connection: StarRocksConnection,
    provenance: Provenance,
    at: datetime,
    mark: str,
    patience: Patience,
) -> None:
    row = replace(provenance, path=WRITING, computed_at=at, reason=mark, row_count=0)
    _insert(connection, row, patience)


def _insert(connection: StarRocksConnection, provenance: Provenance, patience: Patience) -> None:
    insert_once(
        connection,
        insert_text,
        _values(provenance),
        schema="ab",
        name="partition_provenance",
        patience=patience,
    )


def _key(provenance: Provenance) -> str:
    return _WITHOUT_DAY if provenance.event_date is None else _WITH_DAY


def _values(provenance: Provenance) -> dict[str, object]:
    day = provenance.event_date
    values = {name: getattr(provenance, name) for name in _NAMES}
    return values | {
        "event_date": None if day is None else day_text(day),
        "computed_at": time_text(_naive(provenance.computed_at)),
    }


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
