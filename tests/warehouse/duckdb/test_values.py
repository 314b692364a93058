from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum

import polars as pl
import pytest

from ab_assets.errors import StatementError, WarehouseError
from ab_assets.warehouse.duckdb.values import bindable, storable
from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from ab_assets.warehouse.names import identifier
from ab_assets.warehouse.statements import Statement


class Role(StrEnum):
    GOAL = "goal"


@pytest.mark.parametrize("value", ["x", 1, 1.5, True, None, date(2026, 1, 1), Decimal("1.5")])
def test_plain_values_are_bound_as_they_are(value: object) -> None:
    assert bindable({"x": value}) == {"x": value}


def test_an_aware_time_is_bound_as_naive_utc() -> None:
    east = timezone(timedelta(hours=8))
    assert bindable({"x": datetime(2026, 1, 1, 8, tzinfo=east)}) == {"x": datetime(2026, 1, 1)}  # noqa: DTZ001


def test_a_naive_time_is_utc_already() -> None:
    assert bindable({"x": datetime(2026, 1, 1)}) == {"x": datetime(2026, 1, 1)}  # noqa: DTZ001


@pytest.mark.parametrize(("value", "text"), [(Role.GOAL, "goal"), (identifier("tag"), "`tag`")])
def test_kinds_of_text_are_bound_as_text(value: str, text: str) -> None:
    bound = bindable({"x": value})["x"]
    assert (bound, type(bound)) == (text, str)


@pytest.mark.parametrize("value", [[1], {"a": 1}, b"x", object, timedelta(1)])
def test_other_values_are_refused_with_their_bind(value: object) -> None:
    with pytest.raises(StatementError, match="the bind :x is given a"):
        bindable({"x": value})


def test_a_frame_has_plain_types(warehouse: DuckDBWarehouse) -> None:
    text = (
        "SELECT sum(a) AS total, count_if(a > 1) AS n, CAST(1 AS TINYINT) AS small, "
        "sum(1.5) AS half, CAST(1 AS FLOAT) AS fraction, true AS yes, "
        "CAST('2026-01-01' AS DATETIME) AS at, "
        "DATE '2026-01-01' AS day, parse_json('{}') AS doc, 'x' AS word "
        "FROM (VALUES (1), (2)) AS t(a)"
    )
    assert warehouse.fetch(Statement("test", text)).schema == {
        "total": pl.Int64,
        "n": pl.Int64,
        "small": pl.Int64,
        "half": pl.Float64,
        "fraction": pl.Float64,
        "yes": pl.Boolean,
        "at": pl.Datetime("us"),
        "day": pl.Date,
        "doc": pl.String,
        "word": pl.String,
    }


def test_a_frame_without_rows_has_the_same_types(warehouse: DuckDBWarehouse) -> None:
    frame = warehouse.fetch(
        Statement("test", "SELECT 1 AS a, 'x' AS b FROM (VALUES (1)) AS t(x) WHERE x = 2")
    )
    assert (frame.height, frame.schema) == (0, {"a": pl.Int64, "b": pl.String})


def test_a_sum_beyond_bigint_is_an_error_not_a_wrong_number(warehouse: DuckDBWarehouse) -> None:
    text = "SELECT sum(a) AS total FROM (VALUES (9223372036854775807), (1)) AS t(a)"
    with pytest.raises(WarehouseError, match="does not fit into BIGINT"):
        warehouse.fetch(Statement("test", text))


def test_frames_are_stored_with_naive_utc_times_and_null_for_nan() -> None:
    frame = pl.DataFrame(
        {
            "aware": [datetime(2026, 1, 1, tzinfo=UTC)],
            "milli": pl.Series([datetime(2026, 1, 1)], dtype=pl.Datetime("ms")),  # noqa: DTZ001
            "share": [float("nan")],
            "kind": pl.Series(["a"], dtype=pl.Categorical),
        }
    )
    stored = storable(frame)
    assert stored.schema == {
        "aware": pl.Datetime("us"),
        "milli": pl.Datetime("us"),
        "share": pl.Float64,
        "kind": pl.String,
    }
    assert stored.row(0) == (datetime(2026, 1, 1), datetime(2026, 1, 1), None, "a")  # noqa: DTZ001


def test_a_sunday_is_bound_and_read_back_as_the_same_day(answer: Callable[..., object]) -> None:
    assert answer("CAST(:d AS DATE)", d=date(2026, 11, 22)) == date(2026, 11, 22)
