"""Provenance rows on DuckDB.

What belongs here: writing, reading and dropping rows of ``ab.partition_provenance``. What does
not: what a run makes of them.
"""

# ruff: noqa: S608  names come from checked definitions, values are bound

from dataclasses import replace
from datetime import UTC, date, datetime

import duckdb

from ab_assets.warehouse.duckdb.schema import read_columns
from ab_assets.warehouse.interface import Provenance

TABLE = "ab.partition_provenance"

_DELETE = f"""
DELETE FROM {TABLE}
WHERE table_name = $table_name AND tag = $tag
  AND event_date IS NOT DISTINCT FROM CAST($event_date AS DATE)
"""
_INSERT = f"""
INSERT INTO {TABLE} BY NAME
SELECT $table_name AS table_name, $tag AS tag, CAST($event_date AS DATE) AS event_date,
  $config_hash AS config_hash, $sql_hash AS sql_hash, $run_id AS run_id, $path AS path,
  $row_count AS row_count, $reason AS reason, $computed_at AS computed_at
"""
_READ = f"""
SELECT tag, event_date, config_hash, sql_hash, run_id, path, computed_at, reason,
  table_name, row_count
FROM {TABLE}
WHERE table_name = $table_name AND ($tag IS NULL OR tag = $tag)
  AND (CAST($event_date AS DATE) IS NULL OR event_date = CAST($event_date AS DATE))
QUALIFY row_number() OVER (PARTITION BY tag, event_date ORDER BY computed_at DESC) = 1
ORDER BY event_date, tag
"""
_DROP = f"""
DELETE FROM {TABLE} WHERE table_name = $table_name AND tag = $tag AND event_date < $before
"""


def write(connection: duckdb.DuckDBPyConnection, provenance: Provenance) -> None:
    """Replaces the row of a partition; the caller holds the transaction."""
    aware = (
        provenance.computed_at
        if provenance.computed_at.tzinfo
        else provenance.computed_at.replace(tzinfo=UTC)
    )
    key = {name: getattr(provenance, name) for name in ("table_name", "tag", "event_date")}
    rest = {
        name: getattr(provenance, name)
        for name in ("config_hash", "sql_hash", "run_id", "path", "row_count", "reason")
    }
    connection.execute(_DELETE, key)
    connection.execute(
        _INSERT, key | rest | {"computed_at": aware.astimezone(UTC).replace(tzinfo=None)}
    )


def read(
    connection: duckdb.DuckDBPyConnection, table_name: str, tag: str | None, event_date: date | None
) -> list[Provenance]:
    """The newest row of each partition of a table."""
    if not read_columns(connection, TABLE):
        return []
    rows = connection.execute(
        _READ, {"table_name": table_name, "tag": tag, "event_date": event_date}
    ).fetchall()
    return [_aware(Provenance(*row)) for row in rows]


def drop(connection: duckdb.DuckDBPyConnection, table_name: str, tag: str, before: date) -> None:
    """Forgets the partitions of a tag before a day; the caller holds the transaction."""
    if read_columns(connection, TABLE):
        connection.execute(_DROP, {"table_name": table_name, "tag": tag, "before": before})


def _aware(provenance: Provenance) -> Provenance:
    naive: datetime = provenance.computed_at
    return replace(provenance, computed_at=naive.replace(tzinfo=UTC))
