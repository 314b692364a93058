"""Rows on their way into a table: converted and checked as a strict load does.

What belongs here: which rows fit their table and why the others do not. What does not:
transactions, labels, and where the rows come from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
from sqlglot import exp

from ab_assets.warehouse.dialect import expression_to_duckdb
from ab_assets.warehouse.duckdb.functions import macros_for
from tests.starrocks.catalogue import StoredColumn, StoredTable
from tests.starrocks.refusals import RowsFilteredError, refuse_analysis

RAW = "ab_stand_in_rows"


@dataclass(frozen=True)
class _Check:
    condition: str
    reason: str


def insert_staged(
    connection: duckdb.DuckDBPyConnection,
    table: StoredTable,
    columns: Sequence[str],
    job: int,
    partition: Mapping[str, str | date] | None = None,
) -> int:
    """Adds the rows of the temporary table RAW, whose columns are in the order of ``columns``.

    Args:
        connection: In a transaction of the caller's.
        table: Where to.
        columns: The table's columns the rows have; the others become NULL.
        job: The number of the load, for the refusal.
        partition: What every row has to have in the partition columns.

    Returns:
        How many rows were added.

    Raises:
        RowsFilteredError: Some rows do not fit; nothing was added.
        StarRocksRefusalError: The columns do not fit the table.
    """
    raw = _raw_columns(connection)
    targets = [table.column(name) for name in columns]
    _check_columns(table, targets, len(raw))
    values = [
        _converted(column, name, kind) for column, (name, kind) in zip(targets, raw, strict=True)
    ]
    for macro in macros_for(" ".join(values)):
        connection.execute(macro)
    checks = _checks(table, targets, [name for name, _ in raw], values, partition or {})
    _refuse_misfits(connection, checks, partition or {}, job)
    names = ", ".join(f'"{column.name}"' for column in targets)
    connection.execute(
        f"INSERT INTO {table.quoted} ({names}) SELECT {', '.join(values)} FROM temp.{RAW}"
    )
    counted = connection.execute(f"SELECT count(*) FROM temp.{RAW}").fetchone()
    return int(counted[0]) if counted else 0


def _raw_columns(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    rows = connection.execute(
        f"SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = 'temp' "
        f"AND table_name = '{RAW}' ORDER BY column_index"
    ).fetchall()
    return [(str(row[0]), str(row[1])) for row in rows]


def _check_columns(table: StoredTable, targets: Sequence[StoredColumn], given: int) -> None:
    names = [column.name for column in targets]
    doubled = [name for name in names if names.count(name) > 1]
    if doubled:
        refuse_analysis(f"Column '{doubled[0]}' specified twice")
    if len(names) != given:
        refuse_analysis(
            f"Inserted target column count: {len(names)} doesn't match select/value column count: "
            f"{given}"
        )
    for column in table.columns:
        if column.name not in names and not column.nullable:
            refuse_analysis(f"'{column.name}' must be explicitly mentioned in column permutation")


def _converted(column: StoredColumn, raw: str, kind: str) -> str:
    name = exp.column(exp.to_identifier(raw, quoted=True))
    quoted = str(name.sql("duckdb"))
    if kind == column.duckdb_type:
        return quoted
    if kind == '"NULL"':
        return f"CAST(NULL AS {column.duckdb_type})"
    if column.base_type in ("JSON", "LARGEINT"):
        return f"TRY_CAST({quoted} AS {column.duckdb_type})"
    target = exp.DataType.build(column.type, dialect="starrocks")
    return expression_to_duckdb(exp.Cast(this=name, to=target))


def _checks(
    table: StoredTable,
    targets: Sequence[StoredColumn],
    raw: Sequence[str],
    values: Sequence[str],
    partition: Mapping[str, str | date],
) -> list[_Check]:
    checks = []
    for column, name, value in zip(targets, raw, values, strict=True):
        given = exp.to_identifier(name, quoted=True).sql("duckdb")
        if value != given:
            checks.append(
                _Check(
                    f"{given} IS NOT NULL AND ({value}) IS NULL",
                    f"A value is out of range or cannot be read. The type of '{column.name}'"
                    f" is {column.type}.",
                )
            )
        if not column.nullable:
            checks.append(
                _Check(f"({value}) IS NULL", f"NULL value in non-nullable column '{column.name}'.")
            )
        if column.length is not None:
            checks.append(
                _Check(
                    f"strlen({value}) > {column.length}",
                    "The length of the input is too long than schema. "
                    f"column_name: {column.name}; schema length: {column.length}.",
                )
            )
        if column.name in partition:
            checks.append(
                _Check(
                    f"{table.partition_value(column.name, value)} IS DISTINCT FROM ${column.name}",
                    f"The row is out of partition ranges. Please add a new partition. "
                    f"('{column.name}')",
                )
            )
    return checks


def _refuse_misfits(
    connection: duckdb.DuckDBPyConnection,
    checks: Sequence[_Check],
    partition: Mapping[str, str | date],
    job: int,
) -> None:
    if not checks:
        return
    counts = ", ".join(f"count_if({check.condition})" for check in checks)
    misfit = " OR ".join(f"({check.condition})" for check in checks)
    row = connection.execute(
        f"SELECT count(*), count_if({misfit}), {counts} FROM temp.{RAW}", dict(partition)
    ).fetchone()
    assert row is not None
    if row[1]:
        reasons = tuple(
            f"Error: {check.reason} ({count} rows)"
            for check, count in zip(checks, row[2:], strict=True)
            if count
        )
        raise RowsFilteredError(int(row[1]), int(row[0]), reasons, job)
