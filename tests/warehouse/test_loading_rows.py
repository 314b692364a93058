import json
from datetime import UTC, date, datetime

import polars as pl
import pytest

from ab_assets.errors import LoadError
from ab_assets.warehouse.loading import target_named
from ab_assets.warehouse.loading_rows import clean
from ab_assets.warehouse.loading_sources import RawChunk
from ab_assets.warehouse.loading_types import Chunk

AT = datetime(2026, 1, 2, 12)  # noqa: DTZ001  as the warehouse keeps it
NOTHING = pl.DataFrame(schema={"row_number": pl.Int64, "reason": pl.String, "raw": pl.String})
EVENT: dict[str, object] = {
    "event_name": "login",
    "user_id": "u1",
    "event_time": "2026-01-02T12:00:00Z",
}
EXPOSURE: dict[str, object] = {
    "user_id": "u1",
    "experiment_key": "gate",
    "variation_key": "0",
    "exposed_at": "2026-01-02T12:00:00Z",
}


def cleaned(target: str, row: dict[str, object], **kinds: pl.DataType) -> Chunk:
    frame = pl.DataFrame({name: [value] for name, value in row.items()}, schema_overrides=kinds)
    raw = RawChunk(frame.with_columns(row_number=pl.lit(7, dtype=pl.Int64)), NOTHING)
    return clean(raw, target_named(target))


def event(**changes: object) -> dict[str, object]:
    chunk = cleaned("events", EVENT | changes)
    assert chunk.rejects.height == 0, chunk.rejects.row(0)
    return chunk.rows.row(0, named=True)


def reason(target: str, row: dict[str, object]) -> str:
    chunk = cleaned(target, row)
    assert chunk.rows.height == 0
    return str(chunk.rejects["reason"].item())


def test_a_row_has_every_column_of_the_table_and_its_number() -> None:
    chunk = cleaned("events", EVENT)
    assert chunk.rows.columns == [*target_named("events").table.column_names, "row_number"]
    assert chunk.rows["row_number"].item() == 7


def test_absent_columns_are_null() -> None:
    row = event()
    assert (row["received_at"], row["event_id"], row["value"], row["properties"]) == (
        None,
        None,
        None,
        None,
    )


def test_whole_numbers_become_text_exactly() -> None:
    assert event(user_id=9007199254740993)["user_id"] == "9007199254740993"


def test_leading_zeros_stay() -> None:
    assert event(user_id="007")["user_id"] == "007"


def test_text_is_kept_with_its_spaces_and_quotes() -> None:
    assert event(user_id=" a'\"b ")["user_id"] == " a'\"b "


@pytest.mark.parametrize("value", [3, "3", "3.0", "3e0", 3.0])
def test_a_value_is_a_number(value: object) -> None:
    assert event(value=value)["value"] == 3.0


def test_a_value_that_is_nan_in_a_typed_column_is_null() -> None:
    assert event(value=float("nan"))["value"] is None


def test_properties_stay_as_they_were_written() -> None:
    assert event(properties='{"a": 1.0, "b": "é"}')["properties"] == '{"a": 1.0, "b": "é"}'


def test_nested_properties_become_json() -> None:
    text = event(properties={"a": [1, None], "b": {"c": "é"}})["properties"]
    assert json.loads(str(text)) == {"a": [1, None], "b": {"c": "é"}}


def test_missing_nested_properties_stay_missing() -> None:
    frame = pl.DataFrame({name: [value] * 2 for name, value in EVENT.items()})
    frame = frame.with_columns(properties=pl.Series([None, {"a": 1}]), row_number=pl.Series([1, 2]))
    chunk = clean(RawChunk(frame, NOTHING), target_named("events"))
    assert chunk.rows["properties"].to_list() == [None, '{"a": 1}']


def test_times_are_naive_utc() -> None:
    assert event(event_time=AT.replace(tzinfo=UTC), received_at="1767355200")["received_at"] == AT


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"user_id": None}, "user_id is missing"),
        ({"user_id": ""}, "user_id is empty"),
        ({"user_id": " \t"}, "user_id is empty"),
        ({"experiment_key": None}, "experiment_key is missing"),
        ({"variation_key": ""}, "variation_key is empty"),
        ({"exposed_at": None}, "exposed_at is missing"),
        ({"exposed_at": "soon"}, "exposed_at 'soon' is no time between 1970 and 2100"),
        ({"exposed_at": "2026-01-02"}, "exposed_at '2026-01-02' is no time"),
        ({"exposed_at": "1969-01-01T00:00:00Z"}, "exposed_at '1969-01-01T00:00:00Z' is no time"),
        ({"user_id": "x" * 65534}, "user_id is longer than 65533 bytes"),
        ({"user_id": "é" * 32767}, "user_id is longer than 65533 bytes"),
    ],
)
def test_an_exposure_that_cannot_be_kept_has_its_reason(
    changes: dict[str, object], said: str
) -> None:
    assert reason("exposures", EXPOSURE | changes).startswith(said)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"event_name": ""}, "event_name is empty"),
        ({"value": "1,5"}, "value '1,5' is no finite number"),
        ({"value": "nan"}, "value 'nan' is no finite number"),
        ({"value": "inf"}, "value 'inf' is no finite number"),
        ({"value": float("inf")}, "value 'inf' is no finite number"),
        ({"received_at": "x"}, "received_at 'x' is no time"),
        ({"properties": "{"}, "properties '{' is no JSON"),
        ({"properties": "NaN"}, "properties 'NaN' is no JSON"),
        ({"properties": '{"a": "\\ud800"}'}, 'properties \'{"a": "\\ud800"}\' is no JSON'),
        ({"properties": "[" * 5000 + "]" * 5000}, "properties '[[["),
        ({"properties": ""}, "properties '' is no JSON"),
    ],
)
def test_an_event_that_cannot_be_kept_has_its_reason(changes: dict[str, object], said: str) -> None:
    assert reason("events", EVENT | changes).startswith(said)


def test_the_first_reason_counts() -> None:
    assert (
        reason("exposures", {**EXPOSURE, "user_id": None, "exposed_at": "x"})
        == "user_id is missing"
    )


def test_a_long_value_is_cut_in_the_reason() -> None:
    assert len(reason("events", EVENT | {"value": "x" * 10_000})) < 120


def test_a_reject_keeps_the_whole_row_and_its_number() -> None:
    chunk = cleaned("exposures", EXPOSURE | {"user_id": None, "extra": date(2026, 1, 1)})
    number, _, raw = chunk.rejects.row(0)
    assert number == 7
    assert json.loads(raw) == {**EXPOSURE, "user_id": None, "extra": "2026-01-01"}


def test_unreadable_rows_are_rejects_too() -> None:
    unreadable = pl.DataFrame({"row_number": [3], "reason": ["why"], "raw": ["x"]})
    frame = pl.DataFrame({name: [value] for name, value in EVENT.items()}).with_columns(
        row_number=pl.lit(1, dtype=pl.Int64)
    )
    chunk = clean(RawChunk(frame, unreadable), target_named("events"))
    assert chunk.rejects.rows() == [(3, "why", "x")]


def test_a_chunk_without_readable_rows_has_none() -> None:
    chunk = clean(
        RawChunk(pl.DataFrame(schema={"row_number": pl.Int64}), NOTHING), target_named("events")
    )
    assert (chunk.rows.height, chunk.rejects.height) == (0, 0)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"user_id": 12.0}, "the column user_id is Float64, .*; ids lose digits as fractions"),
        ({"user_id": [1]}, r"the column user_id is List\(Int64\), which cannot be read as VARCHAR"),
        ({"country": b"x"}, "the column country is Binary"),
        ({"event_time": 1.5}, "the column event_time is Float64, which cannot be read as DATETIME"),
        ({"event_time": date(2026, 1, 1)}, "the column event_time is Date"),
        ({"value": AT}, "the column value is Datetime"),
        ({"properties": 1}, "the column properties is Int64, which cannot be read as JSON"),
    ],
)
def test_a_column_of_a_type_nothing_can_be_read_from_stops_the_file(
    changes: dict[str, object], said: str
) -> None:
    with pytest.raises(LoadError, match=said):
        cleaned("events", EVENT | changes)
