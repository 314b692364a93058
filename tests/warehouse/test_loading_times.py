from datetime import UTC, datetime, timedelta, timezone

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ab_assets.warehouse.loading_times import read_times

NOON = datetime(2026, 1, 2, 12, 0, 0)  # noqa: DTZ001  as the warehouse keeps it


def read(value: object) -> object:
    times = read_times(pl.Series([value]))
    assert times is not None
    return times.item()


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-02T12:00:00Z",
        "2026-01-02T12:00:00z",
        "2026-01-02 12:00:00",
        "2026-01-02 12:00",
        "2026-01-02T12:00:00+00:00",
        "2026-01-02T20:00:00+08:00",
        "2026-01-02T20:00:00+0800",
        "2026-01-02T20:00:00+08",
        "2026-01-02 20:00:00 +08:00",
        "2026-01-02T06:30:00-05:30",
        "2026-01-02T12:00:00.000000",
        "2026-01-02T12:00:00,000Z",
        "1767355200",
        "1767355200000",
        "1767355200000000",
    ],
)
def test_a_time_is_read_as_utc(text: str) -> None:
    assert read(text) == NOON


@pytest.mark.parametrize(
    ("text", "microsecond"),
    [
        ("12:00:00.5", 500_000),
        ("12:00:00.123456", 123_456),
        ("12:00:00.123456789", 123_456),
        ("12:00:00.1234567891", None),
    ],
)
def test_a_fraction_is_kept_to_the_microsecond(text: str, microsecond: int | None) -> None:
    expected = None if microsecond is None else NOON.replace(microsecond=microsecond)
    assert read(f"2026-01-02T{text}") == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-01-02",
        "2026-02-30 12:00:00",
        "2026-01-02 24:00:00",
        "2026-01-02 23:59:60",
        "2026-01-02 12:60:00",
        "2026-01-02T12",
        "2026-01-02T12:00:00+24:00",
        "2026-01-02T12:00:00+08:75",
        "02/01/2026 12:00:00",
        "2026-1-2 12:00:00",
        "2026-01-02T12:00:00 UTC",
        " 2026-01-02 12:00:00",
        "176735520",
        "17673552000",
        "-1767355200",
        "1767355200.5",
        "1969-12-31T23:59:59Z",
        "2101-01-01T00:00:00Z",
        "1970-01-01T00:00:00+01:00",
    ],
)
def test_anything_else_is_no_time(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize("text", ["1970-01-01T00:00:00Z", "2100-12-31T23:59:59.999999Z"])
def test_the_first_and_the_last_moment_are_times(text: str) -> None:
    assert read(text) is not None


@pytest.mark.parametrize("value", [1767355200, 1767355200000, 1767355200000000])
def test_whole_unix_times_are_read_by_their_number_of_digits(value: int) -> None:
    assert read(value) == NOON


@pytest.mark.parametrize("value", [True, 1.5, b"x"])
def test_a_column_of_another_type_holds_no_times(value: object) -> None:
    assert read_times(pl.Series([value])) is None


def test_a_column_of_days_holds_no_times() -> None:
    assert read_times(pl.Series([NOON.date()])) is None


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Shanghai"])
def test_typed_times_become_naive_utc_microseconds(unit: str, zone: str | None) -> None:
    series = pl.Series([NOON.replace(tzinfo=UTC)], dtype=pl.Datetime("us", "UTC"))
    series = series.dt.convert_time_zone(zone) if zone else series.dt.replace_time_zone(None)
    times = read_times(series.dt.cast_time_unit(unit))  # type: ignore[arg-type]
    assert times is not None
    assert (times.dtype, times.item()) == (pl.Datetime("us"), NOON)


def test_typed_times_outside_the_years_are_no_times() -> None:
    assert read(datetime(1969, 12, 31)) is None  # noqa: DTZ001


def test_a_missing_time_stays_missing() -> None:
    times = read_times(pl.Series([None, "2026-01-02 12:00:00"], dtype=pl.String))
    assert times is not None
    assert times.to_list() == [None, NOON]


def test_a_column_without_values_is_read() -> None:
    times = read_times(pl.Series([None, None]))
    assert times is not None
    assert (times.dtype, times.to_list()) == (pl.Datetime("us"), [None, None])


@settings(deadline=None)
@given(
    st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001
    st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
    st.sampled_from(["T", " "]),
)
def test_every_iso_time_is_the_moment_python_reads(
    moment: datetime, zone: timezone, separator: str
) -> None:
    text = moment.replace(tzinfo=zone).isoformat(separator)
    assert read(text) == datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)


@settings(deadline=None)
@given(st.text(alphabet="0123456789-:T +Z.", max_size=26))
def test_no_text_is_read_as_a_moment_python_reads_otherwise(text: str) -> None:
    moment = read(text)
    if moment is None or text.isdigit():
        return
    expected = datetime.fromisoformat(text.replace(" +", "+").replace(" Z", "Z").replace(" -", "-"))
    aware = expected if expected.tzinfo else expected.replace(tzinfo=UTC)
    assert moment == aware.astimezone(UTC).replace(tzinfo=None)
