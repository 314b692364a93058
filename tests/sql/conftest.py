"""Shared by the tests of the SQL: one warehouse file for all of them, emptied before each.

Opening a file and making its tables takes longer than what most of these tests do with it.
"""

from collections.abc import Iterator

import pytest

from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from ab_assets.warehouse.schema import fixed_table
from ab_assets.warehouse.statements import Statement, StatementLibrary
from tests.sql.bench import SOURCES, Bench, a_library


@pytest.fixture(scope="session")
def library() -> StatementLibrary:
    """The files of ``sql/``."""
    return a_library()


@pytest.fixture(scope="session")
def shared_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBWarehouse]:
    """A warehouse with the source tables, open for the whole run."""
    warehouse = DuckDBWarehouse(tmp_path_factory.mktemp("sql") / "ab.duckdb", lock_seconds=5)
    with warehouse.session():
        for name in SOURCES:
            warehouse.ensure(fixed_table(name))
        yield warehouse


@pytest.fixture
def bench(shared_warehouse: DuckDBWarehouse, library: StatementLibrary) -> Bench:
    """One tag over an empty warehouse."""
    empty(shared_warehouse)
    return Bench(shared_warehouse, library)


def empty(warehouse: DuckDBWarehouse) -> None:
    """Removes every row of the sources, every per-tag table and what was kept of other days."""
    for name in SOURCES:
        warehouse.execute(Statement("empty", f"TRUNCATE TABLE {name}"))
    for table in warehouse.tables("ab"):
        if table.startswith(("tbl_", "growthbook_")) or table == "experiment_health":
            warehouse.execute(Statement("empty", f"DROP TABLE ab.{table}"))
