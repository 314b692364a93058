from dataclasses import replace

import pytest

from ab_assets.errors import ConfigurationError
from ab_assets.warehouse.tables import (
    Column,
    Dialect,
    TableDefinition,
    add_column,
    create_schema,
    create_table,
)
from tests.warehouse.conftest import TABLE


def test_a_table_knows_its_qualified_name_and_columns() -> None:
    assert TABLE.qualified == "ab.toy"
    assert TABLE.column_names == ("tag", "event_date", "user_id", "n", "share")


def test_a_column_is_found_by_its_name() -> None:
    assert TABLE.column("n") == Column("n", "BIGINT")


@pytest.mark.parametrize(
    "kind", ["TEXT", "varchar", "BIGINT(20)", "DECIMAL(10,2)", "", "VARCHAR()"]
)
def test_a_type_of_another_kind_is_refused(kind: str) -> None:
    with pytest.raises(ConfigurationError, match=r"column n: .* is no type of ours"):
        Column("n", kind)


def test_a_column_with_a_name_that_is_no_identifier_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="is no identifier"):
        Column("n; --", "BIGINT")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"columns": (*TABLE.columns, Column("n", "INT"))}, "the column n is declared twice"),
        ({"partition_by": ("day",)}, "names the column day, which it does not have"),
        ({"bucket_by": ("nobody",)}, "names the column nobody"),
        ({"partition_day": "then"}, "names the column then"),
        ({"sort_key": ("user_id",)}, r"sort key \(user_id\) has to be its first columns"),
        ({"name": "Toy"}, "is no identifier"),
        ({"schema": "a-b"}, "is no identifier"),
    ],
)
def test_a_definition_that_contradicts_itself_is_refused(
    change: dict[str, object], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        replace(TABLE, **change)  # type: ignore[arg-type]


def test_the_starrocks_ddl_has_keys_partitions_buckets_and_properties() -> None:
    assert create_table(replace(TABLE, comment="it's a toy"), "starrocks", replication_num=3) == (
        "CREATE TABLE IF NOT EXISTS ab.toy (\n"
        "  `tag` VARCHAR(65533) NOT NULL,\n"
        "  `event_date` DATE NOT NULL,\n"
        "  `user_id` VARCHAR(65533),\n"
        "  `n` BIGINT,\n"
        "  `share` DOUBLE\n"
        ")\n"
        "DUPLICATE KEY (tag, event_date)\n"
        "COMMENT 'it''s a toy'\n"
        "PARTITION BY (tag, event_date)\n"
        "DISTRIBUTED BY HASH(user_id) BUCKETS 1\n"
        'PROPERTIES ("replication_num" = "3")'
    )


def test_a_table_by_day_is_partitioned_by_the_day_of_its_time() -> None:
    table = TableDefinition("ab", "t", (Column("at", "DATETIME"),), partition_day="at")
    text = create_table(table, "starrocks")
    assert "PARTITION BY date_trunc('day', at)\nDISTRIBUTED BY RANDOM BUCKETS 1" in text


def test_a_comment_cannot_end_its_literal() -> None:
    table = TableDefinition("ab", "t", (Column("a", "INT", r"it's \' a trap"),))
    assert r"COMMENT 'it''s \\'' a trap'" in create_table(table, "starrocks")


def test_the_duckdb_ddl_has_columns_and_nothing_else() -> None:
    table = TableDefinition(
        "ab",
        "t",
        (
            Column("tag", "VARCHAR(1048576)", "c", nullable=False),
            Column("at", "DATETIME"),
            Column("i", "INT"),
        ),
    )
    assert create_table(table, "duckdb") == (
        "CREATE TABLE IF NOT EXISTS ab.t (\n"
        '  "tag" VARCHAR NOT NULL,\n  "at" TIMESTAMP,\n  "i" INTEGER\n)'
    )


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        ("starrocks", "ALTER TABLE ab.toy ADD COLUMN `rank` VARCHAR(65533) COMMENT 'it''s new'"),
        ("duckdb", 'ALTER TABLE ab.toy ADD COLUMN "rank" VARCHAR'),
    ],
)
def test_a_column_is_added_in_the_words_of_the_dialect(dialect: Dialect, text: str) -> None:
    assert add_column(TABLE, Column("rank", "VARCHAR", "it's new"), dialect) == text


def test_a_column_called_like_a_reserved_word_is_quoted() -> None:
    table = TableDefinition("ab", "t", (Column("rank", "INT"),))
    assert "  `rank` INT\n" in create_table(table, "starrocks")


def test_a_database_of_starrocks_is_a_schema_of_duckdb() -> None:
    assert create_schema("ab", "starrocks") == "CREATE DATABASE IF NOT EXISTS ab"
    assert create_schema("ab", "duckdb") == "CREATE SCHEMA IF NOT EXISTS ab"


def test_a_schema_whose_name_is_no_identifier_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="is no identifier"):
        create_schema("a; DROP", "starrocks")
