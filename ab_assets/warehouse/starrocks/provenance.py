"""Provenance rows on StarRocks, where rows and provenance cannot change in one transaction.

What belongs here: writing, reading and dropping rows of ``ab.partition_provenance`` in an order
that never lets a partition claim to be what it may not be. What does not: what a run makes of
them.

Before a partition is overwritten a row of the path ``writing`` is added; after it the older rows
are deleted, the real row is added and the ``writing`` row is deleted. Wherever this breaks off, the
newest row is ``writing`` or there is none, and the partition counts as not made. Only when the
cluster refused the overwrite, and nothing can have changed, the ``writing`` row is taken back and
the partition is what it was.

Two runs that write one partition at the same time are kept apart before they come here. When they
are not, nobody knows whose rows were swapped in last: the run that began first finds a row that was
not there when it began, leaves a ``writing`` row that is newer than every other, and fails.
"""

import uuid
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from ab_assets.errors import WarehouseError
from ab_assets.warehouse.interface import Provenance
from ab_assets.warehouse.starrocks import provenance_texts as texts
from ab_assets.warehouse.starrocks.connection import StarRocksConnection
from ab_assets.warehouse.starrocks.errors import Patience, StarRocksError
from ab_assets.warehouse.starrocks.labels import insert_once
from ab_assets.warehouse.starrocks.overwrite import day_text, time_text
from ab_assets.warehouse.starrocks.schema import read_columns


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
        connection.execute(texts.delete_text(provenance, writing=False), values)
        message = (
            "another run wrote the partition at the same time, so it is not known whose rows are "
            "there and it counts as not made; run it again"
        )
        raise WarehouseError(message)
    connection.execute(texts.delete_text(provenance, writing=False), values)
    _insert(connection, provenance, patience)
    connection.execute(
        texts.delete_text(provenance, writing=True), values | {"computed_at": time_text(begun.at)}
    )


def withdraw(connection: StarRocksConnection, provenance: Provenance, begun: Begun) -> None:
    """Takes back that a partition is being written, because it was refused as a whole."""
    # Should this fail, the partition counts as not made; the refusal is what has to be told.
    with suppress(StarRocksError):
        values = _values(provenance) | {"reason": begun.mark}
        connection.execute(texts.withdraw_text(provenance), values)


def read(
    connection: StarRocksConnection, qualified: str, tag: str | None, event_date: date | None
) -> list[Provenance]:
    """The newest row of each partition of a table that is not being written, oldest day first."""
    if not read_columns(connection, texts.TABLE):
        return []
    values: dict[str, object] = {"table_name": qualified}
    values |= {"tag": tag} if tag is not None else {}
    values |= {"event_date": day_text(event_date)} if event_date is not None else {}
    rows = connection.query(texts.read_text(tag, event_date), values).rows
    found = [Provenance(**dict(zip(texts.NAMES, row, strict=True))) for row in rows]
    return sorted(
        (
            replace(one, computed_at=one.computed_at.replace(tzinfo=UTC))
            for one in found
            if one.path != texts.WRITING
        ),
        # A table without days has one row a tag; NULL comes last, as on DuckDB.
        key=lambda one: (one.event_date is None, one.event_date or date.min, one.tag),
    )


def drop(connection: StarRocksConnection, qualified: str, tag: str, before: date) -> None:
    """Forgets the partitions of a tag before a day."""
    if read_columns(connection, texts.TABLE):
        values = {"table_name": qualified, "tag": tag, "before": day_text(before)}
        connection.execute(texts.drop_text(), values)


def _rows(connection: StarRocksConnection, provenance: Provenance) -> frozenset[tuple[object, ...]]:
    return frozenset(connection.query(texts.rows_text(provenance), _values(provenance)).rows)


def _times(rows: Iterable[tuple[object, ...]]) -> list[datetime]:
    return [row[3] for row in rows if isinstance(row[3], datetime)]


def _mark(
    connection: StarRocksConnection,
    provenance: Provenance,
    at: datetime,
    mark: str,
    patience: Patience,
) -> None:
    row = replace(provenance, path=texts.WRITING, computed_at=at, reason=mark, row_count=0)
    _insert(connection, row, patience)


def _insert(connection: StarRocksConnection, provenance: Provenance, patience: Patience) -> None:
    insert_once(
        connection,
        texts.insert_text,
        _values(provenance),
        schema="ab",
        name="partition_provenance",
        patience=patience,
    )


def _values(provenance: Provenance) -> dict[str, object]:
    day = provenance.event_date
    values = {name: getattr(provenance, name) for name in texts.NAMES}
    return values | {
        "event_date": None if day is None else day_text(day),
        "computed_at": time_text(_naive(provenance.computed_at)),
    }


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
