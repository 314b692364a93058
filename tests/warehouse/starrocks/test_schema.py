"""What is sent for a table; that it means the same as on DuckDB is tested in test_parity.py."""

from dataclasses import replace

import pytest

from ab_assets.errors import ConfigurationError
from ab_assets.warehouse.starrocks.warehouse import StarRocksWarehouse
from ab_assets.warehouse.tables import Column, TableDefinition
from tests.starrocks.stand_in import StarRocksStandIn
from tests.warehouse.conftest import TABLE


def ddl(cluster: StarRocksStandIn) -> list[str]:
    return cluster.texts(r"\b(CREATE|ALTER|DROP)\b")


def test_a_database_that_is_there_is_not_made_again(
    star: StarRocksWarehouse, cluster: StarRocksStandIn
) -> None:
    """Its right is one that the grants do not give."""
    star.ensure(TABLE)
    (sent,) = ddl(cluster)
    assert "CREATE TABLE IF NOT EXISTS ab.toy" in sent


def test_a_database_that_is_not_there_is_made_first(
    star: StarRocksWarehouse, cluster: StarRocksStandIn
) -> None:
    star.ensure(replace(TABLE, schema="more"))
    database, table = ddl(cluster)
    assert "CREATE DATABASE IF NOT EXISTS more" in database
    assert "CREATE TABLE IF NOT EXISTS more.toy" in table


def test_a_table_as_declared_is_left_alone(
    star: StarRocksWarehouse, cluster: StarRocksStandIn, toy: TableDefinition
) -> None:
    star.ensure(toy)
    assert ddl(cluster) == []


def test_a_new_column_is_added_with_its_comment(
    star: StarRocksWarehouse, cluster: StarRocksStandIn, toy: TableDefinition
) -> None:
    star.ensure(replace(toy, columns=(*toy.columns, Column("rank", "INT", "100% new"))))
    (sent,) = ddl(cluster)
    assert sent.endswith("ALTER TABLE ab.toy ADD COLUMN `rank` INT COMMENT '100% new'")


def test_a_refused_change_sends_nothing(
    star: StarRocksWarehouse, cluster: StarRocksStandIn, toy: TableDefinition
) -> None:
    columns = (*toy.columns[:3], Column("n", "DATE"), *toy.columns[4:], Column("new", "INT"))
    with pytest.raises(ConfigurationError, match=r"ab\.toy.*the column n is BIGINT .*RENAME"):
        star.ensure(replace(toy, columns=columns))
    assert ddl(cluster) == []
