"""A partition that does not fit into memory is made in parts: whole, once, and right."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from ab_assets.errors import WarehouseError
from ab_assets.warehouse.duckdb.connection import connected
from ab_assets.warehouse.duckdb.limits import Limits
from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from ab_assets.warehouse.statements import Statement
from tests.warehouse.conftest import DAY, TABLE, provenance, rows_of, users_of

PARTITION = {"tag": "retention", "event_date": DAY}
# One text of 80 MB for each quarter of the numbers: it cannot be written to disk half-way.
TEXT = """
SELECT CAST(:tag AS VARCHAR) AS tag, CAST(:day AS DATE) AS event_date,
  concat('u', CAST(quarter AS VARCHAR)) AS user_id,
  char_length(group_concat(repeat('x', 100))) AS n, 0.5 AS share
FROM ab.numbers WHERE quarter >= :first AND quarter < :below GROUP BY quarter
"""


@pytest.fixture
def small(tmp_path: Path) -> DuckDBWarehouse:
    with connected(tmp_path / "ab.duckdb", 5.0) as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS ab")
        connection.execute(
            "CREATE TABLE ab.numbers AS "
            "SELECT number % 4 AS quarter FROM range(800000) AS r(number)"
        )
    limits = Limits(memory="170MB", threads=1)
    return DuckDBWarehouse(tmp_path / "ab.duckdb", lock_seconds=5, limits=limits)


def statement(first: int = 0, below: int = 4, asked: list[int] | None = None) -> Statement:
    def in_parts(count: int) -> Sequence[Statement]:
        if asked is not None:
            asked.append(count)
        return [
            statement(number * 4 // count, (number + 1) * 4 // count) for number in range(count)
        ]

    values = {"tag": "retention", "day": DAY, "first": first, "below": below}
    return Statement("big.sql", TEXT, values, None if asked is None else in_parts)


def test_what_does_not_fit_is_made_in_parts_and_is_whole(
    small: DuckDBWarehouse,
) -> None:
    small.ensure(TABLE)
    small.overwrite_rows(TABLE, PARTITION, rows_of({"before": 1}))
    asked: list[int] = []
    assert small.overwrite(TABLE, PARTITION, statement(asked=asked), provenance()) == 4
    assert asked == [4]
    length = 200_000 * 100 + (200_000 - 1) * len(",")
    assert set(users_of(small)) == {"u0", "u1", "u2", "u3"}
    assert min(users_of(small).values()) >= length
    assert small.read_provenance("ab.toy")[0].row_count == 4


def test_what_has_no_parts_says_what_to_do_and_loses_nothing(
    small: DuckDBWarehouse,
) -> None:
    small.ensure(TABLE)
    small.overwrite_rows(TABLE, PARTITION, rows_of({"before": 1}))
    with pytest.raises(WarehouseError, match=r"nothing of this was kept.*AB_DUCKDB_MEMORY"):
        small.overwrite(TABLE, PARTITION, statement())
    assert users_of(small) == {"before": 1}
