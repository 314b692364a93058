import json
from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl
import pytest

from ab_assets.errors import WarehouseError
from ab_assets.warehouse.starrocks.wire import Body, bodies


def read(frame: pl.DataFrame) -> list[dict[str, object]]:
    (body,) = bodies([frame])
    rows: list[dict[str, object]] = json.loads(body.text)
    assert body.rows == len(rows) == frame.height
    return rows


def test_null_and_empty_text_are_two_things() -> None:
    assert read(pl.DataFrame({"a": [None, "", "\\N"]})) == [{"a": None}, {"a": ""}, {"a": "\\N"}]


def test_times_are_utc_with_microseconds() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
    frame = pl.DataFrame({"t": [moment]}).select(
        "t", zoned=pl.col("t").dt.convert_time_zone("Asia/Shanghai"), day=pl.col("t").dt.date()
    )
    (row,) = read(frame)
    assert row == {
        "t": "2026-01-02 03:04:05.000006",
        "zoned": "2026-01-02 03:04:05.000006",
        "day": "2026-01-02",
    }


def test_numbers_keep_their_digits() -> None:
    frame = pl.DataFrame(
        {"whole": [2**63 - 1], "small": [5e-324], "price": [Decimal("1.25")], "flag": [True]}
    )
    assert read(frame) == [{"whole": 2**63 - 1, "small": 5e-324, "price": 1.25, "flag": True}]


def test_categories_are_text() -> None:
    assert read(pl.DataFrame({"a": ["x"]}, schema={"a": pl.Categorical})) == [{"a": "x"}]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_json_has_no_number_for_is_refused(value: float) -> None:
    with pytest.raises(WarehouseError, match="the column share has NaN or an infinity"):
        list(bodies([pl.DataFrame({"share": [1.0, None, value]})]))


def test_a_column_of_lists_is_refused() -> None:
    with pytest.raises(WarehouseError, match=r"the column a is List\(Int64\)"):
        list(bodies([pl.DataFrame({"a": [[1]]})]))


def test_small_frames_share_a_body() -> None:
    frames = [pl.DataFrame({"a": [1]}), pl.DataFrame({"a": [2]})]
    assert list(bodies(frames)) == [Body(b'[{"a":1},{"a":2}]', 2)]


def test_a_body_stays_below_its_bound() -> None:
    frame = pl.DataFrame({"a": ["x" * 90] * 10})
    made = list(bodies([frame, frame], most_bytes=350))
    assert sum(body.rows for body in made) == 20
    assert all(len(body.text) <= 352 for body in made)
    assert len(made) < 12


def test_a_row_longer_than_the_bound_has_a_body_of_its_own() -> None:
    made = list(bodies([pl.DataFrame({"a": ["x" * 400, "y", "z"]})], most_bytes=300))
    assert [body.rows for body in made] == [1, 2]


def test_frames_without_rows_make_no_body() -> None:
    assert list(bodies([pl.DataFrame({"a": []}, schema={"a": pl.Int64})])) == []


def test_dates_of_no_rows_and_dates_that_are_null() -> None:
    frame = pl.DataFrame({"d": [date(2026, 1, 2), None]})
    assert read(frame) == [{"d": "2026-01-02"}, {"d": None}]
