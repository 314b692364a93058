"""What a source had on each day, counted by hand."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from ab_assets.health.source_days import (
    EVENTS,
    EXPOSURES,
    Lags,
    Source,
    SourceDay,
    SourceHistory,
    read_history,
)
from ab_assets.warehouse.frames import frame_of
from ab_assets.warehouse.schema import fixed_table
from tests.sql.bench import Bench
from tests.sql.rows import at, exposed, visit

DAY = date(2024, 3, 29)
OLDEST = date(2024, 3, 1)


def history(
    bench: Bench, source: Source = EVENTS, day: date = DAY, zone: str = "UTC", lookback: int = 3
) -> SourceHistory:
    return read_history(bench.warehouse, bench.library, source, day, ZoneInfo(zone), lookback)


def load(bench: Bench, *rows: tuple[str, str | None]) -> None:
    """Events: when they happened and when they arrived."""
    table = fixed_table("ab_source.events")
    events = [
        visit(f"u{place}", happened).row
        | {"received_at": at(arrived).replace(tzinfo=None) if arrived else None}
        for place, (happened, arrived) in enumerate(rows)
    ]
    bench.warehouse.append(table, frame_of(table, events))


def test_days_are_counted_from_four_weeks_before_to_the_last_microsecond(bench: Bench) -> None:
    load(
        bench,
        ("02-29 23:59:59.999999", None),
        ("03-01 00:00:00", None),
        ("03-29 10:00:00", None),
        ("03-29 23:59:59.999999", None),
        ("03-30 00:00:00", None),
    )
    found = history(bench).by_day
    assert {day: item.rows for day, item in found.items()} == {OLDEST: 1, DAY: 2}
    assert found[DAY].newest == datetime(2024, 3, 29, 23, 59, 59, 999_999, tzinfo=UTC)


def test_a_day_is_a_business_day(bench: Bench) -> None:
    load(bench, ("03-28 15:59:59", "03-28 16:30:00"), ("03-28 16:00:00", "03-28 16:30:00"))
    found = history(bench, zone="Asia/Shanghai").by_day
    assert {day: (item.rows, item.late) for day, item in found.items()} == {
        date(2024, 3, 28): (1, 1),
        DAY: (1, 0),
    }


def test_rows_that_arrive_after_their_day_are_late(bench: Bench) -> None:
    load(
        bench,
        ("03-29 10:00", "03-29 10:01"),
        ("03-29 11:00", "03-29 23:59:59.999999"),
        ("03-29 12:00", "03-30 00:00:00"),
        ("03-29 13:00", None),
    )
    day = history(bench).today
    assert (day.rows, day.known, day.late, day.arrived) == (4, 3, 1, 2)


@pytest.mark.parametrize(
    ("lookback", "missed"), [(1, {28: 1, 27: 1, 26: 1}), (2, {27: 1, 26: 1}), (3, {26: 1}), (4, {})]
)
def test_arrivals_of_the_day_for_days_that_are_not_made_again_are_counted(
    bench: Bench, lookback: int, missed: dict[int, int]
) -> None:
    """On 30 March, with three days of look-back, 27 to 29 March are made again."""
    load(
        bench,
        ("03-26 10:00", "03-29 12:00"),
        ("03-26 10:00", "03-28 12:00"),
        ("03-27 10:00", "03-29 12:00"),
        ("03-28 10:00", "03-29 12:00"),
        ("03-29 10:00", "03-29 12:00"),
    )
    found = history(bench, lookback=lookback).by_day
    assert {day.day: item.missed for day, item in found.items() if item.missed} == missed
    assert sum(item.arrived for item in found.values()) == 4


def test_lags_are_those_of_the_rows_of_the_day_whose_arrival_is_known(bench: Bench) -> None:
    load(
        bench,
        *((f"03-29 10:00:{second:02d}", "03-29 10:01:00") for second in range(0, 60, 10)),
        ("03-29 10:00:00", None),
        ("03-28 10:00:00", "03-29 10:00:00"),
    )
    # 10, 20, … 60 seconds: the median lies between 30 and 40, the others just below 60.
    assert history(bench).lags == Lags(35.0, pytest.approx(57.5), pytest.approx(59.5))


def test_without_arrivals_there_are_no_lags(bench: Bench) -> None:
    load(bench, ("03-29 10:00", None))
    assert history(bench).lags == Lags()
    assert history(bench).today.known == 0


def test_exposures_have_no_arrivals_to_count(bench: Bench) -> None:
    bench.load(exposed("a", "0", "03-29 10:00"), exposed("b", "0", "03-22 11:00"))
    found = history(bench, EXPOSURES)
    newest = datetime(2024, 3, 29, 10, tzinfo=UTC)
    assert found.today == SourceDay(rows=1, newest=newest)
    assert found.same_weekdays == (date(2024, 3, 22),)
    assert found.lags == Lags()


def test_an_empty_source_has_only_the_day_itself(bench: Bench) -> None:
    found = history(bench)
    assert (found.by_day, found.days, found.earlier) == ({}, (DAY,), ())
    assert found.today == SourceDay()
