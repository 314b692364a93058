from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ab_assets.experiments import day_bounds, window_end
from tests.experiments.builders import a_phase, utc

BERLIN = ZoneInfo("Europe/Berlin")
MICROSECOND = timedelta(microseconds=1)


def test_a_day_in_utc_runs_from_midnight_to_its_last_microsecond() -> None:
    first, last = day_bounds(date(2026, 11, 20), ZoneInfo("UTC"))
    assert first == utc("2026-11-20T00:00")
    assert last == utc("2026-11-20T23:59:59.999999")


def test_a_day_east_of_utc_begins_on_the_utc_day_before() -> None:
    first, last = day_bounds(date(2026, 11, 20), ZoneInfo("Asia/Shanghai"))
    assert first == utc("2026-11-19T16:00")
    assert last == utc("2026-11-20T15:59:59.999999")


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("America/Sao_Paulo", date(2018, 11, 4), 23),  # midnight does not exist
        ("America/Sao_Paulo", date(2018, 2, 17), 25),  # 23:00 comes twice
        ("America/Havana", date(2026, 11, 1), 25),  # midnight comes twice
    ],
)
def test_a_day_on_which_clocks_change_is_as_long_as_its_zone_makes_it(
    zone: str, day: date, hours: float
) -> None:
    first, last = day_bounds(day, ZoneInfo(zone))
    assert last + MICROSECOND - first == timedelta(hours=hours)


def test_a_day_whose_midnight_clocks_jump_over_begins_at_the_jump() -> None:
    first, _ = day_bounds(date(2018, 11, 4), ZoneInfo("America/Sao_Paulo"))
    assert first == utc("2018-11-04T03:00")
    assert first.astimezone(ZoneInfo("America/Sao_Paulo")).hour == 1


def test_a_day_the_zone_skipped_has_no_instant() -> None:
    first, last = day_bounds(date(2011, 12, 30), ZoneInfo("Pacific/Apia"))
    assert last < first


@given(
    day=st.dates(date(1990, 1, 1), date(2030, 12, 31)),
    zone=st.sampled_from(
        ["UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia", "Asia/Kathmandu"]
    ),
)
def test_days_touch_without_gap_or_overlap(day: date, zone: str) -> None:
    _, last = day_bounds(day, ZoneInfo(zone))
    following, _ = day_bounds(day + timedelta(days=1), ZoneInfo(zone))
    assert last + MICROSECOND == following
    assert following.tzinfo is UTC


@given(st.datetimes(datetime(1990, 1, 1), datetime(2030, 12, 31)))  # noqa: DTZ001
def test_every_instant_lies_in_the_day_its_own_zone_calls_it(naive: datetime) -> None:
    instant = naive.replace(tzinfo=UTC)
    first, last = day_bounds(instant.astimezone(BERLIN).date(), BERLIN)
    assert first <= instant <= last


def test_the_window_of_an_open_phase_ends_with_the_day() -> None:
    end = window_end(a_phase(), date(2026, 11, 20), BERLIN)
    assert end == utc("2026-11-20T22:59:59.999999")


def test_the_window_of_a_phase_that_ended_before_the_day_ends_with_the_phase() -> None:
    phase = a_phase(ended_at=utc("2026-10-10T12:00"))
    assert window_end(phase, date(2026, 11, 20), BERLIN) == utc("2026-10-10T12:00")


def test_the_window_of_a_phase_that_ends_after_the_day_ends_with_the_day() -> None:
    phase = a_phase(ended_at=utc("2026-12-01T00:00"))
    assert window_end(phase, date(2026, 11, 20), BERLIN) == utc("2026-11-20T22:59:59.999999")
