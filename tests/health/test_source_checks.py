"""Volume, freshness and late rows of a source: what warns, what fails, what stays silent."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ab_assets.health.finding import Status
from ab_assets.health.source_checks import (
    SourceCheck,
    SourceLimits,
    check_freshness,
    check_late_rows,
    check_source,
    check_volume,
)
from ab_assets.health.source_days import EVENTS, EXPOSURES, Lags, Source, SourceDay, SourceHistory

DAY = date(2024, 3, 29)  # a Friday
END = datetime(2024, 3, 29, 23, 59, 59, 999_999, tzinfo=UTC)


def a_history(
    by_day: dict[date, SourceDay], source: Source = EVENTS, lags: Lags | None = None
) -> SourceHistory:
    return SourceHistory(source, DAY, ZoneInfo("UTC"), by_day, lags or Lags(), lookback_days=3)


def weeks(today: int, *before: int, others: int = 100) -> SourceHistory:
    """Rows of the day, of the same weekday in the weeks before, and of every day between."""
    rows = {
        DAY - timedelta(days=back): before[back // 7 - 1] if back % 7 == 0 else others
        for back in range(1, 7 * len(before) + 1)
    }
    by_day = {day: SourceDay(count, ending(day)) for day, count in rows.items() if count}
    return a_history(by_day | ({DAY: SourceDay(today, END)} if today else {}))


def ending(day: date, minutes_before: float = 0) -> datetime:
    end = datetime(day.year, day.month, day.day, 23, 59, 59, 999_999, tzinfo=UTC)
    return end - timedelta(minutes=minutes_before)


def quiet(today: float, *earlier: float) -> SourceHistory:
    """Minutes between the newest row and the end of each day."""
    by_day = {
        DAY - timedelta(days=back): SourceDay(10, ending(DAY - timedelta(days=back), minutes))
        for back, minutes in enumerate((today, *earlier))
    }
    return a_history(by_day)


@pytest.mark.parametrize(
    ("today", "status"),
    [
        (100, Status.PASS),
        (50, Status.PASS),
        (49, Status.WARN),
        (200, Status.PASS),
        (201, Status.WARN),
    ],
)
def test_a_day_is_held_against_the_median_of_its_weekday(today: int, status: Status) -> None:
    finding = check_volume(weeks(today, 90, 110, 1000, 10, others=5000))
    assert finding.status is status
    assert finding.value == pytest.approx(today / 100)
    assert f"{today / 100:.2f} times the 100 that are usual on a Friday" in finding.message


def test_an_outage_a_week_ago_does_not_make_the_day_unusual() -> None:
    assert check_volume(weeks(100, 0, 100, 100)).status is Status.PASS


def test_an_empty_day_fails_once_there_were_rows() -> None:
    finding = check_volume(weeks(0, 100, 100))
    assert finding.status is Status.FAIL
    assert finding.message == "no events on 2024-03-29; the last are of 2024-03-28"


def test_an_empty_day_fails_even_after_weeks_of_outage() -> None:
    old = DAY - timedelta(days=26)
    finding = check_volume(a_history({old: SourceDay(100, ending(old))}))
    assert finding.status is Status.FAIL


def test_a_source_nobody_filled_warns() -> None:
    found = check_source(a_history({}, EXPOSURES))
    assert [item.status for item in found] == [Status.WARN, Status.WARN]
    assert found[0].message == "no exposures on 2024-03-29 nor in the weeks before"


def test_one_week_is_too_little_to_say_what_is_usual() -> None:
    finding = check_volume(weeks(1, 100))
    assert finding.status is Status.PASS
    assert "too few weeks to say what is usual on a Friday" in finding.message


@pytest.mark.parametrize(("today", "status"), [(59, Status.PASS), (61, Status.WARN)])
def test_a_source_that_is_busy_to_midnight_may_be_quiet_for_an_hour(
    today: float, status: Status
) -> None:
    assert check_freshness(quiet(today, 1, 2, 1)).status is status


@pytest.mark.parametrize(("today", "status"), [(479, Status.PASS), (481, Status.WARN)])
def test_a_source_that_sleeps_at_night_may_be_quiet_four_times_as_long_as_usual(
    today: float, status: Status
) -> None:
    finding = check_freshness(quiet(today, 120, 120, 1200))
    assert finding.status is status
    assert "2.0 h are usual" in finding.message


def test_a_whole_day_of_silence_fails() -> None:
    yesterday = DAY - timedelta(days=1)
    finding = check_freshness(a_history({yesterday: SourceDay(9, ending(yesterday))}))
    assert finding.status is Status.FAIL
    assert "the newest row is of 2024-03-28 23:59 UTC, 1.0 d before the end" in finding.message


def test_the_first_day_of_a_source_is_held_against_the_hour_alone() -> None:
    assert check_freshness(quiet(30)).status is Status.PASS
    assert check_freshness(quiet(90)).status is Status.WARN


def late(missed: int, arrived: int = 10_000, known: int = 1000) -> SourceHistory:
    old = DAY - timedelta(days=5)
    return a_history(
        {
            DAY: SourceDay(1000, END, known=known, late=25, arrived=arrived - missed),
            old: SourceDay(500, ending(old), known=500, late=missed, arrived=missed, missed=missed),
        },
        lags=Lags(2.0, 90.0, 7200.0) if known else Lags(),
    )


@pytest.mark.parametrize(
    ("missed", "status"), [(0, Status.PASS), (10, Status.PASS), (11, Status.WARN)]
)
def test_more_than_one_arrival_in_a_thousand_that_counts_nowhere_warns(
    missed: int, status: Status
) -> None:
    finding = check_late_rows(late(missed))
    assert finding.status is status
    assert ("are of days that are not made again any more" in finding.message) is bool(missed)


def test_late_rows_are_told_with_their_lags() -> None:
    assert check_late_rows(late(11)).message == (
        "25 of 1,000 rows of 2024-03-29 (2.50%) arrived after the day had ended; half of the rows "
        "took up to 2 s, 95% up to 1.5 min, 99% up to 2.0 h; 11 of the 10,000 rows that arrived "
        "on the day (0.11%) are of days that are not made again any more (AB_LOOKBACK_DAYS is 3)"
    )


def test_a_source_that_does_not_say_when_rows_arrived_passes_and_says_so() -> None:
    finding = check_late_rows(late(0, arrived=0, known=0))
    assert finding.status is Status.PASS
    assert finding.message == "it is not known when the rows of 2024-03-29 arrived"


def test_limits_can_be_set() -> None:
    limits = SourceLimits(low=0.9, quiet_minutes=10, missed=0.0)
    assert check_volume(weeks(80, 100, 100), limits).status is Status.WARN
    assert check_freshness(quiet(11, 1), limits).status is Status.WARN
    assert check_late_rows(late(1), limits).status is Status.WARN


def test_a_source_has_the_checks_it_has_columns_for() -> None:
    assert [item.check for item in check_source(weeks(1, 1))] == list(SourceCheck)
    assert [item.check for item in check_source(a_history({}, EXPOSURES))] == [
        SourceCheck.VOLUME,
        SourceCheck.FRESHNESS,
    ]
