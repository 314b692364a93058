"""Report rows for programs."""

import json
from datetime import date, datetime

import polars as pl

from ab_assets.reporting.json_rows import json_rows
from ab_assets.warehouse.schema import report_columns
from tests.reporting.seeded import Seeded


def read(frame: pl.DataFrame) -> list[dict[str, object]]:
    def refuse(text: str) -> None:
        message = f"{text} is not JSON"
        raise AssertionError(message)

    return json.loads(json_rows(frame), parse_constant=refuse)


def test_no_rows_are_an_empty_array() -> None:
    assert json_rows(pl.DataFrame({"a": []})) == "[]"


def test_null_is_null() -> None:
    assert read(pl.DataFrame({"a": [None, 1.5]})) == [{"a": None}, {"a": 1.5}]


def test_what_json_has_no_number_for_is_null() -> None:
    frame = pl.DataFrame({"a": [float("nan"), float("inf"), float("-inf")]})
    assert [row["a"] for row in read(frame)] == [None, None, None]


def test_dates_and_times_are_iso_8601_in_utc() -> None:
    frame = pl.DataFrame(
        {"day": [date(2026, 10, 1)], "at": [datetime.fromisoformat("2026-10-01T23:05:00.000042")]}
    )
    assert read(frame) == [{"day": "2026-10-01", "at": "2026-10-01T23:05:00.000042Z"}]


def test_booleans_whole_numbers_and_any_text_survive() -> None:
    values = {"a": [True], "b": [2**53 + 1], "c": ['"],\n\u2028"été\x00']}
    assert read(pl.DataFrame(values)) == [{name: part[0] for name, part in values.items()}]


def test_numbers_keep_every_digit() -> None:
    assert read(pl.DataFrame({"a": [0.1 + 0.2, 1e-300]})) == [{"a": 0.1 + 0.2}, {"a": 1e-300}]


def test_a_report_has_every_column_of_the_contract_in_each_row(seeded: Seeded) -> None:
    rows = read(seeded.report.head(40))
    names = [column.name for column in report_columns()]
    assert len(rows) == 40
    assert all(list(row) == names for row in rows)
    assert [row["users"] for row in rows] == seeded.report.head(40)["users"].to_list()
