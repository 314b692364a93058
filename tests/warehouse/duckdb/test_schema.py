from dataclasses import replace

import pytest

from ab_assets.errors import ConfigurationError
from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from ab_assets.warehouse.tables import Column, TableDefinition
from tests.warehouse.conftest import DAY, TABLE, rows_of, users_of


def with_columns(*columns: Column) -> TableDefinition:
    return replace(TABLE, columns=columns)


def test_a_table_is_made_with_its_schema(warehouse: DuckDBWarehouse) -> None:
    warehouse.ensure(TABLE)
    assert warehouse.tables("ab") == ["toy"]
    assert warehouse.columns("ab.toy") == {
        "tag": "VARCHAR",
        "event_date": "DATE",
        "user_id": "VARCHAR",
        "n": "BIGINT",
        "share": "DOUBLE",
    }


def test_a_schema_that_is_not_there_has_no_tables(warehouse: DuckDBWarehouse) -> None:
    assert warehouse.tables("nowhere") == []


def test_a_table_that_is_not_there_has_no_columns(warehouse: DuckDBWarehouse) -> None:
    assert warehouse.columns("ab.nothing") == {}


def test_a_new_column_is_added_and_null_in_the_rows_there_are(
    warehouse: DuckDBWarehouse, toy: TableDefinition
) -> None:
    warehouse.overwrite_rows(toy, {"tag": "retention", "event_date": DAY}, rows_of({"u": 1}))
    warehouse.ensure(with_columns(*TABLE.columns, Column("at", "DATETIME"), Column("i", "INT")))
    assert list(warehouse.columns("ab.toy").items())[-2:] == [("at", "DATETIME"), ("i", "INT")]
    assert users_of(warehouse) == {"u": 1}


def test_a_changed_type_is_refused_and_says_what_to_do(
    warehouse: DuckDBWarehouse, toy: TableDefinition
) -> None:
    changed = with_columns(*TABLE.columns[:3], Column("n", "DOUBLE"), TABLE.columns[4])
    with pytest.raises(
        ConfigurationError,
        match=r"ab\.toy: the column n is BIGINT in the warehouse but declared DOUBLE; .*RENAME",
    ):
        warehouse.ensure(changed)


def test_a_removed_column_is_refused(warehouse: DuckDBWarehouse, toy: TableDefinition) -> None:
    with pytest.raises(
        ConfigurationError, match="the column share is in the warehouse but no longer declared"
    ):
        warehouse.ensure(with_columns(*TABLE.columns[:4]))


def test_a_new_column_that_may_not_be_null_is_refused(
    warehouse: DuckDBWarehouse, toy: TableDefinition
) -> None:
    with pytest.raises(ConfigurationError, match="the new column x is NOT NULL"):
        warehouse.ensure(with_columns(*TABLE.columns, Column("x", "INT", nullable=False)))


def test_a_refused_change_adds_no_column(warehouse: DuckDBWarehouse, toy: TableDefinition) -> None:
    kept = TABLE.columns[:3]
    changed = with_columns(*kept, Column("x", "INT"), Column("n", "DOUBLE"), TABLE.columns[4])
    with pytest.raises(ConfigurationError):
        warehouse.ensure(changed)
    assert tuple(warehouse.columns("ab.toy")) == TABLE.column_names


def test_a_longer_text_is_no_change(warehouse: DuckDBWarehouse, toy: TableDefinition) -> None:
    longer = replace(TABLE.columns[2], type="VARCHAR(1048576)")
    warehouse.ensure(with_columns(*TABLE.columns[:2], longer, *TABLE.columns[3:]))
    assert warehouse.columns("ab.toy")["user_id"] == "VARCHAR"
