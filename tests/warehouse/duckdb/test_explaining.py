"""A damaged file and a full disk: real ones."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ab_assets.errors import WarehouseError
from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from ab_assets.warehouse.statements import Statement
from tests.warehouse.conftest import DAY, TABLE, provenance, rows_of, users_of

PARTITION = {"tag": "retention", "event_date": DAY}
COUNT = Statement("count.sql", "SELECT sum(n) AS n, max(user_id) AS u FROM ab.toy")
MANY = Statement(
    "many.sql",
    "SELECT :tag AS tag, :day AS event_date, md5(concat(x.user_id, y.user_id)) AS user_id, "
    "x.n AS n, 0.5 AS share FROM ab.toy AS x CROSS JOIN ab.toy AS y WHERE y.n < 60",
    {"tag": "retention", "day": DAY},
)


@pytest.fixture
def warehouse(tmp_path: Path) -> DuckDBWarehouse:
    made = DuckDBWarehouse(tmp_path / "ab.duckdb")
    made.ensure(TABLE)
    rows = rows_of({f"user {number:06d}": number for number in range(2_000)})
    made.overwrite_rows(TABLE, PARTITION, rows, provenance())
    return made


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_damaged_block_is_told_with_what_to_do(warehouse: DuckDBWarehouse) -> None:
    content = bytearray(warehouse.path.read_bytes())
    for place in range(len(content) // 3, len(content), 4_096):
        content[place] ^= 1
    warehouse.path.write_bytes(content)
    with pytest.raises(
        WarehouseError, match=r"count\.sql: .*checksum.*damaged.*move it away.*backup"
    ):
        warehouse.fetch(COUNT)


def test_a_file_that_was_cut_off_is_told_with_what_to_do(warehouse: DuckDBWarehouse) -> None:
    content = warehouse.path.read_bytes()
    warehouse.path.write_bytes(content[: len(content) // 3])
    with pytest.raises(WarehouseError, match=r"damaged.*move it away"):
        warehouse.fetch(COUNT)


def test_a_full_disk_is_told_with_what_to_do_and_loses_nothing(warehouse: DuckDBWarehouse) -> None:
    before = users_of(warehouse)
    with (
        no_file_beyond(warehouse.path.stat().st_size + 1_000),
        pytest.raises(
            WarehouseError, match=r"many\.sql.*nothing of this write was kept; make room"
        ),
    ):
        warehouse.overwrite(TABLE, PARTITION, MANY, provenance())
    assert users_of(warehouse) == before


def test_a_full_disk_on_which_nothing_can_be_opened_is_not_called_damage(tmp_path: Path) -> None:
    with no_file_beyond(100), pytest.raises(WarehouseError, match="make room") as caught:
        DuckDBWarehouse(tmp_path / "new.duckdb").ensure(TABLE)
    assert "damaged" not in str(caught.value)


def test_a_commit_that_finds_no_room_is_told_by_its_own_error(warehouse: DuckDBWarehouse) -> None:
    with no_file_beyond(100), pytest.raises(WarehouseError, match="make room") as caught:
        warehouse.overwrite_rows(TABLE, PARTITION, rows_of({"a": 1}), provenance())
    assert "no transaction" not in str(caught.value)
