from dataclasses import replace
from datetime import date, timedelta

from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from ab_assets.warehouse.tables import TableDefinition
from tests.warehouse.conftest import DAY, NOW, provenance, rows_of, users_of

PARTITION = {"tag": "retention", "event_date": DAY}


def test_provenance_is_kept_with_the_table_and_the_rows_written(
    warehouse: DuckDBWarehouse, toy: TableDefinition
) -> None:
    warehouse.overwrite_rows(toy, PARTITION, rows_of({"u": 1, "v": 2}), provenance())
    expected = replace(provenance(), table_name="ab.toy", row_count=2)
    assert warehouse.read_provenance("ab.toy") == [expected]


def test_the_provenance_of_a_partition_is_replaced(
    warehouse: DuckDBWarehouse, toy: TableDefinition
) -> None:
    warehouse.overwrite_rows(toy, PARTITION, rows_of({"u": 1}), provenance(path="full"))
    warehouse.overwrite_rows(toy, PARTITION, rows_of({"u": 1}), provenance(path="incremental"))
    assert [row.path for row in warehouse.read_provenance("ab.toy")] == ["incremental"]


def test_a_write_without_provenance_leaves_the_earlier_one(
    warehouse: DuckDBWarehouse, toy: TableDefinition
) -> None:
    warehouse.overwrite_rows(toy, PARTITION, rows_of({"u": 1}), provenance())
    warehouse.overwrite_rows(toy, PARTITION, rows_of({"u": 2}))
    assert len(warehouse.read_provenance("ab.toy")) == 1


def test_provenance_without_a_day_is_replaced_too(
    warehouse: DuckDBWarehouse, toy: TableDefinition
) -> None:
    table = replace(toy, name="toy2", partition_by=("tag",))
    warehouse.ensure(table)
    for path in ("one", "two"):
        warehouse.overwrite_rows(
            table, {"tag": "retention"}, rows_of({"u": 1}), provenance(None, path=path)
        )
    assert [(row.event_date, row.path) for row in warehouse.read_provenance("ab.toy2")] == [
        (None, "two")
    ]


def test_provenance_is_read_by_tag_and_day(
    warehouse: DuckDBWarehouse, toy: TableDefinition
) -> None:
    for tag in ("a", "b"):
        for day in (DAY + timedelta(days=1), DAY):
            frame = rows_of({"u": 1}, tag=tag, day=day)
            warehouse.overwrite_rows(
                toy, {"tag": tag, "event_date": day}, frame, provenance(day, tag)
            )
    assert [row.event_date for row in warehouse.read_provenance("ab.toy", "a")] == [
        DAY,
        DAY + timedelta(days=1),
    ]
    assert [row.tag for row in warehouse.read_provenance("ab.toy", event_date=DAY)] == ["a", "b"]
    assert len(warehouse.read_provenance("ab.toy", "b", DAY)) == 1


def test_there_is_no_provenance_before_the_first_write(warehouse: DuckDBWarehouse) -> None:
    assert warehouse.read_provenance("ab.toy") == []


def test_a_naive_time_is_utc(warehouse: DuckDBWarehouse, toy: TableDefinition) -> None:
    naive = replace(provenance(), computed_at=NOW.replace(tzinfo=None))
    warehouse.overwrite_rows(toy, PARTITION, rows_of({"u": 1}), naive)
    assert warehouse.read_provenance("ab.toy")[0].computed_at == NOW


def test_dropped_days_are_forgotten_with_their_rows(
    warehouse: DuckDBWarehouse, toy: TableDefinition
) -> None:
    for day in (DAY, DAY + timedelta(days=1)):
        warehouse.overwrite_rows(
            toy,
            {"tag": "retention", "event_date": day},
            rows_of({str(day): 1}, day=day),
            provenance(day),
        )
    assert warehouse.drop_partitions(toy, "retention", DAY + timedelta(days=1)) == 1
    assert users_of(warehouse) == {"2026-01-03": 1}
    assert [row.event_date for row in warehouse.read_provenance("ab.toy")] == [date(2026, 1, 3)]
