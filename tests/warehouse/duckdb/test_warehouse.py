from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ab_assets.errors import ConfigurationError, StatementError, WarehouseError
from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from ab_assets.warehouse.statements import Statement
from ab_assets.warehouse.tables import TableDefinition
from tests.warehouse.conftest import DAY, TABLE, rows_of, users_of

if TYPE_CHECKING:
    from ab_assets.warehouse.interface import Warehouse


def test_it_is_a_warehouse(warehouse: DuckDBWarehouse) -> None:
    as_interface: Warehouse = warehouse
    assert as_interface.tables("ab") == []


def test_its_repr_names_the_file() -> None:
    assert repr(DuckDBWarehouse(Path("/x/ab.duckdb"))) == "DuckDBWarehouse('/x/ab.duckdb')"


def test_a_statement_that_changes_rows_says_how_many(
    warehouse: DuckDBWarehouse, toy: TableDefinition
) -> None:
    warehouse.append(toy, rows_of({"a": 1, "b": 2, "c": 3}))
    deleted = warehouse.execute(
        Statement("delete.sql", "DELETE FROM ab.toy WHERE n >= :n", {"n": 2})
    )
    assert (deleted, users_of(warehouse)) == (2, {"a": 1})


def test_an_insert_says_how_many_rows_it_added(
    warehouse: DuckDBWarehouse, toy: TableDefinition
) -> None:
    text = "INSERT INTO ab.toy (tag, event_date, user_id, n) SELECT :tag, :day, concat('u', 1), 2"
    assert warehouse.execute(Statement("insert.sql", text, {"tag": "x", "day": DAY})) == 1
    assert users_of(warehouse) == {"u1": 2}


def test_a_dropped_table_is_gone(warehouse: DuckDBWarehouse, toy: TableDefinition) -> None:
    assert warehouse.execute(Statement("drop.sql", "DROP TABLE ab.toy")) == 0
    assert warehouse.tables("ab") == []


def test_a_failing_statement_is_named(warehouse: DuckDBWarehouse) -> None:
    with pytest.raises(WarehouseError, match=r"^delete\.sql: Catalog Error"):
        warehouse.execute(Statement("delete.sql", "DELETE FROM ab.nothing"))


def test_a_failing_query_is_named(warehouse: DuckDBWarehouse) -> None:
    with pytest.raises(WarehouseError, match=r"^a\.sql: Binder Error"):
        warehouse.fetch(Statement("a.sql", "SELECT x.b FROM (SELECT 1 AS a) AS x"))


def test_a_statement_outside_the_portable_subset_is_named(warehouse: DuckDBWarehouse) -> None:
    with pytest.raises(StatementError, match=r"^a\.sql: .*write CAST"):
        warehouse.fetch(Statement("a.sql", "SELECT 1::int"))


def test_a_value_that_cannot_be_bound_is_named(warehouse: DuckDBWarehouse) -> None:
    with pytest.raises(StatementError, match=r"^a\.sql: the bind :x is given a list"):
        warehouse.fetch(Statement("a.sql", "SELECT :x AS x", {"x": [1]}))


def test_calls_in_a_session_share_a_connection(
    warehouse: DuckDBWarehouse, toy: TableDefinition
) -> None:
    with warehouse.session():
        warehouse.append(toy, rows_of({"a": 1}))
        with warehouse.session():
            assert users_of(warehouse) == {"a": 1}
        assert users_of(warehouse) == {"a": 1}


def test_what_a_session_wrote_before_an_error_stays(
    warehouse: DuckDBWarehouse, toy: TableDefinition
) -> None:
    def work() -> None:
        with warehouse.session():
            warehouse.append(toy, rows_of({"a": 1}))
            warehouse.fetch(Statement("a.sql", "SELECT 1 AS x FROM ab.nothing"))

    with pytest.raises(WarehouseError):
        work()
    assert users_of(warehouse) == {"a": 1}


def test_a_failed_overwrite_in_a_session_leaves_it_usable(
    warehouse: DuckDBWarehouse, toy: TableDefinition
) -> None:
    partition = {"tag": "retention", "event_date": DAY}
    with warehouse.session():
        with pytest.raises(WarehouseError):
            warehouse.overwrite_rows(toy, partition, rows_of({"a": 1}, tag="chat"))
        warehouse.overwrite_rows(toy, partition, rows_of({"a": 1}))
    assert users_of(warehouse) == {"a": 1}


def test_two_warehouses_of_one_file_see_the_same_rows(
    warehouse: DuckDBWarehouse, toy: TableDefinition
) -> None:
    other = DuckDBWarehouse(warehouse.path)
    with warehouse.session():
        other.append(toy, rows_of({"a": 1}))
        assert users_of(warehouse) == {"a": 1}


def test_days_before_a_day_are_dropped_for_one_tag(
    warehouse: DuckDBWarehouse, toy: TableDefinition
) -> None:
    for tag, day in (("a", 1), ("a", 2), ("b", 1)):
        warehouse.append(toy, rows_of({f"{tag}{day}": 1}, tag=tag, day=date(2026, 1, day)))
    assert warehouse.drop_partitions(toy, "a", date(2026, 1, 2)) == 1
    assert users_of(warehouse) == {"a2": 1, "b1": 1}


def test_days_of_a_table_of_one_tag_are_dropped(warehouse: DuckDBWarehouse) -> None:
    table = replace(TABLE, partition_by=("event_date",))
    warehouse.ensure(table)
    for day in (1, 2):
        warehouse.append(table, rows_of({f"u{day}": 1}, day=date(2026, 1, day)))
    assert warehouse.drop_partitions(table, "retention", date(2026, 1, 2)) == 1
    assert users_of(warehouse) == {"u2": 1}


def test_a_table_without_days_has_none_to_drop(warehouse: DuckDBWarehouse) -> None:
    with pytest.raises(ConfigurationError, match=r"ab\.toy is not partitioned by event_date"):
        warehouse.drop_partitions(replace(TABLE, partition_by=("tag",)), "a", DAY)
