"""INSERT INTO and INSERT OVERWRITE: loads by a statement.

What belongs here: one statement, one load, one transaction. What does not: which rows fit
(staging.py).
"""

from collections.abc import Mapping
from datetime import date

import duckdb
from sqlglot import exp

from ab_assets.warehouse.duckdb.overwrite import transaction
from ab_assets.warehouse.portable import token_problems, tree_problems
from tests.starrocks.catalogue import StoredTable
from tests.starrocks.heads import InsertHead, literal_value, read_head
from tests.starrocks.labels import Load
from tests.starrocks.queries import execute, parsed, told, translated, translated_tree
from tests.starrocks.refusals import (
    RowsFilteredError,
    StarRocksRefusalError,
    SwapLostError,
    refuse_analysis,
)
from tests.starrocks.session import Answer, Session
from tests.starrocks.staging import RAW, insert_staged

Partition = Mapping[str, str | date]


def run_insert(session: Session, text: str) -> Answer:
    """Runs an INSERT as a load of its own, all or nothing."""
    head = read_head(text)
    table = session.store.table(*session.named(head.database, head.table))
    partition = _partition(table, head.partition) if head.partition is not None else None
    rows = _rows(session, head)
    load = session.store.labels.begin(table.schema, table.name, head.label, "INSERT")
    session.label = load.label
    try:
        count = _load(session, table, head, rows, partition, load)
    except SwapLostError:
        session.store.labels.finish(load, 0)
        raise
    except RowsFilteredError as error:
        log = "\n".join(error.reasons)
        session.store.labels.cancel(load, error.text, filtered=error.filtered, log=log)
        raise
    except StarRocksRefusalError as error:
        session.store.labels.cancel(load, error.text)
        raise
    except duckdb.Error as error:
        refusal = told(error)
        session.store.labels.cancel(load, refusal.text)
        raise refusal from None
    session.store.labels.finish(load, count)
    info = f"{{'label':'{load.label}', 'status':'VISIBLE', 'txnId':'{load.job}'}}"
    return Answer(affected=count, info=info)


def _load(  # noqa: PLR0917  one call, in the order it is read
    session: Session,
    table: StoredTable,
    head: InsertHead,
    rows: str,
    partition: Partition | None,
    load: Load,
) -> int:
    connection = session.connection
    try:
        execute(connection, f"CREATE OR REPLACE TEMP TABLE {RAW} AS {rows}")
        with session.store.locked(table.schema, table.name), transaction(connection):
            if head.overwrite:
                _clear(connection, table, partition)
            columns = head.columns or table.column_names
            count = insert_staged(connection, table, columns, load.job, partition)
            session.middle()
    finally:
        connection.execute(f"DROP TABLE IF EXISTS temp.{RAW}")
    return count


def _rows(session: Session, head: InsertHead) -> str:
    """DuckDB's text of the rows to insert."""
    if not head.rest.upper().startswith("VALUES"):
        return translated(session, head.rest, parsed(head.rest))
    tree = parsed(f"INSERT INTO t {head.rest}")
    values = tree.expression
    problems = [*token_problems(head.rest), *tree_problems(values)]
    problems = [problem for problem in problems if "loses its backslash" not in problem]
    if problems:
        refuse_analysis("; ".join(problems))
    rows = [
        f"({', '.join(translated_tree(item) for item in row.expressions)})"
        for row in values.find_all(exp.Tuple)
    ]
    return f"SELECT * FROM (VALUES {', '.join(rows)}) AS given"


def _partition(table: StoredTable, given: Mapping[str, str]) -> Partition:
    """The partition that is named, when it names a value for every partition column."""
    expected = table.partition_by or ((table.partition_day,) if table.partition_day else ())
    if not expected:
        raise StarRocksRefusalError(
            5009, "PARTITION clause is not valid for INSERT into unpartitioned table"
        )
    names = {table.column(name).name: value for name, value in given.items()}
    if set(names) != set(expected):
        refuse_analysis(
            f"Partition column list size is not equal to partition key list: {table.qualified} is "
            f"partitioned by {', '.join(expected)}, but {', '.join(names)} is given"
        )
    return {name: literal_value(text, table.column(name).base_type) for name, text in names.items()}


def _clear(
    connection: duckdb.DuckDBPyConnection, table: StoredTable, partition: Partition | None
) -> None:
    if partition is None:
        connection.execute(f"DELETE FROM {table.quoted}")
        return
    where = " AND ".join(f"{table.partition_value(name)} = ${name}" for name in partition)
    connection.execute(f"DELETE FROM {table.quoted} WHERE {where}", dict(partition))
