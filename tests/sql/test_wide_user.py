"""Rules 3, 6 and 7: which events of a unit count for which measure."""

from datetime import date
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ab_assets.analysis.wide_user import wide_user_statement
from ab_assets.modules.model import Module
from tests.sql.bench import LEAN, RICH, Bench, a_module, gate
from tests.sql.rows import Event, at, exposed, pay, visit

DAY_1, DAY_2, DAY_3 = date(2024, 3, 1), date(2024, 3, 2), date(2024, 3, 3)
DAY_4 = date(2024, 3, 4)


WINDOWS = {
    name: RICH[name]
    for name in (
        "visits_1d",
        "visits_later",
        "visits_later_1d",
        "visits_recently",
        "retention_d0",
        "retention_d1",
        "amount",
        "active_days",
    )
}


@pytest.fixture(autouse=True)
def _windows(bench: Bench) -> None:
    bench.module = a_module(WINDOWS, ("visits", "amount", "active_days"))


def of_one_day(bench: Bench, *columns: str) -> None:
    """A module with these columns, each since exposure and within a day of it."""
    metrics = {name: {"type": "mean", "column": name, "window": {"days": 1}} for name in columns}
    bench.module = a_module(metrics, columns)


def measured(bench: Bench, day: date, measure: str, *visits: str, exposed_at: str) -> float | None:
    """The measure of one unit that was exposed once and visited at these times."""
    bench.load(exposed("u", "0", exposed_at), *(visit("u", when) for when in visits))
    value: float | None = bench.full(day).unit(day, "u")[measure]
    return value


def test_the_parts_of_a_partition_are_together_the_whole(bench: Bench) -> None:
    for number in range(40):
        bench.load(exposed(f"u{number}", "01"[number % 2], "03-01 10:00"))
        bench.load(visit(f"u{number}", "03-01 11:00"))
    bench.load(exposed("u7", "0", "03-01 12:00"))
    day = bench.day(date(2024, 3, 1))
    table = bench.table(day)
    whole = wide_user_statement(bench.library, day, table, [], day.experiments)
    assert whole.in_parts is not None
    parts = [bench.warehouse.fetch(part) for part in whole.in_parts(4)]
    assert all(part.height for part in parts)
    assert_frame_equal(
        pl.concat(parts).sort("user_id"), bench.warehouse.fetch(whole).sort("user_id")
    )


def test_an_event_exactly_at_exposure_counts_and_one_microsecond_earlier_does_not(
    bench: Bench,
) -> None:
    counted = measured(
        bench,
        DAY_1,
        "visits",
        "03-01 09:59:59.999999",
        "03-01 10:00:00",
        exposed_at="03-01 10:00",
    )
    assert counted == 1.0


def test_an_event_counts_until_the_last_microsecond_of_the_day(bench: Bench) -> None:
    times = ("03-01 23:59:59.999999", "03-02 00:00:00")
    assert measured(bench, DAY_1, "visits", *times, exposed_at="03-01 10:00") == 1.0


def test_after_the_phase_events_no_longer_count(bench: Bench) -> None:
    bench.experiments = (gate(ended="2024-03-02T12:00"),)
    times = ("03-02 12:00:00", "03-02 12:00:00.000001", "03-03 10:00")
    assert measured(bench, DAY_3, "visits", *times, exposed_at="03-01 10:00") == 1.0


def test_a_conversion_window_runs_past_the_end_of_the_phase(bench: Bench) -> None:
    bench.experiments = (gate(ended="2024-03-02T12:00"),)
    times = ("03-02 13:00", "03-03 10:00:00", "03-03 10:00:00.000001")
    assert measured(bench, DAY_3, "visits_within_1d", *times, exposed_at="03-02 10:00") == 2.0


def test_a_retention_day_runs_past_the_end_of_the_phase(bench: Bench) -> None:
    bench.experiments = (gate(ended="2024-03-02T12:00"),)
    counted = measured(bench, DAY_3, "active_days_day_1", "03-03 23:00", exposed_at="03-02 10:00")
    assert counted == 1.0


def test_a_window_is_closed_on_both_sides(bench: Bench) -> None:
    times = ("03-01 10:00:00", "03-02 10:00:00", "03-02 10:00:00.000001")
    assert measured(bench, DAY_2, "visits_within_1d", *times, exposed_at="03-01 10:00") == 2.0


def test_with_a_delay_the_clock_starts_later_and_its_first_instant_counts(bench: Bench) -> None:
    times = ("03-01 21:59:59.999999", "03-01 22:00:00", "03-02 10:00")
    assert measured(bench, DAY_2, "visits_after_12h", *times, exposed_at="03-01 10:00") == 2.0


def test_a_window_behind_a_delay_ends_later(bench: Bench) -> None:
    times = ("03-01 21:59", "03-01 22:00:00", "03-02 22:00:00", "03-02 22:00:00.000001")
    measure = "visits_after_12h_within_1d"
    assert measured(bench, DAY_3, measure, *times, exposed_at="03-01 10:00") == 2.0


def test_a_lookback_counts_the_last_hours_before_the_end_of_the_day(bench: Bench) -> None:
    times = ("03-02 10:00", "03-02 23:59:59.999998", "03-02 23:59:59.999999", "03-04 10:00")
    assert measured(bench, DAY_4, "visits_last_2d", *times, exposed_at="03-01 10:00") == 2.0


def test_a_lookback_counts_the_last_hours_before_the_end_of_an_ended_phase(bench: Bench) -> None:
    bench.experiments = (gate(ended="2024-03-03T12:00"),)
    times = ("03-01 11:59", "03-01 12:00", "03-03 12:00", "03-03 12:00:00.000001")
    assert measured(bench, DAY_4, "visits_last_2d", *times, exposed_at="03-01 10:00") == 2.0


def test_a_lookback_does_not_reach_behind_the_exposure(bench: Bench) -> None:
    times = ("03-03 09:00", "03-03 11:00")
    assert measured(bench, DAY_3, "visits_last_2d", *times, exposed_at="03-03 10:00") == 1.0


def test_retention_day_0_counts_the_day_of_exposure_from_exposure_on(bench: Bench) -> None:
    assert (
        measured(bench, DAY_1, "active_days_day_0", "03-01 09:00", exposed_at="03-01 10:00") == 0.0
    )


@pytest.mark.parametrize(
    ("zone", "exposure", "inside", "outside"),
    [
        (
            "UTC",
            "03-01 23:30",
            ["03-02 00:00", "03-02 23:59:59.999999"],
            ["03-01 23:45", "03-03 00:00"],
        ),
        # 8 hours ahead: 16:00 UTC is midnight
        (
            "Asia/Shanghai",
            "03-01 15:59",
            ["03-01 16:00", "03-02 15:59"],
            ["03-01 15:59:30", "03-02 16:00"],
        ),
        # clocks go forward on 10 March at 07:00 UTC: the 9th ends at 05:00, the 10th at 04:00
        (
            "America/New_York",
            "03-10 04:59",
            ["03-10 05:00", "03-11 03:59"],
            ["03-10 04:59:30", "03-11 04:00"],
        ),
        # clocks go back on 3 November at 06:00 UTC: that day lasts from 04:00 to 05:00 the next day
        (
            "America/New_York",
            "11-03 03:59",
            ["11-03 04:00", "11-04 04:59"],
            ["11-03 03:59:30", "11-04 05:00"],
        ),
        # midnight of 8 September does not exist: the day begins at 01:00, which is 04:00 UTC
        (
            "America/Santiago",
            "09-08 03:59",
            ["09-08 04:00", "09-09 02:59"],
            ["09-08 03:59:30", "09-09 03:00"],
        ),
    ],
    ids=["utc", "shanghai", "spring forward", "fall back", "no midnight"],
)
def test_retention_day_1_is_the_next_calendar_day_of_the_business_time_zone(
    bench: Bench, zone: str, exposure: str, inside: list[str], outside: list[str]
) -> None:
    bench.zone = ZoneInfo(zone)
    moment = at(exposure).astimezone(bench.zone).date()
    bench.load(*(exposed(f"in {when}", "0", exposure) for when in inside))
    bench.load(*(exposed(f"out {when}", "0", exposure) for when in outside))
    bench.load(*(visit(f"in {when}", when) for when in inside))
    bench.load(*(visit(f"out {when}", when) for when in outside))
    day = date.fromordinal(moment.toordinal() + 2)
    rows = bench.full(day).wide(day)
    found = dict(rows.select("user_id", "active_days_day_1").iter_rows())
    assert found == {f"in {when}": 1.0 for when in inside} | {
        f"out {when}": 0.0 for when in outside
    }
    assert set(rows["exposed_on"]) == {moment}


def test_a_business_day_ends_when_its_time_zone_says_so(bench: Bench) -> None:
    bench.zone = ZoneInfo("America/New_York")
    times = ("03-11 03:59:59.999999", "03-11 04:00")
    assert measured(bench, date(2024, 3, 10), "visits", *times, exposed_at="03-10 06:00") == 1.0


def test_active_days_count_business_days_not_events(bench: Bench) -> None:
    bench.zone = ZoneInfo("Asia/Shanghai")
    times = ("03-01 10:00", "03-01 15:59", "03-01 16:01", "03-02 15:00", "03-03 10:00")
    assert measured(bench, DAY_3, "active_days", *times, exposed_at="03-01 10:00") == 3.0


def test_the_covariate_is_the_same_measure_in_the_half_open_window_before_exposure(
    bench: Bench,
) -> None:
    bench.load(
        exposed("u", "0", "03-04 10:00"),
        pay("u", "03-01 09:59:59.999999", 1),
        pay("u", "03-01 10:00", 10),
        pay("u", "03-04 09:59:59.999999", 100),
        pay("u", "03-04 10:00", 1000),
    )
    row = bench.full(DAY_4).unit(DAY_4, "u")
    assert (row["amount_before_3d"], row["amount"]) == (110.0, 1000.0)


def test_the_covariate_reaches_behind_the_start_of_the_phase(bench: Bench) -> None:
    bench.load(exposed("u", "0", "03-01 10:00"), pay("u", "02-27 12:00", 7))
    assert bench.full(DAY_1).unit(DAY_1, "u")["amount_before_3d"] == 7.0


def test_a_covariate_of_days_counts_business_days(bench: Bench) -> None:
    bench.load(
        exposed("u", "0", "03-01 10:00"),
        visit("u", "02-28 12:00"),
        visit("u", "02-28 13:00"),
        visit("u", "03-01 09:00"),
    )
    assert bench.full(DAY_1).unit(DAY_1, "u")["active_days_before_3d"] == 2.0


def test_a_unit_without_any_event_has_a_row_with_zeros(bench: Bench) -> None:
    bench.load(exposed("u", "0", "03-01 10:00"))
    row = bench.full(DAY_1).unit(DAY_1, "u")
    summed = ("visits", "amount", "active_days", "visits_within_1d", "amount_before_3d")
    assert [row[name] for name in summed] == [0.0] * 5


def test_a_largest_value_of_no_event_is_null(bench: Bench) -> None:
    of_one_day(bench, "largest", "smallest")
    bench.load(exposed("u", "0", "03-01 10:00"))
    row = bench.full(DAY_1).unit(DAY_1, "u")
    assert (row["largest"], row["smallest_within_1d"]) == (None, None)


def test_every_event_since_exposure_is_counted_whatever_it_is(bench: Bench) -> None:
    bench.experiments = (gate(ended="2024-03-02T12:00"),)
    bench.load(
        exposed("u", "0", "03-01 10:00"),
        visit("u", "02-27 09:59"),
        visit("u", "02-27 10:00"),
        visit("u", "03-01 09:59"),
        visit("u", "03-01 10:00"),
        pay("u", "03-02 12:00", 5),
        pay("u", "03-02 12:01", 5),
        exposed("silent", "1", "03-01 10:00"),
    )
    bench.make(DAY_1)
    bench.make(DAY_2)
    row, silent = bench.unit(DAY_2, "u"), bench.unit(DAY_2, "silent")
    assert (row["events_after_exposure"], row["events_before_exposure"]) == (2.0, 2.0)
    assert (silent["events_after_exposure"], silent["events_before_exposure"]) == (0.0, 0.0)


def test_events_of_a_unit_that_was_never_exposed_make_no_row(bench: Bench) -> None:
    bench.load(exposed("u", "0", "03-01 10:00"), visit("stranger", "03-01 11:00"))
    assert bench.full(DAY_1).wide(DAY_1)["user_id"].to_list() == ["u"]


def test_the_largest_and_smallest_values_are_over_all_days(bench: Bench) -> None:
    of_one_day(bench, "largest", "smallest")
    bench.load(
        exposed("u", "0", "03-01 10:00"),
        pay("u", "03-01 09:00", 1000),
        pay("u", "03-01 11:00", -5),
        visit("u", "03-02 11:00"),
        pay("u", "03-03 11:00", -7),
        pay("u", "03-03 12:00", -6),
    )
    row = bench.full(DAY_3).unit(DAY_3, "u")
    assert (row["largest"], row["smallest"]) == (-5.0, -7.0)


def test_distinct_things_are_counted_by_the_day(bench: Bench) -> None:
    of_one_day(bench, "sessions")
    bench.load(
        exposed("u", "0", "03-01 10:00"),
        visit("u", "03-01 09:00", "before"),
        visit("u", "03-01 11:00", "a"),
        visit("u", "03-01 12:00", "a"),
        visit("u", "03-01 13:00"),
        visit("u", "03-02 09:00", "a"),
        visit("u", "03-02 09:30", "b"),
        visit("u", "03-02 11:00", "late"),
    )
    row = bench.full(DAY_2).unit(DAY_2, "u")
    assert (row["sessions"], row["sessions_within_1d"]) == (4.0, 3.0)


def test_a_day_without_an_event_in_the_window_has_no_value_of_its_own(bench: Bench) -> None:
    of_one_day(bench, "quiet_days", "fewest_a_day")
    # The third day has one event, but outside the window: it is no quiet day within the window, and
    # no day on which fewer than two things happened in it.
    bench.load(
        exposed("u", "0", "03-01 10:00"),
        *(visit("u", f"03-01 1{hour}:00") for hour in range(1, 5)),
        *(visit("u", f"03-02 0{hour}:00") for hour in range(1, 3)),
        visit("u", "03-03 10:00"),
    )
    row = bench.full(DAY_3).unit(DAY_3, "u")
    assert (row["quiet_days_within_1d"], row["quiet_days"]) == (1.0, 2.0)
    assert (row["fewest_a_day_within_1d"], row["fewest_a_day"]) == (2.0, 1.0)


def test_the_last_value_is_the_last_inside_the_window(bench: Bench) -> None:
    of_one_day(bench, "last_value")
    bench.load(
        exposed("u", "0", "03-01 10:00"),
        pay("u", "03-02 08:00", 1),
        pay("u", "03-02 09:00", 5),
        pay("u", "03-02 11:00", 9),
    )
    row = bench.full(DAY_2).unit(DAY_2, "u")
    assert (row["last_value_within_1d"], row["last_value"]) == (5.0, 9.0)


def test_an_event_that_is_there_twice_counts_twice(bench: Bench) -> None:
    event = Event("u", at("03-01 11:00"))
    bench.load(exposed("u", "0", "03-01 10:00"), event, event)
    assert bench.full(DAY_1).unit(DAY_1, "u")["visits"] == 2.0


def test_a_column_that_is_a_condition_counts_as_1_or_0(bench: Bench) -> None:
    columns = {
        "visits": "count(*)",
        "paid": "max(event_name = 'pay')",
        "paid_days": {"sql": "max(event_name = 'pay')", "merge": "sum"},
    }
    bench.module = Module.model_validate(
        bench.module.model_dump() | {"columns": columns, "metrics": LEAN}
    )
    bench.load(
        exposed("u", "0", "03-01 10:00"),
        pay("u", "03-01 11:00", 1),
        visit("u", "03-02 11:00"),
        pay("u", "03-03 11:00", 1),
    )
    row = bench.full(DAY_3).unit(DAY_3, "u")
    assert (row["paid"], row["paid_days"]) == (1.0, 2.0)
