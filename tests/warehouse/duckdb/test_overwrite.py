from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ab_assets.errors import WarehouseError
from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from ab_assets.warehouse.statements import Statement
from ab_assets.warehouse.tables import Column, TableDefinition
from tests.warehouse.conftest import DAY, provenance, rows_of, users_of

PARTITION = {"tag": "retention", "event_date": DAY}
SELECT = "SELECT 0.5 AS share, :n AS n, 'u' AS user_id, :day AS event_date, :tag AS tag"


def statement(text: str = SELECT, **changes: object) -> Statement:
    return Statement("toy.sql", text, {"tag": "retention", "day": DAY, "n": 1} | changes)


def test_a_partition_is_filled_by_the_names_of_the_columns(
    warehouse: DuckDBWarehouse, toy: TableDefinition
) -> None:
    assert warehouse.overwrite(toy, PARTITION, statement(n=7)) == 1
    assert users_of(warehouse) == {"u": 7}


def test_the_rows_before_are_gone(warehouse: DuckDBWarehouse, toy: TableDefinition) -> None:
    warehouse.overwrite_rows(toy, PARTITION, rows_of({"a": 1, "b": 2}))
    warehouse.overwrite_rows(toy, PARTITION, rows_of({"c": 3}))
    assert users_of(warehouse) == {"c": 3}


def test_other_partitions_stay(warehouse: DuckDBWarehouse, toy: TableDefinition) -> None:
    other = {"tag": "chat", "event_date": DAY}
    later = {"tag": "retention", "event_date": DAY + timedelta(days=1)}
    warehouse.overwrite_rows(toy, other, rows_of({"a": 1}, tag="chat"))
    warehouse.overwrite_rows(toy, later, rows_of({"b": 2}, day=DAY + timedelta(days=1)))
    warehouse.overwrite_rows(toy, PARTITION, rows_of({"c": 3}))
    assert users_of(warehouse) == {"a": 1, "b": 2, "c": 3}


def test_no_rows_empty_the_partition(warehouse: DuckDBWarehouse, toy: TableDefinition) -> None:
    warehouse.overwrite_rows(toy, PARTITION, rows_of({"a": 1}))
    assert (
        warehouse.overwrite(toy, PARTITION, statement(f"SELECT * FROM ({SELECT}) AS x WHERE n > 1"))
        == 0
    )
    assert users_of(warehouse) == {}


def test_a_partition_may_read_itself(warehouse: DuckDBWarehouse, toy: TableDefinition) -> None:
    warehouse.overwrite_rows(toy, PARTITION, rows_of({"a": 1}))
    text = "SELECT tag, event_date, user_id, n + 1 AS n, share FROM ab.toy"
    warehouse.overwrite(toy, PARTITION, Statement("toy.sql", text))
    assert users_of(warehouse) == {"a": 2}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"tag": "chat"}, "tag=chat, event_date=2026-01-02"),
        ({"day": DAY + timedelta(days=1)}, "tag=retention, event_date=2026-01-03"),
        ({"tag": None}, "tag=None"),
    ],
)
def test_a_row_outside_the_partition_is_refused_and_nothing_changes(
    warehouse: DuckDBWarehouse, toy: TableDefinition, changes: dict[str, object], found: str
) -> None:
    warehouse.overwrite_rows(toy, PARTITION, rows_of({"a": 1}), provenance(path="before"))
    text = SELECT.replace(":tag", "CAST(:tag AS VARCHAR)")
    with pytest.raises(
        WarehouseError, match=rf"toy\.sql into ab\.toy .*1 of 1 rows are outside .*{found}"
    ):
        warehouse.overwrite(toy, PARTITION, statement(text, **changes), provenance(path="after"))
    assert users_of(warehouse) == {"a": 1}
    assert warehouse.read_provenance("ab.toy")[0].path == "before"


@pytest.mark.parametrize(
    ("partition", "said"),
    [
        ({}, "a partition names tag, event_date, but nothing is given"),
        ({"tag": "retention"}, "but tag is given"),
        ({**PARTITION, "user_id": "u"}, "but event_date, tag, user_id is given"),
        (
            {"tag": "retention", "event_date": "2026-01-02"},
            "'2026-01-02' is no value for the partition column event_date",
        ),
        (
            {"tag": "retention", "event_date": datetime(2026, 1, 2, tzinfo=UTC)},
            "is no value for the partition column event_date",
        ),
        ({"tag": DAY, "event_date": DAY}, "is no value for the partition column tag"),
        ({"tag": "", "event_date": DAY}, "'' is no value for the partition column tag"),
    ],
)
def test_a_partition_that_is_not_fully_named_is_refused(
    warehouse: DuckDBWarehouse, toy: TableDefinition, partition: dict[str, str | date], said: str
) -> None:
    warehouse.overwrite_rows(toy, PARTITION, rows_of({"a": 1}))
    with pytest.raises(WarehouseError, match=said):
        warehouse.overwrite_rows(toy, partition, rows_of({"b": 2}))
    assert users_of(warehouse) == {"a": 1}


def test_a_table_without_partitions_cannot_be_overwritten(
    warehouse: DuckDBWarehouse, toy: TableDefinition
) -> None:
    with pytest.raises(WarehouseError, match=r"ab\.toy has no partitions to overwrite"):
        warehouse.overwrite_rows(replace(toy, partition_by=()), {}, rows_of({"b": 2}))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SELECT :tag AS tag, :day AS event_date, 'u' AS user_id, :n AS n", "the rows lack share"),
        (SELECT + ", 1 AS extra", "the rows have extra, which the table does not know"),
        (SELECT.replace("AS share", "AS shares"), "lack share and have shares"),
        (
            SELECT.replace(":n AS n", "CAST(:n AS DOUBLE) AS n"),
            r"n is BIGINT, but the rows have DOUBLE; write CAST\(… AS BIGINT\)",
        ),
        (SELECT.replace("0.5 AS", "'0.5' AS"), "share is DOUBLE, but the rows have VARCHAR"),
    ],
)  # fmt: skip
def test_rows_that_do_not_fit_the_table_are_refused_and_nothing_changes(
    warehouse: DuckDBWarehouse, toy: TableDefinition, text: str, said: str
) -> None:
    warehouse.overwrite_rows(toy, PARTITION, rows_of({"a": 1}))
    with pytest.raises(WarehouseError, match=said):
        warehouse.overwrite(toy, PARTITION, statement(text))
    assert users_of(warehouse) == {"a": 1}


def test_a_column_of_nulls_fits_every_type(
    warehouse: DuckDBWarehouse, toy: TableDefinition
) -> None:
    text = SELECT.replace("'u' AS user_id", "NULL AS user_id").replace("0.5", "NULL")
    assert warehouse.overwrite(toy, PARTITION, statement(text)) == 1


def test_sums_fit_a_bigint_and_counts_a_double(
    warehouse: DuckDBWarehouse, toy: TableDefinition
) -> None:
    text = (
        "SELECT :tag AS tag, :day AS event_date, 'u' AS user_id, sum(a + :n) AS n, "
        "count(*) AS share FROM (VALUES (1), (2)) AS t(a)"
    )
    warehouse.overwrite(toy, PARTITION, statement(text))
    assert users_of(warehouse) == {"u": 5}


def test_json_and_text_fit_each_other_and_a_day_fits_a_time(warehouse: DuckDBWarehouse) -> None:
    table = TableDefinition(
        "ab",
        "docs",
        (
            Column("tag", "VARCHAR"),
            Column("doc", "JSON"),
            Column("raw", "VARCHAR"),
            Column("at", "DATETIME"),
        ),
        partition_by=("tag",),
    )
    warehouse.ensure(table)
    text = "SELECT 'x' AS tag, '[1]' AS doc, parse_json('[2]') AS raw, DATE '2026-01-02' AS at"
    warehouse.overwrite(table, {"tag": "x"}, Statement("docs.sql", text))
    row = warehouse.fetch(Statement("test", "SELECT doc, raw, at FROM ab.docs")).row(0)
    assert row == ("[1]", "[2]", datetime(2026, 1, 2))  # noqa: DTZ001


def test_a_statement_that_fails_is_named_with_its_partition(
    warehouse: DuckDBWarehouse, toy: TableDefinition
) -> None:
    with pytest.raises(
        WarehouseError,
        match=r"toy\.sql into ab\.toy \(tag=retention, event_date=2026-01-02\): .*nowhere",
    ):
        warehouse.overwrite(toy, PARTITION, Statement("toy.sql", "SELECT 1 AS a FROM ab.nowhere"))


def test_a_missing_table_is_an_error(warehouse: DuckDBWarehouse, toy: TableDefinition) -> None:
    with pytest.raises(WarehouseError, match="missing"):
        warehouse.overwrite_rows(replace(toy, name="missing"), PARTITION, rows_of({"u": 1}))


def test_rows_are_appended(warehouse: DuckDBWarehouse, toy: TableDefinition) -> None:
    assert warehouse.append(toy, rows_of({"a": 1})) == 1
    assert warehouse.append(toy, rows_of({"b": 2})) == 1
    assert users_of(warehouse) == {"a": 1, "b": 2}


def test_appended_rows_have_to_fit_the_table(
    warehouse: DuckDBWarehouse, toy: TableDefinition
) -> None:
    with pytest.raises(WarehouseError, match=r"append to ab\.toy: .*lack share"):
        warehouse.append(toy, rows_of({"a": 1}).drop("share"))


def test_appended_rows_may_be_none(warehouse: DuckDBWarehouse, toy: TableDefinition) -> None:
    assert warehouse.append(toy, rows_of({})) == 0


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12, deadline=None
)
@given(
    tag=st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20),
    user=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20),
)
def test_any_text_is_kept_as_tag_and_value(
    warehouse: DuckDBWarehouse, toy: TableDefinition, tag: str, user: str
) -> None:
    frame = rows_of({user: 1}, tag=tag)
    for _ in range(2):
        warehouse.overwrite_rows(toy, {"tag": tag, "event_date": DAY}, frame, provenance(tag=tag))
    asked = warehouse.fetch(
        Statement("test", "SELECT * FROM ab.toy WHERE tag = :tag", {"tag": tag})
    )
    assert asked.equals(frame)
    assert [row.tag for row in warehouse.read_provenance("ab.toy", tag)] == [tag]


@pytest.mark.parametrize(
    "tag", ["'; DROP TABLE ab.toy; --", "a' OR '1'='1", ":tag", "$tag", "%s", "\\", "{{ x }}"]
)
def test_a_hostile_tag_changes_only_its_own_partition(
    warehouse: DuckDBWarehouse, toy: TableDefinition, tag: str
) -> None:
    warehouse.overwrite_rows(toy, PARTITION, rows_of({"safe": 1}))
    warehouse.overwrite_rows(toy, {"tag": tag, "event_date": DAY}, rows_of({"x": 1}, tag=tag))
    assert warehouse.drop_partitions(toy, tag, date(2027, 1, 1)) == 1
    assert users_of(warehouse) == {"safe": 1}


def test_a_frame_of_another_order_is_written_by_name(
    warehouse: DuckDBWarehouse, toy: TableDefinition
) -> None:
    warehouse.overwrite_rows(
        toy, PARTITION, rows_of({"a": 1}).select("share", "n", "user_id", "event_date", "tag")
    )
    assert warehouse.fetch(Statement("test", "SELECT * FROM ab.toy")).row(0) == (
        "retention",
        DAY,
        "a",
        1,
        0.5,
    )


def test_a_number_that_does_not_fit_its_column_is_an_error(warehouse: DuckDBWarehouse) -> None:
    table = TableDefinition("ab", "small", (Column("tag", "VARCHAR"), Column("i", "INT")), ("tag",))
    warehouse.ensure(table)
    with pytest.raises(WarehouseError, match=r"out of range|INT32"):
        warehouse.overwrite_rows(table, {"tag": "x"}, pl.DataFrame({"tag": ["x"], "i": [2**40]}))
