"""The texts of ``ab.partition_provenance``.

What belongs here: what is sent. What does not: in which order, and why (provenance.py).
"""

# ruff: noqa: S608  names are ours, values are bound

from datetime import date

from ab_assets.warehouse.interface import Provenance

TABLE = "ab.partition_provenance"
WRITING = "writing"
NAMES = (
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
    values = ", ".join(f"%({name})s" for name in NAMES)
    return f"INSERT INTO {TABLE} WITH LABEL {label} ({', '.join(NAMES)}) VALUES ({values})"


def rows_text(provenance: Provenance) -> str:
    """The text that gives all rows of a partition."""
    return f"SELECT path, run_id, reason, computed_at FROM {TABLE} WHERE {key(provenance)}"


def delete_text(provenance: Provenance, *, writing: bool) -> str:
    """The text that deletes a partition's rows: the real ones, or those that say ``writing``."""
    which = (
        f"path = '{WRITING}' AND computed_at <= %(computed_at)s"
        if writing
        else f"path != '{WRITING}'"
    )
    return f"DELETE FROM {TABLE} WHERE {key(provenance)} AND {which}"


def withdraw_text(provenance: Provenance) -> str:
    """The text that deletes the ``writing`` row of one overwrite."""
    return f"DELETE FROM {TABLE} WHERE {key(provenance)} AND reason = %(reason)s"


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
        f"SELECT {', '.join(NAMES)} FROM {TABLE} WHERE table_name = %(table_name)s{by_tag}{by_day}"
        " QUALIFY row_number() OVER (PARTITION BY tag, event_date ORDER BY computed_at DESC, "
        f"CASE WHEN path = '{WRITING}' THEN 0 ELSE 1 END) = 1"
    )


def key(provenance: Provenance) -> str:
    """The condition that names a partition's rows."""
    return _WITHOUT_DAY if provenance.event_date is None else _WITH_DAY
