from datetime import date

import polars as pl

from ab_assets.warehouse.frames import empty_frame, frame_of
from ab_assets.warehouse.schema import fixed_tables
from tests.warehouse.conftest import DAY, TABLE


def test_a_frame_has_the_columns_of_the_table_and_null_where_nothing_is_given() -> None:
    frame = frame_of(TABLE, [{"tag": "x", "event_date": DAY, "n": 1}])
    assert frame.row(0) == ("x", date(2026, 1, 2), None, 1, None)


def test_a_frame_without_rows_has_the_types_of_the_table() -> None:
    assert empty_frame(TABLE).schema == {
        "tag": pl.String,
        "event_date": pl.Date,
        "user_id": pl.String,
        "n": pl.Int64,
        "share": pl.Float64,
    }


def test_every_fixed_table_has_a_frame() -> None:
    for table in fixed_tables().values():
        assert tuple(empty_frame(table).columns) == table.column_names
